"""What belongs to one token: trades, holders, posts, events, candles."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import Listing, ListOf, answer_json
from api.documents import CANDLES, EVENTS, HOLDERS, POSTS, TRADES
from api.parameters import NOTHING_ELSE, CandleList, MintPath, Paging
from api.services import Use
from domain.amounts import seconds_of
from schemas.candle import Candle
from views.candles import CandleQuery, candles
from views.contract import Key, Page

router = APIRouter(prefix="/v1/tokens/{mint}", tags=["tokens"])

PageQuery = Annotated[Paging, Query()]


@router.get("/trades", responses=TRADES, summary="Trades, newest first")
async def trades(request: Request, mint: MintPath, asked: PageQuery, use: Use) -> Response:
    """Return a token's trades in chain order, amounts in whole tokens."""
    await use.known(mint)
    listing = Listing(use.cursors, f"trades {mint}")
    return await listing.read(request, asked, partial(use.views.trades, mint))


@router.get("/holders", responses=HOLDERS, summary="Holders, largest first")
async def holders(request: Request, mint: MintPath, asked: PageQuery, use: Use) -> Response:
    """Return who holds a token; vaults of the program are no holders. Shares are of the supply."""
    await use.known(mint)
    listing = Listing(use.cursors, f"holders {mint}")
    return await listing.read(request, asked, partial(use.views.holders, mint))


@router.get("/events", responses=EVENTS, summary="Launch, completion, migration, newest first")
async def events(request: Request, mint: MintPath, asked: PageQuery, use: Use) -> Response:
    """Return what became of a token."""
    await use.known(mint)
    listing = Listing(use.cursors, f"events {mint}")
    return await listing.read(request, asked, partial(use.views.lifecycle, mint))


@router.get(
    "/posts", responses=POSTS, dependencies=[NOTHING_ELSE], summary="Posts, linked or candidate"
)
async def posts(request: Request, mint: MintPath, use: Use) -> Response:
    """Return the post that asked for a token, or those that may have, newest first."""
    await use.known(mint)
    return answer_json(request, ListOf(await use.views.posts_of(mint)))


@router.get("/candles", responses=CANDLES, summary="Candles, oldest first")
async def get_candles(
    request: Request, mint: MintPath, asked: Annotated[CandleList, Query()], use: Use
) -> Response:
    """Return the newest candles of a span, of any resolution, of price or market cap.

    An empty interval opens and closes at the close before it, with no volume. The interval that
    contains ``from`` is the first. The next page has older candles, in the same order.
    """
    await use.known(mint)
    span = asked.model_dump_json(exclude={"cursor", "limit"})
    listing = Listing(use.cursors, f"candles {mint} {span}")
    after = listing.after(asked.cursor)
    query = CandleQuery(
        mint=mint,
        resolution=asked.resolution,
        now=(await use.head.chain()).seconds or 0,
        start=asked.from_,
        end=asked.to if after is None else int(after.id),
        # One more than asked for shows whether there is a next page.
        limit=asked.limit + 1,
        kind=asked.kind,
        empty=asked.empty,
    )
    return listing.answer(request, newest(await candles(use.views, query), limit=asked.limit))


def newest(found: tuple[Candle, ...], *, limit: int) -> Page[Candle]:
    """Return the last *limit* candles; the next page ends before the first of them."""
    shown = found[-limit:]
    last = Key(None, str(seconds_of(shown[0].time))) if len(found) > limit else None
    return Page(shown, last)
