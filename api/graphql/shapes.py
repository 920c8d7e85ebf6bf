"""The types of GraphQL, made from the schemas that REST answers with: nothing is written twice."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import strawberry
from strawberry.scalars import JSON

from api.bodies import MaybeTokenBody, TokenBody
from api.graphql.scalars import DecimalText, Long, TimeText
from schemas.fields import Amount, Price, Timestamp
from schemas.token import Token

_PLAIN: Mapping[Any, Any] = {str: str, bool: bool, float: float, int: Long, Any: JSON | None}
_token = msgspec.json.Decoder(Token).decode


class Entry(NamedTuple):
    """One member of an object with open keys."""

    key: str
    value: Any


@cache
def mirror(struct: type[msgspec.Struct]) -> Any:
    """Return the GraphQL type of a struct: its name, and its fields as they are in JSON."""
    hints = get_type_hints(struct, include_extras=True)
    members = {
        field.name: _member(field.name, field.encode_name, hints[field.name])
        for field in msgspec.structs.fields(struct)
    }
    return _object(struct.__name__, members, about=struct.__doc__)


@cache
def list_of(struct: type[msgspec.Struct]) -> Any:
    """Return the GraphQL type of a page of a list."""
    cursor = strawberry.field(description="Pass as cursor; null at the end.")
    members = {
        "items": (_list(mirror(struct)), strawberry.field()),
        "next_cursor": (str | None, cursor),
    }
    return _object(f"{struct.__name__}List", members, about="A page of a list.")


def value_of(source: Any, name: str) -> Any:
    """Return a member as GraphQL resolves it: where the bytes of a token are, the token."""
    value = getattr(source, name)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [read(item) for item in value]
    return read(value)


def read(value: Any) -> Any:
    """Return a value, of the bytes of a token the token."""
    return _token(value) if isinstance(value, msgspec.Raw) else value


def graphql_type(hint: Any) -> Any:
    """Return the GraphQL type of what a field of a struct is annotated with.

    Objects with open keys become lists of ``key`` and ``value``, for GraphQL names its fields;
    those of any content stay JSON.

    Raises:
        TypeError: it is nothing that a struct of ours has.
    """
    if hint in (Amount, Price):
        return DecimalText
    if hint == Timestamp:
        return TimeText
    if hint in (TokenBody, MaybeTokenBody):
        return mirror(Token) if hint == TokenBody else mirror(Token) | None
    return _PLAIN[hint] if hint in _PLAIN else _composed(hint)


def _composed(hint: Any) -> Any:
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return graphql_type(next(one for one in inside if one is not NoneType)) | None
    if origin is Annotated:
        return graphql_type(inside[0])
    if origin is Literal:
        return str
    if _is_object(hint):
        return JSON if inside[1] is Any else _list(_entry(inside[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _list(graphql_type(inside[0]))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return mirror(hint)
    raise TypeError(f"there is no GraphQL type for {hint!r}")


def _member(name: str, encoded: str, hint: Any) -> tuple[Any, Any]:
    shown = graphql_type(hint)
    if _is_object(hint) and shown is not JSON:
        return shown, strawberry.field(resolver=_entries(name, shown), name=encoded)
    return shown, strawberry.field(name=encoded)


def _entries(name: str, shown: Any) -> Callable[[Any], Any]:
    def entries(root: Any) -> Any:
        return [Entry(key, value) for key, value in getattr(root, name).items()]

    entries.__annotations__["return"] = shown
    return entries


@cache
def _entry(hint: Any) -> Any:
    inside = graphql_type(hint)
    # Many of them are a tuple, which is named by what is in it.
    name = (get_args(hint) or (hint,))[0].__name__
    members = {"key": (str, strawberry.field()), "value": (inside, strawberry.field())}
    return _object(f"{name}Entry", members, about="One member of an object, by its key.")


def _is_object(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _list(inside: Any) -> Any:
    return list[inside]


def _object(name: str, members: Mapping[str, tuple[Any, Any]], *, about: str | None) -> Any:
    hints = {member: hint for member, (hint, _) in members.items()}
    fields = {member: field for member, (_, field) in members.items()}
    made = type(name, (), {"__annotations__": hints, **fields})
    return strawberry.type(made, name=name, description=cleandoc(about or ""))
