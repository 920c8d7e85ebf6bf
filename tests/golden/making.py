"""Values of a schema, made from its types: every alternative, every field given and left out."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

import msgspec
from msgspec import inspect

Make = Callable[[], Any]
"""Makes a value; its numbers and texts differ from those of every other."""


class Making:
    """Makes values in which no number and no text comes twice, so that none can pass for another.

    The same each time. Some numbers exceed *large*.
    """

    def __init__(self, large: int) -> None:
        self._numbers, self._large = count(1), large
        self._by_type: dict[type, Make] = {
            inspect.IntType: self._number,
            inspect.FloatType: lambda: self._number() + 0.5,
            inspect.StrType: self._text,
            inspect.AnyType: self._text,
            inspect.BytesType: lambda: self._text().encode(),
        }

    def samples(self, schema: Any) -> list[Any]:
        """Return values that show each alternative of each field, and one as bare as it may be."""
        kind = inspect.type_info(schema)
        made = [make() for make in self._ways(kind)]
        return made + [value for one in _structs(kind) if (value := self._bare(one)) not in made]

    def _ways(self, kind: Any) -> list[Make]:
        """Return ways to make a value; together they show every alternative."""
        ways: list[Make]
        match kind:
            case inspect.Metadata(type=one):
                ways = self._ways(one)
            case inspect.UnionType(types):
                # What is there comes before what is not.
                there = sorted(types, key=lambda one: isinstance(one, inspect.NoneType))
                ways = [way for one in there for way in self._ways(one)]
            case inspect.StructType():
                ways = self._struct_ways(kind)
            case inspect.VarTupleType(item):
                ways = [lambda: tuple(make() for make in self._ways(item)), tuple]
            case inspect.TupleType(items):
                ways = self._each([self._ways(item) for item in items], tuple)
            case inspect.DictType(key, value):
                ways = [lambda: {self._one(key): make() for make in self._ways(value)}, dict]
            case _:
                ways = self._plain_ways(kind)
        return ways

    def _plain_ways(self, kind: Any) -> list[Make]:
        values: Sequence[Any]
        match kind:
            case inspect.NoneType():
                values = (None,)
            case inspect.BoolType():
                values = (True, False)
            case inspect.LiteralType(values) | inspect.EnumType(values):
                pass
            case inspect.IntType(le=most) if most is not None:
                return [lambda: self._number() % most]
            case _:
                return [self._by_type[type(kind)]]
        return [lambda value=value: value for value in values]

    def _struct_ways(self, kind: inspect.StructType) -> list[Make]:
        names = [field.name for field in kind.fields]
        ways = [self._ways(field.type) for field in kind.fields]
        return self._each(ways, lambda values: kind.cls(**dict(zip(names, values, strict=True))))

    def _bare(self, kind: inspect.StructType) -> Any:
        """Return a struct with nothing that may be left out; what may be null is."""
        required = [field for field in kind.fields if field.required]
        return kind.cls(**{field.name: self._ways(field.type)[-1]() for field in required})

    def _each(
        self, ways: Sequence[Sequence[Make]], join: Callable[[Iterable[Any]], Any]
    ) -> list[Make]:
        """Return as many ways to make the whole as the part with the most alternatives has."""

        def make(turn: int) -> Make:
            return lambda: join([way[turn % len(way)]() for way in ways])

        return [make(turn) for turn in range(max(map(len, ways), default=1))]

    def _one(self, kind: Any) -> Any:
        return self._ways(kind)[0]()

    def _number(self) -> int:
        number = next(self._numbers)
        return number if number % 7 else self._large + number

    def _text(self) -> str:
        number = next(self._numbers)
        return f"t{number}" if number % 5 else f't{number} "é😀"'


def _structs(kind: Any) -> list[inspect.StructType]:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else [kind]
    return [one for one in kinds if isinstance(one, inspect.StructType)]


def meaning(value: Any) -> Any:
    """Return a value with the names of its fields, as JSON has it."""
    match value:
        case msgspec.Struct():
            return {name: meaning(getattr(value, name)) for name in value.__struct_fields__}
        case dict():
            return {str(key): meaning(one) for key, one in value.items()}
        case list() | tuple():
            return [meaning(one) for one in value]
        case bytes():
            return value.decode()
    return value


def includes(now: Any, then: Any) -> bool:
    """Say whether a meaning has all that it had *then*; fields may have been added."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(name in now and includes(now[name], one) for name, one in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(now) == len(then) and all(map(includes, now, then))
    return bool(now == then)
