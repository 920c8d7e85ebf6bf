"""Candles of any resolution: coarser ones from minutes, finer ones from trades."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

from msgspec.structs import replace

from domain.amounts import SPOT_DIGITS, seconds_of, timestamp
from domain.decimals import known_total, plain
from domain.errors import UsageError
from schemas.candle import Candle, VersionedTrade
from schemas.fields import Amount, ChainTime, Price
from schemas.public import CandleRecord

MINUTE = 60
SETTLING_S = 60
"""An interval can be final this many seconds of chain time after its end."""
RESOLUTIONS: Mapping[str, int] = {
    "1s": 1, "5s": 5, "15s": 15, "30s": 30, "1m": 60, "5m": 300,
    "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400,
}  # fmt: skip
"""Seconds of each resolution; all divide, or are divided by, a minute and a day."""
CandleKind = Literal["price", "marketCap"]

_PRINTED = Context(prec=SPOT_DIGITS, rounding=ROUND_HALF_EVEN)


def step_of(resolution: str) -> int:
    """Return the seconds of a resolution.

    Raises:
        UsageError: there is no such resolution.
    """
    try:
        return RESOLUTIONS[resolution]
    except KeyError:
        names = ", ".join(RESOLUTIONS)
        raise UsageError(f"There is no resolution {resolution!r}; choose from {names}.") from None


def coarser(minutes: Iterable[CandleRecord], *, step: int, now: ChainTime) -> tuple[Candle, ...]:
    """Return the candles of *step* seconds (a minute or more) that a token's minutes make.

    *minutes* in order of time; intervals without any are left out. A candle is final when its
    minutes are and chain time *now* is ``SETTLING_S`` past its end; its ``rev`` is its greatest
    minute's, which grows with any of them.
    """
    grouped: dict[ChainTime, list[CandleRecord]] = {}
    for minute in minutes:
        grouped.setdefault(_floor(seconds_of(minute.time), step), []).append(minute)
    return tuple(
        _joined(inside, start=start, settled=settled(start, step=step, now=now))
        for start, inside in grouped.items()
    )


def finer(
    trades: Iterable[VersionedTrade],
    *,
    step: int,
    now: ChainTime,
    minutes: Iterable[CandleRecord] = (),
) -> tuple[Candle, ...]:
    """Return the candles of *step* seconds (less than a minute) that a token's trades make.

    *trades* in chain order, with the retracted ones, which count for ``rev`` alone: the greatest
    version of the interval's trades. A candle is final when its minute, if among *minutes*, is and
    chain time *now* is ``SETTLING_S`` past its minute.
    """
    open_minutes = {seconds_of(minute.time) for minute in minutes if not minute.final}
    grouped: dict[ChainTime, list[VersionedTrade]] = {}
    for trade in trades:
        grouped.setdefault(_floor(seconds_of(trade.trade.time), step), []).append(trade)
    found = []
    for start, inside in grouped.items():
        minute = _floor(start, MINUTE)
        final = settled(minute, step=MINUTE, now=now) and minute not in open_minutes
        found.append(_of_trades(inside, start=start, final=final))
    return tuple(found)


def extended(candle: Candle, item: VersionedTrade) -> Candle:
    """Return a candle that has trades with one more, which stands and is its last in the chain."""
    price, known = item.trade.price, (candle.high, candle.low, item.trade.price)
    return replace(
        candle,
        open=candle.open if candle.open is not None else price,
        high=_extreme(known, greatest=True),
        low=_extreme(known, greatest=False),
        close=price if price is not None else candle.close,
        volume=known_total((candle.volume, item.trade.quote_amount)),
        trades=candle.trades + 1,
        rev=max(candle.rev, item.version),
    )


def settled(start: ChainTime, *, step: int, now: ChainTime) -> bool:
    """Return whether chain time *now* lets an interval be final."""
    return start + step + SETTLING_S <= now


def filled(
    candles: Sequence[Candle],
    *,
    step: int,
    start: ChainTime,
    end: ChainTime,
    before: Price | None,
    now: ChainTime,
) -> tuple[Candle, ...]:
    """Return *candles* with the empty intervals that start from *start* up to before *end*.

    An empty interval opens and closes at the close before it, with no volume; *before* is the
    close before *start*. Intervals before the first price are left out, and those that start
    after *now*.
    """
    by_start = {seconds_of(candle.time): candle for candle in candles}
    found, close = [], before
    for at in range(_floor(start, step), min(end, now + 1), step):
        candle = by_start.get(at) or _empty(at, final=settled(at, step=step, now=now))
        candle = _carried(candle, close)
        close = candle.close
        if close is not None or candle.rev:
            found.append(candle)
    return tuple(found)


def in_market_cap(candles: Iterable[Candle], *, supply: Amount) -> tuple[Candle, ...]:
    """Return candles of market cap: prices times *supply*, to ``SPOT_DIGITS`` digits, half even."""
    whole = Decimal(supply)

    def cap(price: Price | None) -> Price | None:
        return None if price is None else plain(_PRINTED.multiply(Decimal(price), whole))

    return tuple(
        replace(c, open=cap(c.open), high=cap(c.high), low=cap(c.low), close=cap(c.close))
        for c in candles
    )


def _floor(at: ChainTime, step: int) -> ChainTime:
    return at - at % step


def _joined(minutes: list[CandleRecord], *, start: ChainTime, settled: bool) -> Candle:
    priced = [minute for minute in minutes if minute.open is not None]
    return Candle(
        time=timestamp(start),
        open=priced[0].open if priced else None,
        high=_extreme((m.high for m in priced), greatest=True),
        low=_extreme((m.low for m in priced), greatest=False),
        close=priced[-1].close if priced else None,
        volume=known_total(m.volume for m in minutes),
        trades=sum(m.trades for m in minutes),
        rev=max(m.rev for m in minutes),
        final=settled and all(m.final for m in minutes),
    )


def _of_trades(trades: list[VersionedTrade], *, start: ChainTime, final: bool) -> Candle:
    standing = [item.trade for item in trades if not item.trade.retracted]
    prices = [trade.price for trade in standing if trade.price is not None]
    return Candle(
        time=timestamp(start),
        open=prices[0] if prices else None,
        high=_extreme(prices, greatest=True),
        low=_extreme(prices, greatest=False),
        close=prices[-1] if prices else None,
        volume=known_total(trade.quote_amount for trade in standing),
        trades=len(standing),
        rev=max(item.version for item in trades),
        final=final,
    )


def _extreme(prices: Iterable[Price | None], *, greatest: bool) -> Price | None:
    known = [price for price in prices if price is not None]
    choose = max if greatest else min
    return choose(known, key=Decimal, default=None)


def _empty(start: ChainTime, *, final: bool) -> Candle:
    return Candle(
        time=timestamp(start), open=None, high=None, low=None, close=None,
        volume="0", trades=0, rev=0, final=final,
    )  # fmt: skip


def _carried(candle: Candle, close: Price | None) -> Candle:
    if candle.close is not None or close is None:
        return candle
    return replace(candle, open=close, high=close, low=close, close=close)
