"""What an audit rests on: tallies, boundaries, what counts as the same, what comes too late."""

import json
from collections import Counter, defaultdict

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.audit.boundary import NEVER, Finder
from domain.audit.decoding import RawRecount, late_in
from domain.audit.digests import Tally, digest
from domain.audit.emitted import Sight, emitted_by
from domain.audit.essence import essence, should_be_final
from domain.audit.findings import adds_up, differences
from domain.audit.storing import StoreComparison
from domain.decode import decode
from domain.decode.raw import RawDelivery
from schemas.chain_events import Trade
from schemas.event import Clock, OnChain, Op
from schemas.place import RawPosition
from schemas.progress import Counts
from tests import samples
from tests.shared import market_lines

ADDED = st.lists(st.tuples(st.tuples(st.integers(0, 2), st.integers(0, 3)), st.binary(max_size=2)))


@given(ADDED, ADDED)
def test_a_tally_differs_where_other_things_were_added(one: list, other: list) -> None:
    """Blocks differ in which not the same was added as often, in whatever order."""
    expected = set()
    for block in {block for block, _ in one + other}:
        if Counter(w for b, w in one if b == block) != Counter(w for b, w in other if b == block):
            expected.add(block)
    tallies = Tally(), Tally()
    for tally, added in zip(tallies, (one, reversed(other)), strict=True):
        for block, what in added:
            tally.add(block, digest(what))

    assert expected == tallies[0].differing(tallies[1])


def test_a_boundary_waits_for_every_source() -> None:
    """What was dropped is not newer than the first clock of each source that is kept."""
    finder = Finder(["a", "b"], margin_s=100)

    assert not finder.hear("a", 1_000, 10)
    assert not finder.hear("a", 9_000, 90)
    assert NEVER == finder.found.time
    assert not finder.hear("b", 5_000, 50)
    assert not finder.hear("b", 5_099, 51)
    assert finder.hear("a", 9_001, 91)
    assert (5_100, 91) == (finder.found.time, finder.found.slot)


def test_what_says_when_it_was_told_is_no_difference() -> None:
    """Versions and the like depend on chunks; figures do not."""
    token = samples.token("m", price="1")
    later = replace(token, version=9, slot=8, as_of="2027-01-01T00:00:00Z")
    minute = samples.minute("m", samples.LAUNCH)

    assert essence(token).agrees(essence(later), wholly=True)
    assert not essence(token).agrees(essence(replace(later, price="2")), wholly=True)
    assert essence(minute).agrees(essence(replace(minute, rev=5, final=True)), wholly=True)
    assert not essence(minute).agrees(essence(replace(minute, high="9")), wholly=True)


def test_decimals_that_became_known_later_are_no_difference() -> None:
    """Told again, a trade may have amounts that it had not; another side it cannot have."""
    trade = samples.trade("m", 1)
    bare = replace(trade, base_amount=None, quote_amount=None, price=None, fee=None)

    assert essence(trade).agrees(essence(bare), wholly=True)
    assert not essence(trade).agrees(essence(replace(bare, side="sell")), wholly=True)
    assert not essence(trade).agrees(essence(replace(trade, price="9")), wholly=True)
    assert essence(trade).agrees(essence(replace(trade, price="9")), wholly=False)


def test_a_minute_is_due_to_be_final_some_time_after_its_end() -> None:
    """A restart may delay that a little, so little is granted."""
    minute = samples.minute("m", samples.LAUNCH)

    assert not should_be_final(minute, complete_time=samples.LAUNCH + 60 + 119)
    assert should_be_final(minute, complete_time=samples.LAUNCH + 60 + 120)
    assert not should_be_final(samples.token("m"), complete_time=2**40)


def test_counts_add_up_or_are_named() -> None:
    """Seen is the sum of what became of it; what differs from a recount is said in words."""
    counts = Counts(seen=10, applied=6, duplicate=1, not_ours=1, dead_lettered=2)

    assert adds_up(counts)
    assert not adds_up(replace(counts, not_ours=0))
    assert ["dead lettered 3 instead of 2"] == differences(
        replace(counts, dead_lettered=3), counts, ("seen", "dead_lettered")
    )


def trade() -> bytes:
    """Return the first transaction of the market that is a trade."""
    return next(
        line
        for line in market_lines()
        if any(isinstance(found.event, Trade) for found in decode(line).events)
    )


def deliver(recount: RawRecount, offset: int, value: bytes, **kind: bytes) -> object:
    """Give a recount a raw record under its right key."""
    key = b"clock"
    if "bt_kind" not in kind:
        key = decode(value).signature.encode()
    return recount.take(RawDelivery(offset, key, value, tuple(kind.items())))


def recount(set_aside: frozenset[int] = frozenset()) -> RawRecount:
    """Return the recount of a raw partition."""
    return RawRecount(partition=0, epoch=1, retention_s=48 * 3_600, set_aside=set_aside)


def test_what_comes_after_its_slot_was_complete_is_late() -> None:
    """A clock that says too much is found out by what comes behind it, once."""
    line = trade()
    slot, time = (json.loads(line)[name] for name in ("slot", "blockTime"))
    raw = recount()
    clock = json.dumps({"time": time, "slot": slot, "complete": slot}).encode()
    deliver(raw, 0, clock, bt_kind=b"clock")
    late = late_in(deliver(raw, 1, line))

    assert late
    assert {(slot, Op.APPLY)} == {(event.place.slot, event.op) for event in late}
    assert [] == late_in(deliver(raw, 2, line))


def test_what_is_in_time_is_not_late() -> None:
    """The slot after the one that is complete may still come."""
    raw = recount()
    for offset, line in enumerate(market_lines()[:50]):
        said = json.loads(line)
        tick = {"time": said["blockTime"], "slot": said["slot"], "complete": said["slot"] - 1}
        deliver(raw, 2 * offset, json.dumps(tick).encode(), bt_kind=b"clock")

        assert [] == late_in(deliver(raw, 2 * offset + 1, line))


def test_what_was_set_aside_is_not_missed() -> None:
    """A dead letter of what can be read today is from who could not: it is only counted."""
    line = trade()
    raw = recount(frozenset({0}))

    assert deliver(raw, 0, line) is None
    assert (1, 1) == (raw.progress.counts.seen, raw.progress.counts.dead_lettered)
    again = deliver(raw, 1, line)
    assert any(isinstance(event, OnChain) for _, event in again.events)


def test_every_event_goes_to_the_partition_of_its_mint_and_clocks_to_all() -> None:
    """As the topics promise it."""
    raw, found = recount(), defaultdict(set)
    clock = json.dumps({"time": 1, "slot": 1, "complete": 0}).encode()
    for decoded in (deliver(raw, 0, clock, bt_kind=b"clock"), deliver(raw, 1, trade())):
        for one in emitted_by(decoded, lambda mint: range(3) if mint is None else (7,)):
            found[one.raw.offset].add(one.partition)

    assert {0: {0, 1, 2}, 1: {7}} == found


def test_what_a_decoder_says_again_is_no_news() -> None:
    """At or below what it had said of its raw partition; another partition is another matter."""

    def told(partition: int, offset: int, ordinal: int = 0) -> Clock:
        return Clock(RawPosition(partition, 1, offset, ordinal), time=1, slot=1, complete=0)

    sight = Sight(0)
    said = [told(0, 5), told(0, 7), told(1, 3), told(0, 5), told(0, 7), told(0, 7, 1), told(0, 8)]

    assert [True, True, True, False, False, True, True] == [
        sight.see(b"clock", event) is not None for event in said
    ]
    assert {0: (1, 5, 0), 1: (1, 3, 0)} == sight.first


def test_a_store_is_compared_key_by_key() -> None:
    """Gone, older, other, ahead of its topic; what has moved on is none of these."""
    comparison = StoreComparison("t", number=0, slices=1)
    for key in ("same", "gone", "older", "other", "ahead", "moved"):
        comparison.expect(key, 5, b"{}", partition=2, slot=3)
    for key, version, body in (
        ("same", 5, b"{}"), ("older", 4, b"{}"), ("other", 5, b"[]"), ("ahead", 9, b"{}"),
        ("moved", 7, b"{}"), ("unknown", 1, b"{}"),
    ):  # fmt: skip
        comparison.see(key, version, body)
    assert not comparison.is_settled
    for key, version in (("gone", 5), ("moved", 7), ("ahead", 5)):
        comparison.look(key, version)
    found = {one.what.split()[0]: one.kind for one in comparison.findings()}

    assert {"ahead": "different", "gone": "missing", "older": "missing", "other": "different"} == (
        found
    )
    assert {2: 6} == comparison.judged()


def test_slices_cover_every_key_once() -> None:
    """So a store of any size is compared in so much memory."""
    judged = 0
    for number in range(3):
        comparison = StoreComparison("t", number=number, slices=3)
        for key in range(100):
            comparison.expect(str(key), 1, b"", partition=0, slot=0)
        judged += sum(comparison.judged().values())

    assert 100 == judged
