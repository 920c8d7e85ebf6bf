"""Candles of a span: what is read of the store for them, newest first, and no more than asked."""

from collections.abc import Awaitable, Callable

import msgspec

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
from views.contract import Views

WIDENING = 4
"""Each further look into the past goes so many times as far as the one before."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Which candles: the newest *limit* that start from *start* up to before *end*.

    *start* None: as far back as the limit reaches. ``now`` is chain time.
    """

    resolution: str
    start: ChainTime | None
    end: ChainTime
    limit: int
    now: ChainTime

    @property
    def step(self) -> int:
        """Seconds of one candle."""
        return step_of(self.resolution)

    @property
    def first(self) -> ChainTime:
        """The start of the first interval that can be in the answer."""
        return max(0, (self.start or 0) // self.step * self.step)


async def candles(
    views: Views, mint: Mint, span: Span, *, empty: bool, kind: CandleKind, supply: Amount | None
) -> tuple[Candle, ...]:
    """Return a token's candles, oldest first; *empty*: with the intervals nobody traded in.

    Candles of market cap need the *supply*; without it there are none.
    """
    found = await (_without_gaps if empty else _with_trades)(views, mint, span)
    if kind == "price":
        return found
    return () if supply is None else in_market_cap(found, supply=supply)


async def _with_trades(views: Views, mint: Mint, span: Span) -> tuple[Candle, ...]:
    read = _reader(views, mint, span)
    found: tuple[Candle, ...] = ()
    end, width = span.end, span.limit * span.step
    while end > span.first and len(found) < span.limit:
        start = max(span.first, (end - width) // span.step * span.step)
        found = tuple(c for c in await read(start, end) if c.trades) + found
        end, width = start, width * WIDENING
    return found[-span.limit :]


async def _without_gaps(views: Views, mint: Mint, span: Span) -> tuple[Candle, ...]:
    last = min(span.end - 1, span.now) // span.step * span.step
    start = max(span.first, last - (span.limit - 1) * span.step)
    if start > last:
        return ()
    end = min(span.end, last + span.step)
    return filled(
        await _reader(views, mint, span)(start, end),
        step=span.step,
        start=start,
        end=end,
        before=await _close_before(views, mint, start, step=span.step),
        now=span.now,
    )


Reader = Callable[[ChainTime, ChainTime], Awaitable[tuple[Candle, ...]]]


def _reader(views: Views, mint: Mint, span: Span) -> Reader:
    """Return what reads the candles that start within some seconds, from minutes or trades."""
    step = span.step

    async def from_minutes(start: ChainTime, end: ChainTime) -> tuple[Candle, ...]:
        minutes = await views.minutes(mint, start=start, end=_whole(end, step))
        return coarser(minutes, step=step, now=span.now)

    async def from_trades(start: ChainTime, end: ChainTime) -> tuple[Candle, ...]:
        upto = _whole(end, step)
        trades = await views.trades_between(mint, start=start, end=upto)
        minutes = await views.minutes(mint, start=start // MINUTE * MINUTE, end=upto)
        return finer(trades, step=step, now=span.now, minutes=minutes)

    return from_minutes if step >= MINUTE else from_trades


def _whole(end: ChainTime, step: int) -> ChainTime:
    """Return the end of the last interval that starts before *end*."""
    return -(-end // step) * step


async def _close_before(views: Views, mint: Mint, at: ChainTime, *, step: int) -> Price | None:
    if step >= MINUTE:
        minute = await views.last_minute_before(mint, at)
        return minute.close if minute else None
    trade = await views.last_trade_before(mint, at)
    return trade.price if trade else None
