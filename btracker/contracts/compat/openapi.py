"""OpenAPI documents, older and newer: what breaks clients of the older. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from btracker.contracts.compat.schemas import Comparison, Side

Document = Mapping[str, Any]
ASKED = Comparison(asked=True)
GIVEN = Comparison(asked=False)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def breaks(old: Document, new: Document) -> Iterator[str]:
    """Yield a sentence for everything that clients of *old* would miss in *new*."""
    for path, methods in old["paths"].items():
        if path not in new["paths"]:
            yield f"{path}: removed"
            continue
        for method in (name for name in METHODS if name in methods):
            at = f"{method.upper()} {path}"
            if method not in new["paths"][path]:
                yield f"{at}: removed"
                continue
            before, after = methods[method], new["paths"][path][method]
            yield from _operation(Side(before, old), Side(after, new), at)


def _operation(old: Side, new: Side, at: str) -> Iterator[str]:
    # Generated clients call it by this.
    if old.schema.get("operationId") != new.schema.get("operationId"):
        yield f"{at}: operationId renamed"
    if {} in old.schema.get("security", [{}]) and {} not in (new.schema.get("security") or [{}]):
        yield f"{at}: needs a key now"
    yield from _parameters(old, new, at)
    yield from _body(old, new, at)
    yield from _responses(old, new, at)


def _parameters(old: Side, new: Side, at: str) -> Iterator[str]:
    before, after = _named(old), _named(new)
    for name, parameter in before.items():
        where = f"{at} {name[0]} {name[1]}"
        if name not in after:
            yield f"{where}: removed"
            continue
        if after[name].get("required") and not parameter.get("required"):
            yield f"{where}: newly required"
        schemas = parameter.get("schema", {}), after[name].get("schema", {})
        yield from ASKED.breaks(old.at(schemas[0]), new.at(schemas[1]), where)
    for name in after.keys() - before.keys():
        if after[name].get("required"):
            yield f"{at} {name[0]} {name[1]}: newly required"


def _named(side: Side) -> dict[tuple[str, str], Any]:
    found = [side.at(one).schema for one in side.schema.get("parameters", ())]
    return {(one["in"], one["name"]): one for one in found}


def _body(old: Side, new: Side, at: str) -> Iterator[str]:
    before = old.at(old.schema.get("requestBody", {}))
    after = new.at(new.schema.get("requestBody", {}))
    if after.schema.get("required") and not before.schema.get("required"):
        yield f"{at} body: newly required"
    yield from _contents(before, after, ASKED, f"{at} body")


def _responses(old: Side, new: Side, at: str) -> Iterator[str]:
    for status, response in old.schema["responses"].items():
        where = f"{at} {status}"
        if status not in new.schema["responses"]:
            # That a refusal does not happen any more breaks nobody.
            if status.startswith(("2", "3")):
                yield f"{where}: removed"
            continue
        before, after = old.at(response), new.at(new.schema["responses"][status])
        for name in before.schema.get("headers", ()):
            if name not in after.schema.get("headers", ()):
                yield f"{where} header {name}: removed"
        yield from _contents(before, after, GIVEN, where)


def _contents(old: Side, new: Side, how: Comparison, at: str) -> Iterator[str]:
    before, after = old.schema.get("content", {}), new.schema.get("content", {})
    for kind, content in before.items():
        if kind not in after:
            yield f"{at} {kind}: removed"
            continue
        schemas = content.get("schema", {}), after[kind].get("schema", {})
        yield from how.breaks(old.at(schemas[0]), new.at(schemas[1]), f"{at} body")
