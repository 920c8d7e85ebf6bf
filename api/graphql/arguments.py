"""Arguments: the query parameters and path of the REST twin, checked by the same models."""

from collections.abc import Iterator, Mapping
from functools import cache
from inspect import Parameter
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import strawberry
from annotated_types import Le
from pydantic import Field, ValidationError
from pydantic_core import PydanticUndefined

from api.graphql.scalars import DecimalText, Long, TimeText
from api.parameters import Address, Bound, Parameters, PostNumber, Time
from api.problem import invalid

Seq = Annotated[int, Field(ge=0, le=2**53)]


class OfMint(Parameters):
    """What belongs to one token."""

    mint: Address = Field(description="The token's address, base58 of 32 bytes.")


class OfMints(Parameters):
    """Tokens asked for together."""

    mints: list[Address] = Field(min_length=1, max_length=100, description="Up to 100 mints.")


class OfAddress(Parameters):
    """What belongs to one wallet."""

    address: Address = Field(description="A wallet's address, base58 of 32 bytes.")


class OfPost(Parameters):
    """One post."""

    id: PostNumber = Field(description="The post's id on X.")


class OfBoard(Parameters):
    """One board."""

    name: str = Field(description="Which board: new, graduating, graduated or trending.")


def declared(model: type[Parameters]) -> Iterator[Parameter]:
    """Yield the arguments of a model, as a resolver's signature has them."""
    for name, field in model.model_fields.items():
        about = strawberry.argument(name=field.alias or name, description=field.description)
        shown = _type(field.annotation)
        default = None if field.default is PydanticUndefined else field.default
        yield Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.is_required() else default,
            annotation=Annotated[shown if field.is_required() else shown | None, about],
        )


def checked(model: type[Parameters], given: Mapping[str, Any]) -> Any:
    """Return the arguments of a model out of all that were *given*; null is the same as none.

    Raises:
        Problem: naming the argument that makes no sense (400).
    """
    named = {
        alias: given[name] for name, alias in _aliases(model).items() if given.get(name) is not None
    }
    try:
        return model.model_validate(named)
    except ValidationError as error:
        # REST says first where a parameter stands, as in the query.
        found = error.errors(include_url=False, include_context=False)
        raise invalid([{**one, "loc": ("arguments", *one["loc"])} for one in found]) from None


def largest(model: type[Parameters], name: str) -> int:
    """Return the greatest value that a whole number among the arguments may have."""
    rules = model.model_fields[name].metadata
    return next(rule.le for rule in rules if isinstance(rule, Le) and isinstance(rule.le, int))


@cache
def _aliases(model: type[Parameters]) -> Mapping[str, str]:
    return {name: field.alias or name for name, field in model.model_fields.items()}


def _type(annotation: Any) -> Any:
    """Return what a parameter is in GraphQL; whatever is not listed is a text to be checked."""
    inside = [one for one in get_args(annotation) if one is not NoneType]
    if NoneType in get_args(annotation) and len(inside) == 1:
        return _type(inside[0])
    if annotation == Bound:
        return DecimalText
    if annotation == Time:
        return TimeText
    if annotation == Seq:
        return Long
    if get_origin(annotation) is list:
        return list[str]
    return annotation if annotation in (int, bool, float) else str
