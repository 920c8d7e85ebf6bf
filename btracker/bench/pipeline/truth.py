"""What the rows of a market have to say in the end: by brute force, and as they were written.

Only what does not depend on how records were cut into chunks: no fences, no places.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

import msgspec

from btracker.bench.pipeline.market import Told
from schemas.chain_events import Trade
from schemas.event import OnChain
from schemas.fields import ChainTime, Mint
from schemas.rows import CandleRow, CurveRow, Tick

MINUTE_S = 60


class CurveFacts(NamedTuple):
    """A token: how often it was traded, its reserve's change, and the curve in the end."""

    trades: int
    base_change: int
    sqrt_price: int | None
    quote_reserve: int | None


class CandleFacts(NamedTuple):
    """A minute: sums, and open, high, low and close as (quote, base)."""

    volume: int
    buys: int
    sells: int
    prices: tuple[tuple[int, int] | None, ...]


class State(NamedTuple):
    """The facts by row key."""

    curves: Mapping[str, CurveFacts]
    candles: Mapping[str, CandleFacts]

    @property
    def digest(self) -> str:
        """A short text that differs where states differ."""
        curves, candles = sorted(self.curves.items()), sorted(self.candles.items())
        return hashlib.blake2b(msgspec.json.encode([curves, candles]), digest_size=8).hexdigest()


def expected(told: Iterable[Told]) -> State:
    """Return the state after a market whose trades are told in chain order."""
    by_mint: dict[Mint, list[Trade]] = defaultdict(list)
    by_minute: dict[tuple[Mint, ChainTime], list[Trade]] = defaultdict(list)
    for _, event in told:
        if isinstance(event, OnChain) and isinstance(event.event, Trade):
            trade = event.event
            by_mint[trade.mint].append(trade)
            by_minute[trade.mint, event.time // MINUTE_S * MINUTE_S].append(trade)
    return State(
        curves={mint: _curve(trades) for mint, trades in by_mint.items()},
        candles={f"{mint}:{start}": _candle(some) for (mint, start), some in by_minute.items()},
    )


def written(curves: Mapping[str, CurveRow], candles: Mapping[str, CandleRow]) -> State:
    """Return the state that rows hold."""
    return State(
        curves={key: _curve_facts(row) for key, row in curves.items()},
        candles={key: _candle_facts(row) for key, row in candles.items()},
    )


def _curve(trades: list[Trade]) -> CurveFacts:
    last = trades[-1]
    change = sum(trade.base_change for trade in trades)
    return CurveFacts(len(trades), change, last.sqrt_price, last.quote_reserve)


def _candle(trades: list[Trade]) -> CandleFacts:
    ticks = [(trade.quote_amount, trade.base_amount) for trade in trades]
    # Of equal prices max and min take the first, which is the earlier trade.
    high, low = max(ticks, key=_price), min(ticks, key=_price)
    buys = sum(trade.side == "buy" for trade in trades)
    return CandleFacts(
        volume=sum(quote for quote, _ in ticks),
        buys=buys,
        sells=len(trades) - buys,
        prices=(ticks[0], high, low, ticks[-1]),
    )


def _price(tick: tuple[int, int]) -> Fraction:
    return Fraction(*tick)


def _curve_facts(row: CurveRow) -> CurveFacts:
    last = row.last
    return CurveFacts(
        row.trades,
        row.base_change,
        None if last is None else last.sqrt_price,
        None if last is None else last.quote_reserve,
    )


def _candle_facts(row: CandleRow) -> CandleFacts:
    prices = tuple(_tick(one) for one in (row.open, row.high, row.low, row.close))
    return CandleFacts(row.volume, row.buys, row.sells, prices)


def _tick(tick: Tick | None) -> tuple[int, int] | None:
    return None if tick is None else (tick.quote_amount, tick.base_amount)
