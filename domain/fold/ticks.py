"""The prices of a minute: those of its settled trades, and the unsettled trades beside them."""

from domain.fold import registers
from domain.fold.turn import Turn
from schemas.event import Op
from schemas.rows import CandleRow, Tick

Prices = tuple[Tick | None, Tick | None, Tick | None, Tick | None]
"""Open, high, low, close; all of them None before the first."""


def prices_of(row: CandleRow) -> Prices:
    """Return open, high, low and close of a minute, the unsettled trades included."""
    prices: Prices = (row.open, row.high, row.low, row.close)
    for tick in row.loose:
        prices = priced(prices, tick)
    return prices


def priced(prices: Prices, tick: Tick) -> Prices:
    """Return *prices* with one more trade."""
    first, high, low, last = prices
    return (
        registers.earlier(first, tick),
        registers.dearer(high, tick),
        registers.cheaper(low, tick),
        registers.later(last, tick),
    )


def reticked(
    prices: Prices, loose: tuple[Tick, ...], tick: Tick, turn: Turn
) -> tuple[Prices, tuple[Tick, ...]]:
    """Return *prices* and the *loose* trades after one was applied, undone or moved."""
    kept = [old for old in loose if not registers.same_event(old.place, tick.place)]
    if turn.event.op != Op.UNDO:
        if turn.event.settled:
            prices = priced(prices, tick)
        else:
            kept.append(tick)
    for old in kept:
        if old.place.slot <= turn.complete:
            prices = priced(prices, old)
    return prices, tuple(
        sorted((old for old in kept if old.place.slot > turn.complete), key=lambda one: one.place)
    )
