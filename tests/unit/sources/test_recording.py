"""A recording is read in the order of time; what cannot be read is said and counted."""

import asyncio
import base64
import json
import math
from pathlib import Path

import pytest
import zstandard
from solders.transaction import VersionedTransaction

from btracker.deployment import DEMO
from domain.errors import UsageError
from streams.sources.frames import Cursor, Entry, Frame, Shift
from streams.sources.framing import Reading, read_lines
from streams.sources.recording import Merged, open_recording
from streams.sources.replay import beginning, frames, replay_of
from tests.unit.sources.recordings import demo_lines, write_recording

LIMIT = 1_000_000


def read(folder: Path, cursor: Cursor | None = None, limit: int = LIMIT) -> list[Frame]:
    """Read a recording from *cursor* to its end, at full speed."""
    replay = replay_of(Reading(open_recording(folder), limit), speed=math.inf, as_live=False)

    async def collect() -> list[Frame]:
        start = cursor or beginning(replay, now=0)
        return [frame async for frame in frames(replay, start, asyncio.Event())]

    return asyncio.run(collect())


def entries(found: list[Frame], topic: str) -> list[Entry]:
    """Return the records of one topic."""
    return [entry for frame in found for entry in frame.entries if entry.topic == topic]


def test_every_line_becomes_a_record_under_its_signature(tmp_path: Path) -> None:
    """Values are the lines byte for byte, in order, keyed as the transaction's own library says."""
    lines = demo_lines(60)
    found = entries(read(write_recording(tmp_path, lines)), "btracker.raw.chain")

    assert lines == [entry.value for entry in found]
    assert [signature_of(line) for line in lines] == [entry.key for entry in found]


def signature_of(line: bytes) -> bytes:
    """Return a transaction's first signature, as solders reads it."""
    wire = base64.b64decode(json.loads(line)["transaction"][0])
    return str(VersionedTransaction.from_bytes(wire).signatures[0]).encode()


def test_the_index_is_the_line_order_within_the_slot(tmp_path: Path) -> None:
    """The first three lines of the market share a slot; indices count from 0 in each slot."""
    lines = demo_lines(400)
    slots = [json.loads(line)["slot"] for line in lines]
    found = entries(read(write_recording(tmp_path, lines)), "btracker.raw.chain")
    expected = [slots[:place].count(slot) for place, slot in enumerate(slots)]

    assert [b"%d" % index for index in expected] == [dict(e.headers)["bt_index"] for e in found]
    assert max(expected) == 2


def test_an_older_line_leaves_the_order_of_its_neighbours(tmp_path: Path) -> None:
    """The first three lines share a slot, also where an older slot's line stands between."""
    lines = demo_lines(3)
    older = moved(lines[0], slots=-1)
    told = [older, lines[0], older, lines[1], older, lines[2]]
    found = entries(read(write_recording(tmp_path, told)), "btracker.raw.chain")
    indexes = [dict(entry.headers)["bt_index"] for entry in found]

    assert [b"0", b"1", b"2"] == indexes[1::2]


def moved(line: bytes, *, slots: int) -> bytes:
    """Return a transaction in another slot."""
    return json.dumps(json.loads(line) | {"slot": json.loads(line)["slot"] + slots}).encode()


def test_a_post_goes_before_the_chain_of_its_second(tmp_path: Path) -> None:
    """Posts and chain lines are merged by time, a post first at a tie."""
    recording = open_recording(write_recording(tmp_path, demo_lines(300)))
    merged, times = Merged(recording, Cursor()), []
    while merged.head:
        line = merged.pop()
        times.append((line.time, line.slot is not None))

    assert sorted(times) == times
    assert 328 == len(times)


def test_documents_follow_their_launches(tmp_path: Path) -> None:
    """Each launch whose uri is in the recording brings its document, and no other line does."""
    found = read(write_recording(tmp_path, demo_lines(200)))
    order = [
        entry.topic for frame in found for entry in frame.entries if entry.topic != "btracker.raw.x"
    ]
    lines = [i for i, topic in enumerate(order) if topic == "btracker.metadata"]

    assert {"btracker.raw.chain", "btracker.metadata"} == set(order)
    assert len(lines) == found[-1].cursor.documents
    assert len(lines) > 0


def test_a_blank_line_is_nothing(tmp_path: Path) -> None:
    """Blank lines are read over, and the order within the slots is as without them."""
    lines = demo_lines(60)
    blanks = [b"", *(part for line in lines for part in (line, b" \r"))]
    plain = entries(read(write_recording(tmp_path / "plain", lines)), "btracker.raw.chain")
    found = read(write_recording(tmp_path / "blanks", blanks))

    # The name of the recording, the last header, is another one.
    assert [entry.headers[:-1] for entry in plain] == [
        entry.headers[:-1] for entry in entries(found, "btracker.raw.chain")
    ]
    assert [] == entries(found, "btracker.raw.chain.dlq")
    assert (len(blanks), 0) == (found[-1].cursor.chain.seen, found[-1].cursor.chain.broken)


@pytest.mark.parametrize("end", [b"\n", b""])
def test_lines_are_counted_as_they_are_read(tmp_path: Path, end: bytes) -> None:
    """A last line without its end is a line."""
    folder = write_recording(tmp_path, demo_lines(60))
    text = b"\n".join(demo_lines(60)) + end
    (folder / "chain.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(text))

    assert 60 == open_recording(folder).count_lines(lambda: False)
    assert 60 == read(folder)[-1].cursor.chain.seen


def test_a_broken_line_is_dead_lettered_with_its_bytes(tmp_path: Path) -> None:
    """Lines that are nothing go to the dead letters, with the bytes, the reason and the line."""
    lines = demo_lines(6)
    broken = [b"{", b'{"blockTime":1}', b'{"slot":452000000,"transaction":["AA==","base64"]}']
    mixed = [*lines[:3], *broken, *lines[3:]]
    found = read(write_recording(tmp_path, mixed))
    letters = entries(found, "btracker.raw.chain.dlq")

    assert broken == [letter.value for letter in letters]
    assert [b"4", b"5", b"6"] == [dict(letter.headers)["bt_line"] for letter in letters]
    assert all(dict(letter.headers)["error"] for letter in letters)
    assert (9, 3) == (found[-1].cursor.chain.seen, found[-1].cursor.chain.broken)
    assert found[-1].cursor.done
    assert lines == [entry.value for entry in entries(found, "btracker.raw.chain")]


@pytest.mark.parametrize("time", [4_102_444_800, 10**15, 10**30])
def test_a_block_of_a_wild_time_moves_no_clock(tmp_path: Path, time: int) -> None:
    """A line far ahead of its slot is a dead letter, and those after it keep their times."""
    lines = demo_lines(6)
    wild = json.dumps(json.loads(lines[2]) | {"blockTime": time}).encode()
    found = read(write_recording(tmp_path, [*lines[:3], wild, *lines[3:]], posts=[]))

    assert [wild] == [letter.value for letter in entries(found, "btracker.raw.chain.dlq")]
    assert json.loads(lines[-1])["blockTime"] == found[-1].cursor.time


def test_a_block_of_a_wild_slot_moves_no_clock(tmp_path: Path) -> None:
    """Nor does a slot that no time explains; a day's pause of the chain is believed."""
    lines = demo_lines(6)
    wild = json.dumps(json.loads(lines[2]) | {"slot": 10**15}).encode()
    last = json.loads(lines[5])
    paused = json.dumps(last | {"blockTime": last["blockTime"] + 80_000}).encode()
    found = read(write_recording(tmp_path, [*lines[:3], wild, *lines[3:5], paused], posts=[]))

    assert [wild] == [letter.value for letter in entries(found, "btracker.raw.chain.dlq")]
    assert (last["slot"], last["blockTime"] + 80_000) == (
        found[-1].cursor.slot,
        found[-1].cursor.time,
    )


def test_a_post_of_a_wild_time_holds_nobody_up(tmp_path: Path) -> None:
    """A post of the year 9999 is a dead letter, as live too; those after it come in their turn."""
    posts = (DEMO / "posts.jsonl").read_bytes().splitlines()[:3]
    first = json.loads(posts[0])
    first["data"]["created_at"] = "9999-12-31T23:59:59.000Z"
    wild = json.dumps(first).encode()
    found = read(write_recording(tmp_path, demo_lines(6), posts=[wild, *posts[1:]]))

    assert [wild] == [letter.value for letter in entries(found, "btracker.raw.x.dlq")]
    assert posts[1:] == [entry.value for entry in entries(found, "btracker.raw.x")]


def test_a_broken_post_is_dead_lettered_and_a_heartbeat_is_nothing(tmp_path: Path) -> None:
    """A post without an id is a dead letter; an empty line of the stream is not even that."""
    posts = [b"", b'{"data":{"text":"no id"}}', b"nonsense"]
    found = read(write_recording(tmp_path, demo_lines(3), posts=posts))
    letters = entries(found, "btracker.raw.x.dlq")

    assert posts[1:] == [letter.value for letter in letters]
    assert (3, 2) == (found[-1].cursor.posts.seen, found[-1].cursor.posts.broken)
    assert [] == entries(found, "btracker.raw.x")


def test_a_record_too_large_is_a_dead_letter_that_fits(tmp_path: Path) -> None:
    """What a broker would refuse is dead-lettered as far as it fits, with its size."""
    lines = demo_lines(4)
    largest = max(lines, key=len)
    limit = len(largest) + 999
    found = read(write_recording(tmp_path, lines), limit=limit)
    letters = entries(found, "btracker.raw.chain.dlq")

    assert [largest[: limit - 1000]] == [letter.value for letter in letters]
    assert [b"%d" % len(largest)] == [dict(letter.headers)["bt_bytes"] for letter in letters]


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_read_up_to_its_last_whole_line(tmp_path: Path, kept: float) -> None:
    """Everything before the cut is delivered, and the reason names the line."""
    lines = demo_lines(500)
    folder = write_recording(tmp_path, lines)
    packed = (folder / "chain.jsonl.zst").read_bytes()
    (folder / "chain.jsonl.zst").write_bytes(packed[: int(len(packed) * kept)])
    found = read(folder)
    values = [entry.value for entry in entries(found, "btracker.raw.chain")]
    cursor = found[-1].cursor

    assert lines[: len(values)] == values
    assert cursor.failure
    assert f"line {len(values) + 1:,} " in cursor.failure
    assert not cursor.done
    assert found[-1].tick
    assert found[-1].tick.complete < cursor.slot or not values


@pytest.mark.parametrize("at", [1, 2, 3, 57, 250, 299])
def test_reading_goes_on_from_any_cursor(tmp_path: Path, at: int) -> None:
    """Reading in two parts gives the records, headers included, of reading in one."""
    folder = write_recording(tmp_path, demo_lines(300))
    whole = read(folder)
    all_entries = [entry for frame in whole for entry in frame.entries]
    recording = open_recording(folder)
    merged = Merged(recording, Cursor())
    lines = [merged.pop() for _ in range(at)]
    first, cursor = read_lines(Reading(recording, LIMIT), lines, Cursor())
    second = [entry for frame in read(folder, cursor) for entry in frame.entries]

    assert all_entries == [*first, *second]
    assert whole[-1].cursor == read(folder, cursor)[-1].cursor


def test_several_zstd_frames_are_one_recording(tmp_path: Path) -> None:
    """Files that were appended to, frame after frame, are read to their end."""
    lines = demo_lines(20)
    folder = write_recording(tmp_path, lines[:10])
    more = write_recording(tmp_path / "more", lines[10:])
    with (folder / "chain.jsonl.zst").open("ab") as file:
        file.write((more / "chain.jsonl.zst").read_bytes())

    assert lines == [entry.value for entry in entries(read(folder), "btracker.raw.chain")]


@pytest.mark.parametrize("name", ["chain.jsonl.zst", "posts.jsonl", "metadata.json"])
def test_a_missing_file_is_said_at_the_door(tmp_path: Path, name: str) -> None:
    """A recording without one of its files is refused, naming it."""
    folder = write_recording(tmp_path, [])
    (folder / name).unlink()
    with pytest.raises(UsageError, match=name):
        open_recording(folder)


def test_what_is_not_a_recording_is_said_at_the_door(tmp_path: Path) -> None:
    """A folder that is not there, a file that is not zstd, documents that are no object."""
    with pytest.raises(UsageError, match="There is no folder"):
        open_recording(tmp_path / "nowhere")
    folder = write_recording(tmp_path, [])
    (folder / "metadata.json").write_text("[1]")
    with pytest.raises(UsageError, match="not a JSON object"):
        open_recording(folder)
    (folder / "chain.jsonl.zst").write_text("{}")
    with pytest.raises(UsageError, match="not a zstd file"):
        open_recording(folder)


def test_as_live_moves_every_time_and_keeps_every_distance(tmp_path: Path) -> None:
    """As live, slots, block times and times of posts are moved; nothing else changes."""
    lines = demo_lines(50)
    folder = write_recording(tmp_path, lines)
    replay = replay_of(Reading(open_recording(folder), LIMIT), speed=math.inf, as_live=True)
    start = beginning(replay, now=1_700_000_000.7)

    async def collect() -> list[Frame]:
        return [frame async for frame in frames(replay, start, asyncio.Event())]

    found = asyncio.run(collect())
    moved = [json.loads(entry.value) for entry in entries(found, "btracker.raw.chain")]
    plain = [json.loads(line) for line in lines]

    assert Shift(slots=-225_000_000, seconds=-90_000_000) == start.shift
    assert [p["slot"] - 225_000_000 for p in plain] == [m["slot"] for m in moved]
    assert [p["blockTime"] - 90_000_000 for p in plain] == [m["blockTime"] for m in moved]
    assert [{**p, "slot": 0, "blockTime": 0} for p in plain] == [
        {**m, "slot": 0, "blockTime": 0} for m in moved
    ]
    posts = [json.loads(entry.value) for entry in entries(found, "btracker.raw.x")]
    assert "2023-11-14T22:13:35.000Z" == posts[0]["data"]["created_at"]
