"""Laws of the fold: order, repetition and crashes change nothing; the indexes are the rows'."""

from decimal import Decimal
from random import Random
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.amounts import seconds_of
from domain.fold.index import Index
from domain.fold.partition import PartitionFold
from domain.fold.state import Folded
from domain.windows import Series
from schemas.topics import CANDLES, HOLDERS, LIFECYCLE, TOKENS, TRADES
from tests.unit.fold import brute
from tests.unit.fold.store import Store
from tests.unit.fold.world import MINTS, RAW_PARTITIONS, World, delivered, left_by

seeds = st.integers(0, 2**32)
spans = st.sampled_from((30, 400, 5000, 100_000))


def check(world: World, store: Store) -> None:
    """Compare everything public with brute force over what is on the chain in the end."""
    tokens = store.of("tokens")
    for mint in MINTS:
        expected = brute.state(world.truth, mint)
        if not expected["trades"] and not expected["launched"]:
            assert mint not in tokens
            continue
        assert expected == state(tokens[mint])
        assert brute.windows(world.truth, mint, world.end) == windows(tokens[mint])
        assert brute.candles(world.truth, mint) == candles(store, mint)
        held = {
            account: (balance.owner, balance.amount)
            for account, balance in brute.accounts(world.truth, mint).items()
        }
        told = accounts(store, mint)
        assert held == {account: told[account] for account in held}
        # An account whose only transactions were retracted is told as empty.
        assert {0} >= {amount for account, (_, amount) in told.items() if account not in held}


def state(token: Any) -> dict[str, Any]:
    """Return a token's figures as ``brute.state`` names them."""
    reserve = token.curve.base_reserve
    return {
        "trades": token.trades,
        "holders": token.holders,
        "reserve": None if reserve is None else int(Decimal(reserve) * 10**6),
        "sqrt": token.curve.sqrt_price_x64,
        "price": None if token.price is None else Decimal(token.price),
        "launched": token.launch_signature,
        "share": token.top10_share,
    }


def windows(token: Any) -> dict[str, Any]:
    """Return a token's windows as ``brute.windows`` has them."""
    return {
        name: {
            "volume": Decimal(one.volume),
            "buys": one.buys,
            "sells": one.sells,
            "traders": one.traders,
            "change": one.price_change,
        }
        for name, one in token.windows.items()
    }


def candles(store: Store, mint: str) -> list[dict[str, Any]]:
    """Return a token's minutes as ``brute.candles`` has them."""
    names = ("open", "high", "low", "close", "volume")
    return [
        {
            "time": one.time,
            **{n: None if getattr(one, n) is None else Decimal(getattr(one, n)) for n in names},
            "trades": one.trades,
        }
        for one in sorted(store.of("candles").values(), key=lambda one: one.time)
        if one.mint == mint and one.trades
    ]


def accounts(store: Store, mint: str) -> dict[str, tuple[str, int]]:
    """Return a token's accounts as ``brute.accounts`` has them."""
    return {
        one.account: (one.owner, int(one.base_units))
        for one in store.of("holders").values()
        if one.mint == mint
    }


@settings(max_examples=150, deadline=None)
@given(seed=seeds, span=spans)
def test_any_order(seed: int, span: int) -> None:
    """However raw partitions interleave, and however it is chunked, the fold equals brute force."""
    world, rng = World(seed, span_s=span), Random(seed + 1)
    store = Store(raw_partitions=RAW_PARTITIONS)
    store.feed(delivered(world, rng, again=False), chunk=rng.choice((1, 3, 10, 1000)))

    check(world, store)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, span=spans)
def test_every_record_holds(seed: int, span: int) -> None:
    """Whatever is told on the way holds at the chain time it states, whoever is ahead of whom."""
    world, rng = World(seed, span_s=span), Random(seed + 1)
    store = Store(raw_partitions=RAW_PARTITIONS)
    events = delivered(world, rng, again=False)
    fold = store.open()
    for offset, event in enumerate(events):
        folded = fold.fold([(offset, event)])
        store.keep(folded)
        so_far = left_by(events[: offset + 1])
        for told in folded.publications:
            if told.topic is TOKENS and told.op != "d":
                at = seconds_of(told.value.as_of)
                assert brute.windows(so_far, told.mint, at) == windows(told.value)


@settings(max_examples=150, deadline=None)
@given(seed=seeds, span=spans)
def test_decoders_start_over(seed: int, span: int) -> None:
    """What decoders say again, at later offsets, changes nothing, and is counted as duplicate."""
    world, rng = World(seed, span_s=span), Random(seed + 1)
    store = Store(raw_partitions=RAW_PARTITIONS)
    events = delivered(world, rng, again=True)
    store.feed(events, chunk=rng.choice((1, 3, 10, 1000)))

    check(world, store)
    clock, once = store.tables.clocks["0"], sum(len(stream) for stream in world.streams)
    assert (len(events), once) == (clock.seen, clock.applied)
    assert clock.seen == clock.applied + clock.duplicate
    assert sum(row.trades for row in store.tables.curves.values()) == clock.trades


@settings(max_examples=300, deadline=None)
@given(seed=seeds, span=spans)
def test_crashes(seed: int, span: int) -> None:
    """A fold that dies between any two writes, and is fed again from before, ends the same."""
    world, rng = World(seed, span_s=span), Random(seed + 1)
    store = Store(raw_partitions=RAW_PARTITIONS)
    records = list(enumerate(delivered(world, rng, again=True)))
    fold, position, acknowledged = store.open(), 0, 0
    while position < len(records):
        chunk = records[position : position + rng.randint(1, 12)]
        folded = fold.fold(chunk)
        if rng.random() < 0.3:
            _crash(store, folded, rng)
            fold, position = store.open(), acknowledged
            continue
        store.keep(folded)
        position += len(chunk)
        if rng.random() < 0.5:
            acknowledged = position

    check(world, store)
    clock = store.tables.clocks["0"]
    assert (len(records), clock.seen - clock.applied) == (clock.seen, clock.duplicate)
    assert sum(len(stream) for stream in world.streams) == clock.applied


def _crash(store: Store, folded: Any, rng: Random) -> None:
    """Store part of what a call gave back, as a worker does that dies; the clock comes last."""
    store.keep_rows(folded, only=lambda _name, _key: rng.random() < 0.5)
    if rng.random() < 0.5:
        store.keep_public(folded)
        if rng.random() < 0.5:
            store.keep(folded)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, span=spans)
def test_delivered_again(seed: int, span: int) -> None:
    """A chunk that comes again sends every row and state again, and no new row.

    Single events are told again as long as the clock row, which is written last, is not there:
    what they told may not be either. Told after that, they would tell of what was since undone.
    """
    world, rng = World(seed, span_s=span), Random(seed + 1)
    store = Store(raw_partitions=RAW_PARTITIONS)
    events = list(enumerate(delivered(world, rng, again=False)))
    first = store.open().fold(events)
    store.keep_rows(first)
    uncounted = store.open().fold(events)
    store.keep(uncounted)
    counted = store.open().fold(events)
    shifted = store.open().fold([(len(events) + offset, event) for offset, event in events])

    for again in (uncounted, counted):
        assert first.rows() == again.rows()
        assert first.clock == again.clock
        assert told_states(first) == told_states(again)
    assert told_by_events(first) == told_by_events(uncounted)
    assert [] == told_by_events(counted)
    assert [] == told_by_events(shifted)


def told_states(folded: Folded) -> dict[str, Any]:
    """Return the last record of each account and minute, without the minute's revision."""
    states: dict[str, Any] = {}
    for one in folded.publications:
        if one.topic is HOLDERS:
            states[one.key] = one.value
        elif one.topic is CANDLES:
            states[one.key] = msgspec.structs.replace(one.value, rev=0)
    return states


def told_by_events(folded: Folded) -> list[Any]:
    """Return the records of single events, in order, with the ids that tell duplicates."""
    return [
        (one.event_id, one.op, one.value)
        for one in folded.publications
        if one.topic in (TRADES, LIFECYCLE)
    ]


@settings(max_examples=100, deadline=None)
@example(seed=59263608, span=30)
@given(seed=seeds, span=spans)
def test_indexes_are_the_rows(seed: int, span: int) -> None:
    """The indexes kept step by step are those made from the rows at once."""
    world, rng = World(seed, span_s=span), Random(seed + 1)
    store = Store(raw_partitions=RAW_PARTITIONS)
    events = delivered(world, rng, again=True)
    fold = store.feed(events[: rng.randint(1, len(events))], chunk=rng.choice((1, 7)))
    rebuilt = store.open()

    at = world.end + rng.choice((0, 3, 1000))
    assert index_of(rebuilt, at) == index_of(fold, at)


def index_of(fold: PartitionFold, at: int) -> dict[str, Any]:
    """Return everything a fold keeps in memory of its tokens, at chain time *at*."""
    index: Index = fold._index
    for token in index.tokens.values():
        token.advance(at)
    return {
        mint: (series_of(token.buckets), series_of(token.minutes), token.holders._amounts)
        for mint, token in index.tokens.items()
    }


def series_of(series: Series) -> Any:
    """Return what a series holds."""
    running = [
        (one.start, one.first, one.volume, one.buys, one.sells, one.traders)
        for one in series.running
    ]
    return series.starts, series._cells, running
