"""JSON Schemas, older and newer: what was promised and is not any more. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
OBJECT: Schema = {}


class Side(NamedTuple):
    """A schema within the document that its references lead into."""

    schema: Schema
    document: Mapping[str, Any]

    def at(self, schema: Schema) -> "Side":
        """Return another schema of the same document, its references followed."""
        while "$ref" in schema:
            found: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            schema = found
        return self._replace(schema=schema)

    def branches(self) -> list["Side"]:
        """Return the alternatives that a value of this schema may be, one type each."""
        schema = self.at(self.schema).schema
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return [branch for one in schema[word] for branch in self.at(one).branches()]
        types = schema.get("type")
        if isinstance(types, list):
            return [self._replace(schema={**schema, "type": one}) for one in types]
        return [self._replace(schema=schema)]


Seen = frozenset[tuple[int, int]]


class Comparison(NamedTuple):
    """How schemas are compared. ``asked``: values come from clients, else they go to them."""

    asked: bool
    seen: Seen = frozenset()

    def breaks(self, old: Side, new: Side, at: str) -> Iterator[str]:
        """Yield a sentence for each promise of *old* that *new* does not keep."""
        before, after = old.branches(), new.branches()
        if len(before) == len(after) == 1:
            yield from self._one(before[0], after[0], at)
            return
        # Whoever makes the values has to stay within what the other side knows.
        made, known = (before, after) if self.asked else (after, before)
        for one in made:
            if not any(self._fits(one, other) for other in known):
                yield from self._nearest(one, known, at)
        yield from _lost_values(before, after, at)

    def _fits(self, made: Side, known: Side) -> bool:
        return not list(self._pair(made, known, ""))

    def _pair(self, made: Side, known: Side, at: str) -> Iterator[str]:
        old, new = (made, known) if self.asked else (known, made)
        return self._one(old, new, at)

    def _nearest(self, made: Side, known: list[Side], at: str) -> Iterator[str]:
        """Yield what is wrong with the alternative of the same type, where there is just one."""
        same = [other for other in known if _type(other) == _type(made)]
        if len(same) == 1:
            yield from self._pair(made, same[0], at)
        else:
            yield f"{at}: changed type, {_type(made)} is new or not known any more"

    def _one(self, old: Side, new: Side, at: str) -> Iterator[str]:
        pair = (id(old.schema), id(new.schema))
        if pair in self.seen or old.schema == new.schema == OBJECT:
            return
        yield from self._replace(seen=self.seen | {pair}).alternative(old, new, at)

    def alternative(self, old: Side, new: Side, at: str) -> Iterator[str]:
        """Yield what *new* does not keep of *old*, neither of which has alternatives."""
        yield from self._types(old, new, at)
        yield from _lost_values([old], [new], at)
        yield from self._values(old, new, at)
        yield from self._members(old, new, at)
        yield from self._items(old, new, at)
        if self.asked:
            yield from _narrowed(old.schema, new.schema, at)

    def _types(self, old: Side, new: Side, at: str) -> Iterator[str]:
        made, known = (old, new) if self.asked else (new, old)
        if not _is_within(_type(made), _type(known)):
            yield f"{at}: changed type from {_type(old)} to {_type(new)}"

    def _values(self, old: Side, new: Side, at: str) -> Iterator[str]:
        if self.asked and _values(old) is None and _values(new) is not None:
            yield f"{at}: takes only some values now"

    def _members(self, old: Side, new: Side, at: str) -> Iterator[str]:
        before, after = _properties(old), _properties(new)
        required_before, required_after = _required(old), _required(new)
        for name in before:
            if name not in after:
                yield f"{at}.{name}: removed"
            else:
                yield from self.breaks(old.at(before[name]), new.at(after[name]), f"{at}.{name}")
        if self.asked:
            for name in sorted(required_after - required_before):
                yield f"{at}.{name}: newly required"
        else:
            for name in sorted((required_before - required_after) & set(after)):
                yield f"{at}.{name}: may be absent now"
        yield from self._further(old, new, at)

    def _further(self, old: Side, new: Side, at: str) -> Iterator[str]:
        before = old.schema.get("additionalProperties", True)
        after = new.schema.get("additionalProperties", True)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.breaks(old.at(before), new.at(after), f"{at}.*")
        elif self.asked and after is False and before is not False:
            yield f"{at}: refuses further members now"

    def _items(self, old: Side, new: Side, at: str) -> Iterator[str]:
        before, after = old.schema.get("items"), new.schema.get("items")
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.breaks(old.at(before), new.at(after), f"{at}[]")


def _type(side: Side) -> str:
    schema = side.schema
    return str(schema.get("type") or _type_of_values(schema) or "anything")


def _type_of_values(schema: Schema) -> str | None:
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    names = {"str": "string", "int": "integer", "bool": "boolean", "NoneType": "null"}
    found = {names.get(type(value).__name__, "anything") for value in values}
    return found.pop() if len(found) == 1 else None


def _is_within(made: str, known: str) -> bool:
    return known in (made, "anything") or (made, known) == ("integer", "number")


def _values(side: Side) -> list[Any] | None:
    if "const" in side.schema:
        return [side.schema["const"]]
    found: list[Any] | None = side.schema.get("enum")
    return found


def _lost_values(before: list[Side], after: list[Side], at: str) -> Iterator[str]:
    """Yield the values of an enumeration that are gone: neither side can do without them."""
    if any(_values(one) is None and _type(one) == "string" for one in after):
        return
    left = [value for one in after for value in _values(one) or ()]
    if not left:
        return
    for value in (value for one in before for value in _values(one) or ()):
        if value not in left:
            yield f"{at}: value {value!r} removed"


def _properties(side: Side) -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = side.schema.get("properties", {})
    return found


def _required(side: Side) -> set[str]:
    return set(side.schema.get("required", ()))


ATMOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
ATLEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")


def _narrowed(old: Schema, new: Schema, at: str) -> Iterator[str]:
    """Yield the bounds within which a value that is asked for was not before."""
    for word in ATMOST:
        if word in new and not (word in old and old[word] <= new[word]):
            yield f"{at}: {word} is {new[word]} now"
    for word in ATLEAST:
        if word in new and not (word in old and old[word] >= new[word]):
            yield f"{at}: {word} is {new[word]} now"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{at}: another pattern"
