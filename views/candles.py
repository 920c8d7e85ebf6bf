"""Candles of any resolution, from what a store keeps; the same for every store."""

from collections.abc import Sequence

import msgspec

from domain.amounts import seconds_of
from domain.candles import (
    MINUTE,
    CandleKind,
    coarser,
    filled,
    finer,
    in_market_cap,
    step_of,
)
from schemas.candle import Candle
from schemas.fields import Amount, ChainTime, Mint, Price
from schemas.token import Token
from views.contract import Views

_AHEAD_S = 3600  # Trades become visible a little before the chain time that they belong to.
_supply_of = msgspec.json.Decoder(Token).decode


class CandleQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which candles: those whose interval holds or follows ``start`` and begins before ``end``.

    Of more than ``limit`` the newest. ``start`` None: as far back as there are trades. ``now`` is
    the chain time. ``empty``: with the intervals in which nothing was traded.
    """

    mint: Mint
    resolution: str
    now: ChainTime
    start: ChainTime | None = None
    end: ChainTime | None = None
    limit: int = 500
    kind: CandleKind = "price"
    empty: bool = True


async def candles(views: Views, query: CandleQuery) -> tuple[Candle, ...]:
    """Return the candles of a query, oldest first.

    Raises:
        UsageError: there is no such resolution.
    """
    step = step_of(query.resolution)
    end = query.now + _AHEAD_S if query.end is None else query.end
    start = 0 if query.start is None else query.start - query.start % step
    found = await (_dense if query.empty else _sparse)(views, query, start=start, end=end)
    shown = found[-query.limit :]
    return shown if query.kind == "price" else await _capped(views, query.mint, shown)


async def _dense(
    views: Views, query: CandleQuery, *, start: ChainTime, end: ChainTime
) -> tuple[Candle, ...]:
    """Return the intervals of a time, the empty ones too; never more than the limit."""
    step = step_of(query.resolution)
    newest = (min(end, query.now + 1) - 1) // step * step
    start = max(start, newest - (query.limit - 1) * step)
    before = await _close_before(views, query.mint, start, step=step)
    inside = await _between(views, query, start=start, end=newest + step)
    return filled(inside, step=step, start=start, end=end, before=before, now=query.now)


async def _sparse(
    views: Views, query: CandleQuery, *, start: ChainTime, end: ChainTime
) -> tuple[Candle, ...]:
    """Return at least the newest intervals with trades, up to the limit, reading backwards."""
    step = step_of(query.resolution)
    upper, width = -(-end // step) * step, query.limit * step
    found: tuple[Candle, ...] = ()
    while upper > start and len(found) < query.limit:
        lower = max(start, upper - width)
        older = await _between(views, query, start=lower, end=upper)
        found = (*(candle for candle in older if candle.trades), *found)
        upper = await _last_trading(views, query.mint, lower, step=step)
        width *= 2
    return found


async def _between(
    views: Views, query: CandleQuery, *, start: ChainTime, end: ChainTime
) -> tuple[Candle, ...]:
    step = step_of(query.resolution)
    minutes = await views.minutes(query.mint, start=start - start % MINUTE, end=end)
    if step >= MINUTE:
        return coarser(minutes, step=step, now=query.now)
    trades = await views.trades_between(query.mint, start=start, end=end)
    return finer(trades, step=step, now=query.now, minutes=minutes)


async def _last_trading(views: Views, mint: Mint, before: ChainTime, *, step: int) -> ChainTime:
    """Return the end of the last interval with a minute before a time, 0 if there is none.

    It spares reading the silence of years.
    """
    last = await views.last_minute_before(mint, before, priced=False)
    return min(before, -(-(seconds_of(last.time) + MINUTE) // step) * step) if last else 0


async def _close_before(views: Views, mint: Mint, start: ChainTime, *, step: int) -> Price | None:
    if step >= MINUTE:
        minute = await views.last_minute_before(mint, start)
        return minute.close if minute else None
    trade = await views.last_trade_before(mint, start)
    return trade.price if trade else None


async def _capped(views: Views, mint: Mint, shown: Sequence[Candle]) -> tuple[Candle, ...]:
    """Return candles of market cap; of unknown supply, without prices."""
    supply = await _supply(views, mint)
    if supply is not None:
        return in_market_cap(shown, supply=supply)
    return tuple(
        msgspec.structs.replace(c, open=None, high=None, low=None, close=None) for c in shown
    )


async def _supply(views: Views, mint: Mint) -> Amount | None:
    document = await views.token(mint)
    return _supply_of(document.body).supply if document else None
