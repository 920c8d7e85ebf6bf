"""Scalars: what JSON numbers and GraphQL's own types would round or refuse."""

from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

DecimalText = NewType("DecimalText", str)
TimeText = NewType("TimeText", str)
Long = NewType("Long", int)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        # Of this the caller is told; whatever else is raised is our own fault.
        raise GraphQLError("it has to be written as a string")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise GraphQLError("it has to be a whole number")
    return value


SCALARS: Mapping[object, ScalarDefinition] = {
    DecimalText: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number in plain notation, as a string: "0.000123".',
        parse_value=_text,
    ),
    TimeText: strawberry.scalar(
        name="Time",
        description="A time, RFC 3339 in UTC; in arguments unix seconds in a string will do.",
        parse_value=_text,
    ),
    Long: strawberry.scalar(
        name="Long",
        description="A whole number that may have more than 32 bits.",
        parse_value=_whole,
    ),
}
"""Without a parser of their own for literals, these go through ``parse_value`` as variables do."""
