"""What belongs to one token: trades, holders, events, posts, candles."""

from functools import partial

from msgspec.structs import replace

from api.lists import Listing, ListOf
from api.parameters import CandleList, Paging
from api.services import Services
from domain.amounts import seconds_of
from schemas.candle import Candle
from schemas.fields import Mint
from views.candles import CandleQuery
from views.candles import candles as candles_of
from views.contract import Key, Page


async def trades(use: Services, mint: Mint, asked: Paging) -> ListOf:
    """Return a token's trades, newest first in chain order.

    Raises:
        Problem: the cursor is not one of this list (400); so in all that are below.
    """
    listing = Listing(use.cursors, f"trades {mint}")
    return await listing.read(asked, partial(use.views.trades, mint))


async def holders(use: Services, mint: Mint, asked: Paging) -> ListOf:
    """Return who holds a token, largest first, and the slot through which that is complete.

    Complete is what transactions of the launchpads' programs tell: others are not seen.
    """
    listing = Listing(use.cursors, f"holders {mint}")
    # Read before the page, which then has all of it.
    complete = (await use.head.chain()).complete_through_slot
    page = await listing.read(asked, partial(use.views.holders, mint))
    found = tuple(replace(holder, as_of_slot=complete) for holder in page.items)
    return replace(page, items=found)


async def events(use: Services, mint: Mint, asked: Paging) -> ListOf:
    """Return what became of a token, newest first."""
    listing = Listing(use.cursors, f"events {mint}")
    return await listing.read(asked, partial(use.views.lifecycle, mint))


async def posts(use: Services, mint: Mint) -> ListOf:
    """Return the post that asked for a token, or those that may have, newest first."""
    return ListOf(await use.views.posts_of(mint))


async def candles(use: Services, mint: Mint, asked: CandleList) -> ListOf:
    """Return the newest candles of a span, oldest first; the next page has older ones."""
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
    return listing.of(newest(await candles_of(use.views, query), limit=asked.limit))


def newest(found: tuple[Candle, ...], *, limit: int) -> Page[Candle]:
    """Return the last *limit* candles; the next page ends before the first of them."""
    shown = found[-limit:]
    last = Key(None, str(seconds_of(shown[0].time))) if len(found) > limit else None
    return Page(shown, last)
