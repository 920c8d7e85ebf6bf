"""The journal gives back what was written, whatever was cut off its end."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.errors import UsageError
from schemas.topics import RAW_X
from streams.sources.frames import Cursor, Entry, Frame, Position, Tally, Tick
from streams.sources.journal import Journal
from streams.sources.segments import blocks

HOUR = 3600


def frame(number: int, *, time: int = 0, source: str = "s", size: int = 10) -> Frame:
    """Return a frame whose cursor says that *number* lines were read."""
    entry = Entry("raw", b"%d" % number, bytes([number % 256]) * size, (("h", b"v"),))
    cursor = Cursor(chain=Tally(seen=number), time=time)
    return Frame(source, "name", (entry,), Tick(time, number, number), cursor)


def journal_in(folder: Path, segment_bytes: int = 1 << 20, keep_s: int = 48 * HOUR) -> Journal:
    """Open the journal in *folder*."""
    return Journal(folder, keep_s=keep_s, segment_bytes=segment_bytes)


def fill(folder: Path, count: int, **options: int) -> list[Position]:
    """Write *count* frames into the journal in *folder*."""
    with journal_in(folder, **options) as journal:
        return [journal.append(frame(number)) for number in range(1, count + 1)]


def frames_in(folder: Path) -> list[Frame]:
    """Return the frames of the journal in *folder*."""
    with journal_in(folder) as journal:
        return [one for one, _ in journal.read()]


@given(
    sizes=st.lists(st.integers(0, 400), min_size=1, max_size=12),
    segment_bytes=st.integers(1, 600),
    reopen=st.sets(st.integers(0, 11)),
)
@settings(max_examples=60, deadline=None)
def test_it_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], segment_bytes: int, reopen: set[int]
) -> None:
    """Frames come back in order, over any number of segments and restarts."""
    folder = tmp_path_factory.mktemp("journal")
    written = [frame(number, size=size) for number, size in enumerate(sizes)]
    journal = journal_in(folder, segment_bytes)
    for number, one in enumerate(written):
        if number in reopen:
            journal.__exit__()
            journal = journal_in(folder, segment_bytes)
        journal.append(one)
    journal.__exit__()

    assert written == frames_in(folder)


@given(cut=st.integers(1, 5000), frames=st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_a_torn_tail_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, cut: int, frames: int
) -> None:
    """Whatever is missing at the end, whole frames stay, and writing goes on behind them."""
    folder = tmp_path_factory.mktemp("journal")
    ends = [position.offset for position in fill(folder, frames)]
    path = next(folder.glob("*.segment"))
    left = max(0, path.stat().st_size - cut)
    with path.open("r+b") as file:
        file.truncate(left)
    whole = [frame(number) for number, end in enumerate(ends, 1) if end <= left]
    with journal_in(folder) as journal:
        known = journal.cursors.get("s", Cursor()).chain.seen
        journal.append(frame(99))

    assert [*whole, frame(99)] == frames_in(folder)
    assert len(whole) == known


@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
@settings(max_examples=80, deadline=None)
def test_a_damaged_byte_never_becomes_a_record(
    tmp_path_factory: pytest.TempPathFactory, place: int, flip: int
) -> None:
    """What comes back is a beginning of what was written, whichever byte was changed."""
    folder = tmp_path_factory.mktemp("journal")
    fill(folder, 4)
    path = next(folder.glob("*.segment"))
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= flip
    path.write_bytes(bytes(data))
    found = frames_in(folder)

    assert [frame(number) for number in range(1, len(found) + 1)] == found


def test_damage_in_an_older_segment_costs_only_its_rest(tmp_path: Path) -> None:
    """Segments after a damaged one are read."""
    positions = fill(tmp_path, 6, segment_bytes=150)
    first = min(tmp_path.glob("*.segment"))
    first.write_bytes(first.read_bytes()[:-3])
    torn = max(number for number, at in enumerate(positions, 1) if at.segment == 1)
    with journal_in(tmp_path) as journal:
        found = [one.cursor.chain.seen for one, _ in journal.read()]

    assert [number for number in range(1, 7) if number != torn] == found
    assert torn < 6


def test_reading_goes_on_after_a_position(tmp_path: Path) -> None:
    """Reading since a frame's position gives exactly the frames after it, over segments."""
    positions = fill(tmp_path, 7, segment_bytes=150)
    with journal_in(tmp_path) as journal:
        after = [
            [one.cursor.chain.seen for one, _ in journal.read(position)] for position in positions
        ]

    assert [list(range(number + 1, 8)) for number in range(1, 8)] == after


def test_cursors_survive_the_segments_they_were_written_in(tmp_path: Path) -> None:
    """A source that ended long ago is still known when its segments were dropped."""
    with journal_in(tmp_path, segment_bytes=100, keep_s=HOUR) as journal:
        journal.append(frame(1, time=1000, source="old"))
        for number in range(2, 12):
            journal.append(frame(number, time=1000 + number * HOUR))
    with journal_in(tmp_path) as journal:
        left = {one.source for one, _ in journal.read()}
        cursor = journal.cursors["old"]

    assert {"s"} == left
    assert Cursor(chain=Tally(seen=1), time=1000) == cursor


@given(times=st.lists(st.integers(0, 20), min_size=1, max_size=30), keep=st.integers(1, 10))
@settings(max_examples=60, deadline=None)
def test_nothing_younger_than_the_retention_is_dropped(
    tmp_path_factory: pytest.TempPathFactory, times: list[int], keep: int
) -> None:
    """Every frame within the retention of the newest chain time comes back."""
    folder = tmp_path_factory.mktemp("journal")
    written = [frame(number, time=hour * HOUR) for number, hour in enumerate(times)]
    with journal_in(folder, segment_bytes=120, keep_s=keep * HOUR) as journal:
        for one in written:
            journal.append(one)
        found = [one for one, _ in journal.read()]
    young = [one for one in written if one.cursor.time >= (max(times) - keep) * HOUR]

    assert [one for one in found if one in young] == young


def test_what_was_acknowledged_is_of_one_epoch(tmp_path: Path) -> None:
    """A broker of another epoch has acknowledged nothing."""
    with journal_in(tmp_path) as journal:
        position = journal.append(frame(1))
        journal.acknowledge(7, position)
    with journal_in(tmp_path) as journal:
        assert position == journal.acknowledged(7)
        assert journal.acknowledged(8) is None


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    """A second collector on the same folder is refused, and told what to do."""
    with journal_in(tmp_path), pytest.raises(UsageError, match="data folder of its own"):
        journal_in(tmp_path)


def posted(number: int, *, time: int) -> Frame:
    """Return a frame with a transaction and a post."""
    one = frame(number, time=time)
    return replace(one, entries=(*one.entries, Entry(RAW_X.name, b"post", b"text", ())))


def test_posts_of_x_are_gone_after_a_day(tmp_path: Path) -> None:
    """However long the rest is kept, and wherever a segment would have ended for its size."""
    with journal_in(tmp_path) as journal:
        for hour in range(40):
            position = journal.append(posted(hour, time=1_790_000_000 + hour * HOUR))
            journal.acknowledge(1, position)
        frames = [one for one, _ in journal.read()]
    posts = [f.cursor.time for f in frames if any(e.topic == RAW_X.name for e in f.entries)]

    assert list(range(40)) == [one.cursor.chain.seen for one in frames]
    assert 24 * HOUR >= frames[-1].cursor.time - min(posts)
    assert 20 < len(posts) < 26
    assert b"text" not in b"".join(
        block.data for path in sorted(tmp_path.glob("*.segment"))[:10] for block in blocks(path)
    )


def test_posts_that_no_broker_has_yet_stay(tmp_path: Path) -> None:
    """Positions in the journal are places in files, and where one may go on nothing moves."""
    with journal_in(tmp_path) as journal:
        first = journal.append(posted(0, time=1_790_000_000))
        for hour in range(1, 40):
            journal.append(posted(hour, time=1_790_000_000 + hour * HOUR))
        journal.acknowledge(1, first)
        found = list(journal.read(first))

    assert list(range(1, 40)) == [one.cursor.chain.seen for one, _ in found]
    assert all(len(one.entries) == 2 for one, _ in found)
