"""AsyncAPI documents, older and newer: what breaks clients and consumers of the older. Pure.

Of records this is what registries call BACKWARD for whoever reads them with older knowledge: no
field is dropped, none changes its type; held against every release, it is transitive.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from btracker.contracts.compat.schemas import Comparison, Side

Document = Mapping[str, Any]


def breaks(old: Document, new: Document) -> Iterator[str]:
    """Yield a sentence for everything that clients and consumers of *old* would miss in *new*."""
    for name, channel in old["channels"].items():
        if name not in new["channels"]:
            yield f"{name}: removed"
            continue
        now = new["channels"][name]
        if channel["address"] != now["address"]:
            yield f"{name}: address renamed"
    for name, operation in old["operations"].items():
        if name not in new["operations"]:
            yield f"operation {name}: removed"
            continue
        now = new["operations"][name]
        if operation["action"] != now["action"]:
            yield f"operation {name}: another action"
            continue
        yield from _messages(Side(operation, old), Side(now, new), name)


def _messages(old: Side, new: Side, at: str) -> Iterator[str]:
    how = Comparison(asked=old.schema["action"] == "receive")
    before, after = _named(old), _named(new)
    for name, message in before.items():
        where = f"{at} {name}"
        if name not in after:
            yield f"{where}: removed"
            continue
        now = after[name]
        if _key(message.schema) != _key(now.schema):
            yield f"{where} key: changed"
        for part in ("headers", "payload"):
            schemas = message.schema.get(part, {}), now.schema.get(part, {})
            yield from how.breaks(message.at(schemas[0]), now.at(schemas[1]), f"{where} {part}")


def _named(side: Side) -> dict[str, Side]:
    """Return an operation's messages by their names in the channel."""
    return {one["$ref"].rpartition("/")[2]: side.at(one) for one in side.schema["messages"]}


def _key(message: Mapping[str, Any]) -> Any:
    return message.get("bindings", {}).get("kafka", {}).get("key")
