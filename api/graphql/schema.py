"""The schema: what can be asked for, and followed."""

from collections.abc import AsyncGenerator, Callable, Mapping
from functools import cache
from inspect import Parameter, Signature
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, Info

from api.graphql.arguments import checked, declared
from api.graphql.context import Context
from api.graphql.guard import Guard
from api.graphql.live import FOLLOWED, Followed, LiveMessage, Pace, follow
from api.graphql.parts import NESTED, ROOT, Part
from api.graphql.scalars import SCALARS
from api.graphql.shapes import mirror, read, value_of
from api.parameters import Parameters


class Schema(strawberry.Schema):
    """A schema that leaves the log to whoever tells errors what they are."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Do nothing: most are the caller's."""


@cache
def schema() -> Schema:
    """Return the schema; it is the same for all apps."""
    for owner, part in NESTED:
        _add(mirror(owner), part)
    return Schema(
        _root("Query", {part.name: _field_of(part) for part in ROOT}),
        subscription=_root("Subscription", {one.channel: _channel(one) for one in FOLLOWED}),
        extensions=[Guard],
        config=StrawberryConfig(scalar_map=SCALARS, default_resolver=value_of),
    )


def _root(name: str, fields: Mapping[str, Any]) -> Any:
    return strawberry.type(type(name, (), dict(fields)), name=name)


def _add(owner: Any, part: Part) -> None:
    """Add a field that leads to other types; these lead back, so all have to be there before."""
    field = _field_of(part, is_nested=True)
    field.python_name, field.origin = part.name, owner
    owner.__strawberry_definition__.fields.append(field)


def _field_of(part: Part, *, is_nested: bool = False) -> Any:
    async def resolve(root: Any, info: Info[Context, None], **given: Any) -> Any:
        context = info.context
        at = root if is_nested else checked(part.at, given)
        asked = checked(part.asks, given)
        if part.is_batched:
            return await part.read(context, at, asked)
        async with context.turns:
            return read(await part.read(context, at, asked))

    _declare(resolve, part.at, part.asks, gives=part.gives | None)
    return strawberry.field(
        resolver=resolve, name=part.name, description=f"As {part.twin} in REST."
    )


def _channel(followed: Followed) -> Any:
    async def resolve(root: Any, info: Info[Context, None], **given: Any) -> Any:  # noqa: ARG001  (The library calls it so.)
        at, pace = checked(followed.at, given), checked(Pace, given)
        return await follow(info.context, followed, at, pace)

    _declare(resolve, followed.at, Pace, gives=AsyncGenerator[mirror(LiveMessage), None])  # type: ignore[misc]
    return strawberry.subscription(
        resolver=resolve, name=followed.channel, description=followed.about
    )


def _declare(resolve: Callable[..., Any], *models: type[Parameters], gives: Any) -> None:
    """Give a resolver the signature that its arguments are read from."""
    root = Parameter("root", Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)
    info = Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info[Context, None])
    arguments = [argument for model in models for argument in declared(model)]
    resolve.__signature__ = Signature([root, info, *arguments], return_annotation=gives)  # type: ignore[attr-defined]
