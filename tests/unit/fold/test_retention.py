"""What the fold drops, and what it may never drop."""

from decimal import Decimal
from random import Random
from typing import Any

import msgspec

from domain.fold.state import Tables
from schemas.chain_events import Balance, Balances, Trade
from schemas.event import Clock, Event, OnChain, Op
from schemas.place import Place, RawPosition
from tests.unit.fold import brute
from tests.unit.fold.store import EVENTS_EPOCH, Store
from tests.unit.fold.test_laws import windows
from tests.unit.fold.world import DAY_S, QUOTE_DECIMALS, START, WSOL, left_by

WALLETS = [f"wallet{number}" for number in range(300)]
SLOTS_PER_SECOND = 2


def market(days: int, *, per_day: int, seed: int = 1) -> list[Event]:
    """Return *days* of settled trades of one busy and one quiet token, with complete clocks."""
    rng, events = Random(seed), []
    for number in range(days * per_day):
        time = START + number * DAY_S // per_day
        slot = 1000 + (time - START) * SLOTS_PER_SECOND
        mint = "Quiet" if number % 997 == 0 else "Busy"
        wallet, place = rng.choice(WALLETS), Place(slot, 0, 2, 3, f"sig{number}")
        trade = Trade(
            mint, "Pool", "Program", "dbc", rng.choice(("buy", "sell")), wallet,
            rng.randint(1, 10**9), rng.randint(1, 10**9), 0, 0, False, WSOL, 6, QUOTE_DECIMALS,
            rng.randint(1, 2**66), 1, 1, None,
        )  # fmt: skip
        held = Balance(f"account{number}", wallet, 0)
        for ordinal, event in enumerate((trade, Balances(mint, (held,)))):
            raw = RawPosition(0, 1, 2 * number, ordinal)
            events.append(OnChain(Op.APPLY, raw, place, time, True, event))
        events.append(Clock(RawPosition(0, 1, 2 * number + 1, 0), time, slot, slot))
    return events


def test_memory_is_bounded() -> None:
    """After many days the rows of a few remain, and every window is still exact."""
    events = market(20, per_day=400)
    store = Store(raw_partitions=1)
    store.feed(events, chunk=30)
    sizes = {name: len(getattr(store.tables, name)) for name in ("buckets", "candles", "accounts")}
    per_day = 400

    # 24 h of windows, 48 h of retention, and what the sweeper has not come to yet.
    assert all(3 * per_day <= size <= 6 * per_day for size in sizes.values()), sizes
    at = store.tables.clocks["0"].heads[0].time
    for mint in ("Busy", "Quiet"):
        assert brute.windows(left_by(events), mint, at) == windows(store.of("tokens")[mint])


def test_a_quiet_token_keeps_its_last_price() -> None:
    """A token traded once a week still knows the price before its window."""
    events = market(12, per_day=400)
    quiet = [one for one in events if isinstance(one, Clock) or one.event.mint == "Quiet"]
    store = Store(raw_partitions=1)
    store.feed(quiet, chunk=30)
    at = store.tables.clocks["0"].heads[0].time

    assert brute.windows(left_by(quiet), "Quiet", at) == windows(store.of("tokens")["Quiet"])


def test_a_retracted_trade_leaves_the_price_before_it() -> None:
    """A row whose only trade was taken back is no price: the one before it stays, however old."""
    events = market(12, per_day=400)
    only = [one for one in events if isinstance(one, Clock) or one.event.mint == "Quiet"]
    last = [one for one in only if isinstance(one, OnChain) and isinstance(one.event, Trade)][-1]
    quiet: list[Event] = []
    for one in only:
        is_last = isinstance(one, OnChain) and one.place == last.place
        quiet.append(msgspec.structs.replace(one, settled=False) if is_last else one)
        if one is last:
            raw = RawPosition(0, 1, last.raw.offset, 9)
            quiet.append(msgspec.structs.replace(last, op=Op.UNDO, raw=raw, settled=False))
    store = Store(raw_partitions=1)
    fold = store.feed(quiet, chunk=5)
    # An event said again changes nothing, but has the token told again.
    store.keep(fold.fold([(len(quiet), quiet[0])]))
    at = store.tables.clocks["0"].heads[0].time

    assert at - last.time > DAY_S
    assert brute.windows(left_by(quiet), "Quiet", at) == windows(store.of("tokens")["Quiet"])
    assert store.of("tokens")["Quiet"].windows["24h"].price_change is not None


def test_nothing_dropped_comes_back() -> None:
    """An old event that a decoder says again finds no row, and makes none."""
    events = market(20, per_day=400)
    store = Store(raw_partitions=1)
    fold = store.feed(events, chunk=30)
    before = rows_of(store.tables)
    folded = fold.fold([(len(events) + number, event) for number, event in enumerate(events[:50])])
    store.keep(folded)

    assert before == rows_of(store.tables)
    assert "Busy:account1" not in store.tables.accounts
    busy = store.of("tokens")["Busy"]
    assert EVENTS_EPOCH + len(events) + 49 == busy.version
    assert sum(1 for one in left_by(events) if is_trade(one.event, "Busy")) == busy.trades


def test_nothing_goes_before_it_is_complete() -> None:
    """While a gap in the chain's data is open, nothing is dropped, however old it is."""
    events = [
        Clock(one.raw, one.time, one.slot, 0) if isinstance(one, Clock) else one
        for one in market(20, per_day=100)
    ]
    store = Store(raw_partitions=1)
    store.feed(events, chunk=10)

    assert 20 * 100 == len(store.tables.accounts)
    assert not any(candle.final for candle in store.of("candles").values())


def test_candles_close_by_the_clock() -> None:
    """A minute is told as final once the clock is complete past its end, without a trade."""
    trade, balances, _ = market(1, per_day=1)
    raw = [RawPosition(0, 1, offset, 0) for offset in (5, 6, 7)]
    start = START - START % 60
    store = Store(raw_partitions=1)
    fold = store.feed([trade, balances, Clock(raw[0], start + 59, 2000, 2000)])
    early = next(iter(store.of("candles").values()))
    store.keep(fold.fold([(3, Clock(raw[1], start + 70, 2020, 1999))]))
    late = next(iter(store.of("candles").values()))
    store.keep(fold.fold([(4, Clock(raw[2], start + 75, 2030, 2020))]))
    final = next(iter(store.of("candles").values()))

    assert (False, False, True) == (early.final, late.final, final.final)
    assert EVENTS_EPOCH + 4 == final.rev
    assert Decimal(early.volume) == Decimal(final.volume)


def is_trade(event: Any, mint: str) -> bool:
    """Say whether *event* is a trade of *mint*."""
    return isinstance(event, Trade) and event.mint == mint


def rows_of(tables: Tables) -> dict[str, dict[str, Any]]:
    """Return a copy of all rows but the clock's."""
    names = ("curves", "buckets", "candles", "traders", "accounts", "lives", "facts")
    return {name: dict(getattr(tables, name)) for name in names}
