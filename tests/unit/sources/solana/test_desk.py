"""The desk: what streams tell and what blocks say, in any order, end as the chain has it."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.signatures import FINAL, KINDS, Kind
from streams.sources.frames import Cursor, Frame
from streams.sources.solana import sent
from streams.sources.solana.blocks import Block
from streams.sources.solana.desk import FRAME_ENTRIES, WAITING_MAX, Desk
from tests.unit.sources.solana.blocks import block

SLOTS = range(11, 17)
NAMES = [f"{slot}{letter}" for slot in SLOTS for letter in "abc"]


def chain() -> list[Block]:
    """Return six blocks with three transactions each."""
    return [block(slot, slot - 1, [f"{slot}{letter}" for letter in "abc"]) for slot in SLOTS]


Told = tuple[str, str, int]
"""What comes: a transaction or a block, and of a transaction the slot it is told to be in."""


Said = tuple[Kind, str, int]
"""What went out: the kind, the transaction, and its index."""


def arrivals() -> st.SearchStrategy[list[Told]]:
    """Give what streams and the sweep bring: in any order, twice, or never."""
    confirmed = st.sampled_from(NAMES).map(lambda name: ("confirmed", name, int(name[:2])))
    processed = st.tuples(
        st.just("processed"), st.sampled_from([*NAMES, "lost"]), st.sampled_from(SLOTS)
    )
    blocks = st.sampled_from(SLOTS).map(lambda slot: ("block", "", slot))
    return st.lists(st.one_of(confirmed, processed, blocks), max_size=60)


def bring(desk: Desk, told: Told) -> None:
    """Let a desk hear of something."""
    how, name, slot = told
    if how == "block":
        desk.take(chain()[slot - SLOTS[0]], node="n")
    else:
        desk.tell(slot, name, name.encode(), final=how == "confirmed", node="n", time=None)


def frames(desk: Desk) -> Iterator[Frame]:
    """Yield what waits."""
    while frame := desk.frame():
        yield frame


@settings(max_examples=200, deadline=None)
@given(told=arrivals(), doubtful=st.sampled_from([-1, 13]))
def test_all_that_is_complete_is_said_as_it_is(told: list[Told], doubtful: int) -> None:
    """Before each clock: every transaction of the chain through its slot, final, in its order."""
    desk = Desk(Cursor(slot=10), doubtful=doubtful, bytes_max=10_000)
    said: list[Said] = []
    for one in [*told, *(("block", "", slot) for slot in SLOTS)]:
        bring(desk, one)
        for frame in frames(desk):
            for entry in frame.entries:
                headers = dict(entry.headers)
                name = (entry.key or b"").decode()
                kind = KINDS[headers["bt_kind"].decode()]
                said.append((kind, name, int(headers["bt_index"])))
            if frame.tick is not None:
                check(said, frame.tick.complete)
    check(said, SLOTS[-1])


def check(said: list[Said], complete: int) -> None:
    """Check what was said against the chain through slot *complete*."""
    for one in chain():
        if one.slot > complete:
            return
        indexes = []
        for name in (f"{one.slot}{letter}" for letter in "abc"):
            final = [(kind, index) for kind, key, index in said if key == name and kind in FINAL]
            assert final, f"{name} is not final, but complete is {complete}"
            by_kind = dict(reversed(final))
            indexes.append(by_kind.get(Kind.INDEXED, final[0][1]))
        assert all(before < after for before, after in pairwise(indexes)), (one.slot, indexes)


def test_a_processed_copy_that_never_comes_is_taken_back() -> None:
    """A transaction of an abandoned block is retracted before its slot is complete."""
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    desk.tell(11, "lost", b"lost", final=False, node="n", time=5, place=4)
    desk.take(chain()[0], node="n")
    frame = desk.frame()

    assert frame is not None
    kinds = [(dict(one.headers)["bt_kind"], one.key) for one in frame.entries]
    assert [
        (b"processed", b"lost"),
        *((b"indexed", name) for name in (b"11a", b"11b", b"11c")),
        (b"retracted", b"lost"),
    ] == kinds
    assert frame.tick is not None
    assert 11 == frame.tick.complete


@pytest.mark.parametrize("skipped", [False, True], ids=["another block", "no block"])
def test_a_confirmed_copy_that_is_in_no_block_is_withdrawn(
    skipped: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A node told of what never was, in a slot with a block or without: it goes, and is said."""
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    desk.tell(11, "lie", b"lie", final=True, node="n", time=5, place=4)
    desk.tell(11, "11a", b"11a", final=True, node="n", time=5, place=0)
    desk.take(block(12, 10, ["12a"]) if skipped else chain()[0], node="n")
    said = [
        (dict(one.headers)["bt_kind"], one.key) for frame in frames(desk) for one in frame.entries
    ]
    gone = [key for kind, key in said if kind == b"withdrawn"]

    assert ([b"lie", b"11a"] if skipped else [b"lie"]) == gone
    assert "lie" in caplog.text


def test_what_there_was_no_room_for_is_said_to_stay(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bytes of confirmed copies take half of the room at most; what is not kept cannot go."""
    monkeypatch.setattr(sent, "KEPT_BYTES", 8)
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    for name in ("lie1", "lie2"):
        desk.tell(11, name, name.encode(), final=True, node="n", time=5)
    desk.take(chain()[0], node="n")
    kinds = [dict(one.headers)["bt_kind"] for frame in frames(desk) for one in frame.entries]

    assert 1 == kinds.count(b"withdrawn")
    assert (
        "lie2 was told as confirmed and is in no block: a node is on a fork, or lies. It is kept."
        in caplog.text
    )


def test_nothing_goes_out_twice() -> None:
    """Copies from other nodes, and the block itself, add nothing; an order that holds stays."""
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    for name in ("11a", "11b", "11a", "11c", "11b"):
        desk.tell(11, name, name.encode(), final=True, node="n", time=None)
    desk.take(chain()[0], node="n")
    desk.take(chain()[0], node="m")
    sent = [one.key for frame in frames(desk) for one in frame.entries]

    assert [b"11a", b"11b", b"11c"] == sent


def test_what_is_too_large_is_a_dead_letter() -> None:
    """It is not lost, and does not keep the chain from being complete."""
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=1_002)
    desk.take(chain()[0], node="n")
    frame = desk.frame()

    assert frame is not None
    assert {"btracker.raw.chain.dlq"} == {one.topic for one in frame.entries}
    assert 3 == len(frame.entries)


def test_a_clock_waits_for_all_that_was_said_before_it() -> None:
    """What does not fit into one frame keeps the clock of the first from going on."""
    many = [f"s{number:04}" for number in range(1_200)]
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    desk.take(block(11, 10, many), node="n")
    found = [(len(frame.entries), frame.tick, frame.cursor.slot) for frame in frames(desk)]

    assert [500, 500, 200] == [count for count, _, _ in found]
    assert [True, True, False] == [tick is None for _, tick, _ in found]
    assert [10, 10, 11] == [slot for _, _, slot in found]


@pytest.mark.parametrize(("limit", "most"), [("KEPT_MAX", 2), ("KEPT_BYTES", 2 * len(b"lost"))])
def test_nothing_processed_goes_out_that_could_not_be_taken_back(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    """Beyond what is remembered of slots that are not complete, only confirmed copies go out."""
    monkeypatch.setattr(sent, limit, most)
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    for name in ("lost1", "lost2", "lost3"):
        desk.tell(11, name, b"lost", final=False, node="n", time=None)
    assert desk.tell(11, "11a", b"11a", final=True, node="n", time=None)
    desk.take(chain()[0], node="n")
    said = [
        (dict(one.headers)["bt_kind"], one.key) for frame in frames(desk) for one in frame.entries
    ]
    processed = {key for kind, key in said if kind == b"processed"}

    assert 2 == len(processed)
    assert desk.tell(12, "12a", b"12a", final=False, node="n", time=None)
    assert processed == {key for kind, key in said if kind == b"retracted"}


async def test_there_is_room_as_soon_as_few_enough_wait() -> None:
    """The sweep goes on beside streams that never fall silent."""
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    desk.take(block(11, 10, [f"s{number:05}" for number in range(WAITING_MAX)]), node="n")
    waiting = asyncio.create_task(desk.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    for number in range(FRAME_ENTRIES):
        desk.tell(12, f"t{number}", b"", final=True, node="n", time=None)
        desk.frame()
        if desk.waiting < WAITING_MAX:
            break
    await waiting

    assert desk.waiting
