"""The clock of a replay: it follows the pace, never goes back, and never says too much."""

import asyncio
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btracker.deployment import DEMO
from streams.sources.frames import Cursor, Frame
from streams.sources.framing import Reading
from streams.sources.pace import Pace
from streams.sources.recording import open_recording
from streams.sources.replay import beginning, frames, pace_of, replay_of
from tests.unit.sources.recordings import demo_lines, write_recording


def paced(folder: Path, speed: float, since: Cursor | None = None) -> list[Frame]:
    """Read a recording at *speed*, from its beginning or from a cursor on."""
    replay = replay_of(Reading(open_recording(folder), 1_000_000), speed=speed, as_live=False)

    async def collect() -> list[Frame]:
        start = since or beginning(replay, now=0)
        return [frame async for frame in frames(replay, start, asyncio.Event())]

    return asyncio.run(collect())


@given(
    speed=st.floats(0.1, 1e6), start=st.integers(0, 2**31), wall=st.integers(0, 2**31),
    later=st.floats(0, 1e6),
)  # fmt: skip
def test_what_is_due_has_come(speed: float, start: int, wall: int, later: float) -> None:
    """Chain time at the moment something is due is its time."""
    pace = Pace(speed, start, wall)
    moment = pace.chain_time(pace.due(start + later))

    assert math.isclose(start + later, moment, rel_tol=1e-6, abs_tol=1e-3 * speed)


def test_at_full_speed_all_is_due_at_once() -> None:
    """Whatever its time, a line is due when the replay begins."""
    pace = Pace(math.inf, 100, 5)

    assert [5, 5] == [pace.due(100), pace.due(10**9)]


def test_the_clock_is_honest_at_any_speed(tmp_path: Path) -> None:
    """What a tick calls complete has been delivered, nothing it calls past is missing."""
    posts = (DEMO / "posts.jsonl").read_bytes().splitlines()[:2]
    folder = write_recording(tmp_path, demo_lines(120), posts=posts)
    slots = [json.loads(line)["slot"] for line in demo_lines(120)]
    times = [json.loads(line)["blockTime"] for line in demo_lines(120)]
    for speed in (math.inf, 5_000.0, 1_500.0):
        delivered, last = 0, (0, 0, 0)
        for frame in paced(folder, speed):
            delivered = frame.cursor.chain.seen
            tick = frame.tick
            assert tick
            missing = slots[delivered:]
            assert not missing or tick.complete < missing[0]
            assert not missing or tick.time <= times[delivered]
            assert last <= (tick.time, tick.slot, tick.complete)
            assert tick.complete <= tick.slot
            last = (tick.time, tick.slot, tick.complete)

        assert (times[-1], slots[-1], slots[-1]) == last


@pytest.mark.parametrize("speed", [math.inf, 5_000.0])
def test_nothing_is_complete_while_posts_are_to_come(tmp_path: Path, speed: float) -> None:
    """The last slot is complete only with the posts that come after the last transaction."""
    late = (DEMO / "posts.jsonl").read_bytes().splitlines()[1:3]
    folder = write_recording(tmp_path, demo_lines(20), posts=late)
    found = paced(folder, speed)
    last = json.loads(demo_lines(20)[-1])["slot"]
    complete = [frame.tick.complete for frame in found if frame.tick]

    assert last == complete[-1]
    assert max(complete[:-1]) < last


def test_between_lines_the_clock_ticks(tmp_path: Path) -> None:
    """A paced replay tells the time between two lines far apart."""
    folder = write_recording(tmp_path, [demo_lines(1)[0], demo_lines(40)[-1]], posts=[])
    ticks = [frame.tick.time for frame in paced(folder, 400) if frame.tick]

    assert len(set(ticks)) > 2
    assert sorted(ticks) == ticks


def test_an_end_is_told_again(tmp_path: Path) -> None:
    """A replay that was read to its end tells its last clock again, and no line."""
    folder = write_recording(tmp_path, demo_lines(120))
    last = list(paced(folder, math.inf))[-1]
    again = list(paced(folder, math.inf, last.cursor))

    assert [last] == again
    assert json.loads(demo_lines(120)[-1])["slot"] == last.tick.complete


def test_as_live_goes_on_where_the_wall_is(tmp_path: Path) -> None:
    """As live, what came due while nobody replayed is due at once after a restart."""
    folder = write_recording(tmp_path, demo_lines(5))
    reading = Reading(open_recording(folder), 1_000_000)
    live = replay_of(reading, speed=1.0, as_live=True)
    plain = replay_of(reading, speed=1.0, as_live=False)
    cursor = beginning(live, now=2_000_000_000)
    later = Cursor(time=2_000_000_010, shift=cursor.shift)

    assert 2_000_000_300 == pace_of(live, later, now=2_000_000_500).due(2_000_000_300)
    assert 2_000_000_790 == pace_of(plain, later, now=2_000_000_500).due(2_000_000_300)
