"""One event applied to one row: the next row. Fences are looked at by the caller.

``fence`` is the row's, raised to the event; ``complete`` is the slot through which nothing changes
any more.
"""

from domain.fold import registers
from schemas.chain_events import Balance, Complete, Launch, Migrate, Trade
from schemas.event import OnChain, Op
from schemas.fields import Slot
from schemas.rows import (
    AccountRow,
    BucketRow,
    CandleRow,
    CurveRow,
    Fence,
    Held,
    LifeRow,
    Milestone,
    Seen,
    Spot,
    Tick,
    TraderRow,
)

SIGN = {Op.APPLY: 1, Op.UNDO: -1, Op.REINDEX: 0}
"""What an event adds to a sum, times its amount."""

Prices = tuple[Tick | None, Tick | None, Tick | None, Tick | None]
"""Open, high, low, close."""


def curve_after(
    row: CurveRow, event: OnChain, trade: Trade, spot: Spot, *, fence: Fence, complete: Slot
) -> CurveRow:
    """Return the hot row after a trade."""
    op = event.op
    sign = SIGN[op]
    last, loose = registers.latest(
        row.last, row.loose, spot, op=op, settled=event.settled, complete=complete
    )
    return CurveRow(
        fence,
        row.trades + sign,
        row.base_change + sign * trade.base_change,
        last,
        loose,
        row.base_decimals if trade.base_decimals is None else trade.base_decimals,
        row.quote_decimals if trade.quote_decimals is None else trade.quote_decimals,
        trade.quote_mint,
    )


def bucket_after(
    row: BucketRow, event: OnChain, trade: Trade, spot: Spot, *, fence: Fence, complete: Slot
) -> BucketRow:
    """Return a row of five seconds after a trade in it."""
    op = event.op
    sign = SIGN[op]
    last, loose = registers.latest(
        row.last, row.loose, spot, op=op, settled=event.settled, complete=complete
    )
    return BucketRow(
        fence,
        row.volume + sign * trade.quote_amount,
        row.buys + sign * (trade.side == "buy"),
        row.sells + sign * (trade.side == "sell"),
        last,
        loose,
    )


def candle_after(
    row: CandleRow, event: OnChain, trade: Trade, spot: Spot, *, fence: Fence, complete: Slot
) -> CandleRow:
    """Return a minute after a trade in it."""
    op = event.op
    sign = SIGN[op]
    last, loose_spots = registers.latest(
        row.last, row.loose_spots, spot, op=op, settled=event.settled, complete=complete
    )
    prices = (row.open, row.high, row.low, row.close)
    loose = row.loose
    if trade.base_amount:
        tick = Tick(event.place, trade.base_amount, trade.quote_amount)
        if event.settled and op == Op.APPLY and not loose:
            prices = _priced(prices, tick)
        else:
            prices, loose = _reticked(prices, loose, tick, event=event, complete=complete)
    return CandleRow(
        fence,
        row.volume + sign * trade.quote_amount,
        row.buys + sign * (trade.side == "buy"),
        row.sells + sign * (trade.side == "sell"),
        *prices,
        loose,
        last,
        loose_spots,
    )


def trader_after(row: TraderRow, event: OnChain, *, fence: Fence, complete: Slot) -> TraderRow:
    """Return a trader's row after one more trade."""
    seen = Seen(event.place, event.time)
    last, loose = registers.latest(
        row.last, row.loose, seen, op=event.op, settled=event.settled, complete=complete
    )
    return TraderRow(fence, last, loose)


def account_after(
    row: AccountRow, event: OnChain, balance: Balance, *, fence: Fence, complete: Slot
) -> AccountRow:
    """Return a token account's row after a transaction."""
    held = Held(event.place, balance.owner, balance.amount, event.time)
    last, loose = registers.latest(
        row.last, row.loose, held, op=event.op, settled=event.settled, complete=complete
    )
    return AccountRow(fence, last, loose)


def life_after(
    row: LifeRow, event: OnChain, milestone: Launch | Complete | Migrate, *, fence: Fence
) -> LifeRow:
    """Return a token's milestones with one more, one fewer, or one at another place."""
    place = event.place
    kept = [old for old in row.milestones if not registers.same_event(old.place, place)]
    if event.op != Op.UNDO:
        kept.append(Milestone(place, event.time, milestone))
    kept.sort(key=lambda one: one.place)
    return LifeRow(fence, tuple(kept))


def prices_of(row: CandleRow) -> Prices:
    """Return open, high, low and close of a minute, the unsettled trades included."""
    prices: Prices = (row.open, row.high, row.low, row.close)
    for tick in row.loose:
        prices = _priced(prices, tick)
    return prices


def _priced(prices: Prices, tick: Tick) -> Prices:
    first, high, low, last = prices
    return (
        registers.earlier(first, tick),
        registers.dearer(high, tick),
        registers.cheaper(low, tick),
        registers.later(last, tick),
    )


def _reticked(
    prices: Prices, loose: tuple[Tick, ...], tick: Tick, *, event: OnChain, complete: Slot
) -> tuple[Prices, tuple[Tick, ...]]:
    kept = [old for old in loose if not registers.same_event(old.place, tick.place)]
    if event.op != Op.UNDO:
        if event.settled:
            prices = _priced(prices, tick)
        else:
            kept.append(tick)
    for old in kept:
        if old.place.slot <= complete:
            prices = _priced(prices, old)
    return prices, tuple(
        sorted((old for old in kept if old.place.slot > complete), key=lambda one: one.place)
    )
