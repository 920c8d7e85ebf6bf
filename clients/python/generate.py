"""Writes ``models.py`` of the client from ``contracts/openapi.json``: a struct for each shape.

usage: python clients/python/generate.py
"""

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "contracts" / "openapi.json"
MODELS = HERE / "src" / "btracker_client" / "models.py"
HEAD = '''"""The shapes of the API. Generated from contracts/openapi.json; do not edit.

A field whose values are named may have others one day: it is any text.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field
'''
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
Schema = Mapping[str, Any]


def models(contract: Schema) -> str:
    """Return the module."""
    shapes = contract["components"]["schemas"]
    kinds = {name: shape for name, shape in shapes.items() if "properties" in shape}
    return HEAD + "".join(line for name in sorted(kinds) for line in _struct(name, kinds[name]))


def _struct(name: str, shape: Schema) -> Iterator[str]:
    yield f"\n\nclass {name}(Struct, frozen=True, kw_only=True):\n"
    about = _sentence(shape.get("description", name))
    yield f'    """{about}"""\n\n'
    for wire, schema in shape["properties"].items():
        yield f"    {_field(wire, schema, is_required=wire in shape.get('required', ()))}\n"


def _field(wire: str, schema: Schema, *, is_required: bool) -> str:
    name, kind = snake(wire), annotation(schema)
    if not is_required and "None" not in kind.split(" | ") and kind != "Any":
        kind += " | None"
    given = [f'name="{wire}"'] if name != wire else []
    given += [] if is_required else ["default=None"]
    plain = " = None" if given == ["default=None"] else ""
    value = f" = field({', '.join(given)})" if given and not plain else plain
    return f"{name}: {kind}{value}"


def annotation(schema: Schema) -> str:
    """Return the type of a schema as it is written in Python."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        parts = [annotation(one) for one in schema["anyOf"]]
        return "Any" if "Any" in parts else " | ".join(parts)
    match schema.get("type"):
        case "array":
            return f"list[{annotation(schema.get('items', {}))}]"
        case "object":
            inside = schema.get("additionalProperties")
            return f"dict[str, {annotation(inside if isinstance(inside, Mapping) else {})}]"
        case str(kind):
            return PLAIN[kind]
    values = schema.get("enum", ())
    return "str" if values and all(isinstance(value, str) for value in values) else "Any"


def snake(name: str) -> str:
    """Return a name of the wire as Python has it."""
    found = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{found}_" if keyword.iskeyword(found) else found


def _sentence(about: str) -> str:
    first = " ".join(about.partition("\n\n")[0].split()).replace("``", "`").replace("\\", "")
    return first if len(first) < 90 else first[:90].rpartition(" ")[0] + " …"


if __name__ == "__main__":
    MODELS.write_text(models(json.loads(CONTRACT.read_bytes())))
