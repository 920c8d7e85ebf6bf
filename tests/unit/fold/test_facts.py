"""What is known of a token from elsewhere: configurations, documents, posts; and what is not."""

from random import Random
from typing import Any

import pytest

from domain.fold.records import sort_key
from schemas.chain_events import Complete, Config, Migrate, Trade
from schemas.event import About, Clock, Event, Joined, OnChain, Op
from schemas.link import Candidate, Link
from schemas.metadata import Metadata
from schemas.place import OUTER, Place, RawPosition
from schemas.post import Author
from tests.unit.fold.store import EVENTS_EPOCH, Store
from tests.unit.fold.world import DAY_S, START, WSOL, launch

MINT = "MintA"
CONFIG = Config("Config", "Program", "dbc", WSOL, 6, 60_000_000_000, 2**60)


def on_chain(event: Any, *, offset: int, op: Op = Op.APPLY, at: int = START) -> OnChain:
    """Return an event of raw partition 0, settled, in a slot of its own."""
    place = Place(1000 + offset, 0, 1, OUTER, f"sig{offset}")
    return OnChain(op, RawPosition(0, 1, offset, 0), place, at, True, event)


def clock(offset: int, at: int) -> Clock:
    """Return a head clock of raw partition 0."""
    return Clock(RawPosition(0, 1, offset, 0), at, 5000 + offset, 0)


def trade(
    *, sqrt_price: int | None = 2**61, decimals: tuple[int | None, int | None] = (6, 9)
) -> Trade:
    """Return a buy of 1 base token for 2 quote tokens."""
    return Trade(
        MINT, "Pool", "Program", "dbc", "buy", "Ann", 10**6, 2 * 10**9, -(10**6), 10**7, False,
        WSOL, *decimals, sqrt_price, 5, None, None,
    )  # fmt: skip


def token(*events: Event | None) -> Any:
    """Return the token's record after *events*."""
    store = Store(raw_partitions=1)
    store.feed(events)
    return store.of("tokens").get(MINT)


def test_before_the_first_trade() -> None:
    """A launched token has its curve's start price, nothing collected, and all of its supply."""
    got = token(on_chain(launch(MINT), offset=0), About(MINT, 1, CONFIG))

    # (2^60 / 2^64)^2 = 1/256 quote units per base unit, and 10^6 / 10^9 for whole tokens.
    assert ("0.00000390625", "3906.25") == (got.price, got.market_cap)
    assert ("1000000000", "0", "60") == (
        got.curve.base_reserve,
        got.curve.quote_reserve,
        got.curve.threshold,
    )
    assert (0.0, "bonding", 0, 0.0) == (got.progress, got.stage, got.trades, got.top10_share)
    assert {0.0} == {one.price_change for one in got.windows.values()}


def test_change_since_the_start() -> None:
    """Without a trade before the window, the change is since the curve's start."""
    got = token(
        on_chain(launch(MINT), offset=0), About(MINT, 1, CONFIG), on_chain(trade(), offset=1)
    )

    assert {3.0} == {one.price_change for one in got.windows.values()}


def test_nothing_but_facts() -> None:
    """A token of which the chain has not spoken has no record."""
    assert token(About(MINT, 1, CONFIG), About(MINT, 1, Link(MINT, "withdrawn"))) is None


def test_unknown_decimals() -> None:
    """Without decimals nothing is priced, and nothing is called 0."""
    bare = trade(decimals=(None, None))
    store = Store(raw_partitions=1)
    store.feed([on_chain(bare, offset=0)])
    got, told = store.of("tokens")[MINT], next(iter(store.of("trades").values()))

    assert (None, None, None, None) == (got.price, got.market_cap, got.supply, got.decimals)
    # The quote's decimals are known: it is SOL.
    assert ("2", None, None, "0.01") == (
        told.quote_amount,
        told.base_amount,
        told.price,
        told.fee,
    )
    assert "2" == got.windows["24h"].volume


def test_without_a_launch() -> None:
    """A token that was launched before we looked has what its trades say."""
    got = token(on_chain(trade(), offset=0))

    assert (None, None, None, "SOL", 1) == (
        got.name,
        got.supply,
        got.market_cap,
        got.quote.symbol,
        got.trades,
    )
    assert {None} == {one.price_change for one in got.windows.values()}


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 2, 1)])
def test_newest_revision(order: tuple[int, ...]) -> None:
    """Of facts of one kind the highest revision counts, in whatever order they come."""
    facts = [
        About(MINT, revision, Metadata(MINT, "uri", START, description=f"revision {revision}"))
        for revision in order
    ]

    assert "revision 2" == token(on_chain(launch(MINT), offset=0), *facts).description


def test_post() -> None:
    """A link is told as it is; withdrawn, the token waits for its post again."""
    author = Author(id="7", username="ann")
    link = Link(
        MINT, "matched", "5", "https://x.com/ann/status/5", "launch it", author,
        START * 1000 - 48_000, 48_000, 0.99, ("tweetId",),
    )  # fmt: skip
    maybe = Link(MINT, "ambiguous", candidates=(Candidate(id="5", url="u", score=50.0),))
    start = on_chain(launch(MINT), offset=0)
    post = token(start, About(MINT, 1, link)).post

    assert ("matched", "5", 48_000, "2026-09-21T14:12:32.000Z", author) == (
        post.status,
        post.id,
        post.delay_ms,
        post.created_at,
        post.author,
    )
    assert ("ambiguous", 1) == (
        token(start, About(MINT, 2, maybe)).post.status,
        len(token(start, About(MINT, 2, maybe)).post.candidates),
    )
    assert "pending" == token(start, About(MINT, 3, Link(MINT, "withdrawn"))).post.status


def test_a_post_is_awaited_for_a_day() -> None:
    """The clock alone turns *pending* into *none*, 24 hours of chain time after the launch."""
    store = Store(raw_partitions=1)
    fold = store.feed([on_chain(launch(MINT), offset=0), clock(1, START + DAY_S - 1)])
    before = store.of("tokens")[MINT]
    store.keep(fold.fold([(2, clock(2, START + DAY_S))]))
    after = store.of("tokens")[MINT]

    assert ("pending", "none") == (before.post.status, after.post.status)
    assert EVENTS_EPOCH + 2 == after.version


def test_stages() -> None:
    """A token completes and migrates once each, whatever is retracted on the way."""
    complete = Complete(MINT, "Pool", "Program", "dbc", 0, 7)
    migrate = Migrate(MINT, "Pool", "Program", "dbc", "NewPool", "damm-v2")
    start = on_chain(launch(MINT), offset=0)
    done = on_chain(complete, offset=1, at=START + 5)
    gone = on_chain(migrate, offset=2, at=START + 9)
    undone = OnChain(Op.UNDO, RawPosition(0, 1, 3, 0), gone.place, gone.time, True, migrate)

    assert ("completed", "2026-09-21T14:13:25Z") == (
        token(start, done).stage,
        token(start, done).completed_at,
    )
    assert ("migrated", "NewPool", 1.0) == (
        token(start, done, gone).stage,
        token(start, done, gone).migrated_pool,
        token(start, done, gone).progress,
    )
    assert ("completed", None) == (
        token(start, done, gone, undone).stage,
        token(start, done, gone, undone).migrated_pool,
    )


def test_old_trades_are_only_logged() -> None:
    """A trade older than the raw topic's retention is a record by its id, and nothing else."""
    store = Store(raw_partitions=1)
    store.feed([on_chain(trade(), offset=0, op=Op.LOG)])

    assert ["1000:sig0:1"] == [one.id for one in store.of("trades").values()]
    assert ({}, {}, {}) == (store.of("tokens"), store.of("candles"), dict(store.tables.curves))


def test_ids_tell_duplicates() -> None:
    """Settled, a trade has its own id; applied, undone, applied again, it has another each time."""
    event = on_chain(trade(), offset=3)
    loose = [
        OnChain(op, RawPosition(0, 1, offset, 0), event.place, event.time, False, event.event)
        for offset, op in enumerate((Op.APPLY, Op.UNDO, Op.APPLY))
    ]
    told = Store(raw_partitions=1).open().fold(list(enumerate([*loose, event]))).publications
    ids = [one.event_id for one in told if one.topic.name == "btracker.trades"]

    assert len(ids) == len(set(ids))
    assert "1003:sig3:1" == ids[-1]


def test_what_nobody_could_read_is_counted() -> None:
    """Dead letters, facts and watermarks are counted with all else, each once."""
    events = [None, on_chain(trade(), offset=0), Joined(7), Joined(7), About(MINT, 1, CONFIG), None]
    store = Store(raw_partitions=1)
    fold = store.feed(events)
    progress = fold.fold(list(enumerate(events))).progress

    assert (6, 4, 0, 2, 1) == (
        progress.counts.seen,
        progress.counts.applied,
        progress.counts.duplicate,
        progress.counts.dead_lettered,
        progress.counts.trades,
    )
    assert (7, 5) == (progress.joined_through_slot, progress.offset)


def test_counts_are_those_of_the_log_though_rows_are_ahead() -> None:
    """A crash keeps rows of later records, not the counts: those come out as if there was none."""
    facts = [Metadata(MINT, "uri", START, description=text) for text in ("first", "second")]
    events = [About(MINT, revision, fact) for revision, fact in enumerate(facts, start=1)]
    records = list(enumerate([on_chain(launch(MINT), offset=0), *events, Joined(7)]))
    straight, crashed = Store(raw_partitions=1), Store(raw_partitions=1)
    straight.keep(straight.open().fold(records))
    crashed.keep_rows(crashed.open().fold(records))
    for start in range(0, len(records), 2):
        crashed.keep(crashed.open().fold(records[start : start + 2]))

    assert straight.tables.clocks == crashed.tables.clocks
    assert straight.tables.facts == crashed.tables.facts


def test_sort_keys_sort_as_places() -> None:
    """Sorted by key, trades stand as they do on the chain."""
    rng = Random(1)
    places = [
        Place(
            rng.choice((9, 10, 452_000_000)), rng.choice((0, 9, 10, 4000)), rng.randrange(12),
            rng.choice((OUTER, 0, 9, 10)), rng.choice(("a", "b")),
        )
        for _ in range(500)
    ]  # fmt: skip

    assert sorted(places) == sorted(places, key=sort_key)
