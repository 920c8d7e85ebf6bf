"""What a token can be filtered and sorted by, for every store; pure."""

from collections.abc import Mapping
from typing import get_args

import msgspec

from domain.amounts import seconds_of
from domain.errors import UsageError
from domain.order import order_key
from domain.spellings import launchpad_called, protocol_called
from schemas.fields import Address, Mint, Timestamp
from schemas.token import Token
from views.contract import Figure, TokenQuery

FIGURES: tuple[str, ...] = get_args(Figure)


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """What a token can be filtered by as it is; names are those of ``TokenQuery``."""

    launchpad: str | None
    protocol: str | None
    stage: str
    category: str | None
    language: str | None
    creator: Address | None
    quote: Mint | None
    has_post: bool


def facets(token: Token) -> Facets:
    """Return a token's facets."""
    project = token.project
    return Facets(
        launchpad=token.launchpad,
        protocol=token.protocol,
        stage=token.stage,
        category=project.category if project else None,
        language=project.language if project else None,
        creator=token.creator,
        quote=token.quote.mint,
        has_post=token.post.status == "matched",
    )


def figures(token: Token) -> Mapping[Figure, str | None]:
    """Return the order keys of a token's figures, None where unknown."""
    hour, day = token.windows.get("1h"), token.windows.get("24h")
    return {
        "progress": _key(token.progress),
        "price": _key(token.price),
        "marketCap": _key(token.market_cap),
        "liquidity": _key(token.liquidity),
        "holders": _key(token.holders),
        "launchedAt": _key(_seconds(token.launched_at)),
        "completedAt": _key(_seconds(token.completed_at)),
        "volume1h": _key(hour.volume if hour else None),
        "volume24h": _key(day.volume if day else None),
        "trades24h": _key(day.trades if day else None),
        "traders1h": _key(hour.traders if hour else None),
    }


def column_of(figure: str) -> str:
    """Return the column of a figure; it becomes part of a statement, so nothing else may pass.

    Raises:
        UsageError: there is no such figure.
    """
    if figure not in FIGURES:
        raise UsageError(f"Tokens have no figure {figure!r}; choose from {', '.join(FIGURES)}.")
    return figure


def fits(has: Facets, keys: Mapping[Figure, str | None], query: TokenQuery) -> bool:
    """Return whether facets and figures are within a query's filters, its ``text`` apart."""
    same = all(
        wanted in (None, getattr(has, name)) for name, wanted in equal_filters(query).items()
    )
    return (
        same
        and (not query.stages or has.stage in query.stages)
        and all((keys[f] or "") >= order_key(bound) for f, bound in query.at_least.items())
        and all((keys[f] or "~") <= order_key(bound) for f, bound in query.at_most.items())
    )


def equal_filters(query: TokenQuery) -> dict[str, str | bool | None]:
    """Return a query's filters that compare for equality, by facet; None is any.

    Launchpad and protocol may be asked for in a peer's spelling.
    """
    return {
        "launchpad": None if query.launchpad is None else launchpad_called(query.launchpad),
        "protocol": None if query.protocol is None else protocol_called(query.protocol),
        "category": query.category,
        "language": query.language,
        "creator": query.creator,
        "quote": query.quote,
        "has_post": query.has_post,
    }


def _key(number: str | float | None) -> str | None:
    return None if number is None else order_key(number)


def _seconds(at: Timestamp | None) -> int | None:
    return None if at is None else seconds_of(at)
