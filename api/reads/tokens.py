"""Tokens: the list, several at once; and what the store is asked for them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from msgspec.structs import replace

from api.lists import Listing, ListOf, bodies
from api.parameters import TokenFilters, TokenList
from api.services import Services
from schemas.fields import ChainTime, Mint, Stage
from views.contract import Figure, Key, TokenQuery

BOUNDED: tuple[Figure, ...] = (
    "progress", "price", "marketCap", "liquidity", "holders", "volume24h", "trades24h",
)  # fmt: skip


async def tokens(use: Services, asked: TokenList) -> ListOf:
    """Return a page of tokens, as their own bytes.

    Raises:
        Problem: the cursor is not one of this list (400).
    """
    filters = asked.model_dump_json(exclude={"cursor", "limit"})
    listing = Listing(use.cursors, f"tokens {filters}")
    now = (await use.head.chain()).seconds or 0
    query = token_query(asked, now=now, after=listing.after(asked.cursor))
    return listing.of(bodies(await use.views.tokens(query)))


async def batch(use: Services, mints: Sequence[Mint]) -> ListOf:
    """Return the known ones of some tokens, in the order asked for."""
    return ListOf([token.body for token in await use.views.tokens_by_mint(mints)])


def token_query(asked: TokenList, *, now: ChainTime, after: Key | None) -> TokenQuery:
    """Return what the store is asked for; ages are counted back from chain time *now*."""
    at_least, at_most = bounds(asked, now=now)
    by_age = asked.sort_by == "age"
    order = asked.sort_order or ("asc" if by_age else "desc")
    return replace(
        filter_query(asked),
        at_least=at_least,
        at_most=at_most,
        sort_by="launchedAt" if asked.sort_by == "age" else asked.sort_by,
        # The youngest has the smallest age and the latest launch.
        descending=(order == "asc") if by_age else (order == "desc"),
        limit=asked.limit,
        after=after,
    )


def filter_query(asked: TokenFilters) -> TokenQuery:
    """Return what the store is asked for where tokens are only filtered."""
    after, before = asked.launched_after, asked.launched_before
    return TokenQuery(
        launchpad=asked.launchpad,
        protocol=asked.protocol,
        stages=cast("tuple[Stage, ...]", tuple(asked.stage.split(","))) if asked.stage else (),
        category=asked.category,
        language=asked.language,
        creator=asked.creator,
        quote=asked.quote,
        has_post=asked.has_post,
        text=asked.q,
        at_least={} if after is None else {"launchedAt": Decimal(after)},
        at_most={} if before is None else {"launchedAt": Decimal(before)},
    )


Bounds = dict[Figure, Decimal]


def bounds(asked: TokenList, *, now: ChainTime) -> tuple[Bounds, Bounds]:
    """Return the inclusive (lower, upper) bounds; of two on the launch the narrower one."""
    given = asked.model_dump(by_alias=True, exclude_none=True)
    lower: Bounds = {f: given[n] for f in BOUNDED if (n := f"min{f[0].upper()}{f[1:]}") in given}
    upper: Bounds = {f: given[n] for f in BOUNDED if (n := f"max{f[0].upper()}{f[1:]}") in given}
    earliest = [Decimal(asked.launched_after)] if asked.launched_after is not None else []
    latest = [Decimal(asked.launched_before)] if asked.launched_before is not None else []
    earliest += [now - asked.max_age] if asked.max_age is not None else []
    latest += [now - asked.min_age] if asked.min_age is not None else []
    if earliest:
        lower["launchedAt"] = max(earliest)
    if latest:
        upper["launchedAt"] = min(latest)
    return lower, upper
