"""Tokens: the list, one of them, several at once."""

from decimal import Decimal
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import (
    Listing,
    ListOf,
    answer,
    answer_json,
    bodies,
    version_shown,
    version_tag,
)
from api.documents import BATCH, TOKEN, TOKENS
from api.parameters import NOTHING_ELSE, Address, MintPath, TokenList
from api.services import Use
from schemas.fields import ChainTime, Stage
from views.contract import Figure, Key, TokenQuery

router = APIRouter(prefix="/v1/tokens", tags=["tokens"])

BOUNDED: tuple[Figure, ...] = (
    "progress", "price", "marketCap", "liquidity", "holders", "volume24h", "trades24h",
)  # fmt: skip


class Batch(BaseModel):
    """Tokens asked for together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mints: list[Address] = Field(min_length=1, max_length=100, description="Up to 100 mints.")


@router.get("", responses=TOKENS, summary="Tokens that fit, sorted")
async def list_tokens(request: Request, asked: Annotated[TokenList, Query()], use: Use) -> Response:
    """Return a page of tokens. Unknown figures match no bound and sort last either way."""
    filters = asked.model_dump_json(exclude={"cursor", "limit"})
    listing = Listing(use.cursors, f"tokens {filters}")
    now = (await use.head.chain()).seconds or 0
    query = token_query(asked, now=now, after=listing.after(asked.cursor))
    return listing.answer(request, bodies(await use.views.tokens(query)))


@router.post("/batch", responses=BATCH, dependencies=[NOTHING_ELSE], summary="Several at once")
async def batch(request: Request, asked: Batch, use: Use) -> Response:
    """Return the known ones of up to 100 tokens, in the order asked for."""
    found = await use.views.tokens_by_mint(asked.mints)
    return answer_json(request, ListOf([token.body for token in found]))


@router.get("/{mint}", responses=TOKEN, dependencies=[NOTHING_ELSE], summary="One token")
async def get_token(request: Request, mint: MintPath, use: Use) -> Response:
    """Return a token with its curve, windows, post and project. Its ETag is its version."""
    at_least = version_shown(request.headers.get("if-none-match"))
    document = await use.hot.token(mint, at_least=at_least)
    return answer(request, bytes(document.body), tag=version_tag(document.version))


def token_query(asked: TokenList, *, now: ChainTime, after: Key | None) -> TokenQuery:
    """Return what the store is asked for; ages are counted back from chain time *now*."""
    at_least, at_most = bounds(asked, now=now)
    by_age = asked.sort_by == "age"
    order = asked.sort_order or ("asc" if by_age else "desc")
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
        at_least=at_least,
        at_most=at_most,
        sort_by="launchedAt" if asked.sort_by == "age" else asked.sort_by,
        # The youngest has the smallest age and the latest launch.
        descending=(order == "asc") if by_age else (order == "desc"),
        limit=asked.limit,
        after=after,
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
