"""The contracts as they are committed, and what checks them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "contracts"


@cache
def committed() -> dict[str, Any]:
    """Return every contract by the name of its file."""
    paths = [path for path in FOLDER.rglob("*.json") if "released" not in path.parts]
    return {path.relative_to(FOLDER).as_posix(): json.loads(path.read_bytes()) for path in paths}


@cache
def asyncapi_meta() -> Any:
    """Return the AsyncAPI initiative's own JSON Schema of version 3.0.0.

    It is ``schemas/3.0.0-without-$id.json`` of its npm package ``@asyncapi/specs`` 6.11.1
    (Apache-2.0), without spaces.
    """
    packed = Path(__file__).with_name("asyncapi-3.0.0.json.zst").read_bytes()
    return json.loads(zstandard.decompress(packed))
