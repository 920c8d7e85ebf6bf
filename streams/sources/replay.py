"""A recording -> frames, at a pace: what is due goes out, and between the lines the clock ticks."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from math import isinf
from typing import NamedTuple

from msgspec.structs import replace

from schemas.fields import Slot
from streams.sources.frames import Cursor, Frame, Shift, Tick
from streams.sources.framing import Reading, read_lines
from streams.sources.journal import Journal
from streams.sources.pace import Pace
from streams.sources.publisher import Publisher
from streams.sources.recording import Line, Merged, first_time, shift_to

FRAME_LINES = 200
"""Most lines in a frame: some 30 ms of reading, for which the event loop stands still."""
TICK_S = 0.25
SLOTS_PER_S = 2.5


class Replay(NamedTuple):
    """A recording to be replayed: ``source`` identifies it across restarts.

    As live, its first *head_start_s* seconds have passed when it begins.
    """

    reading: Reading
    source: str
    speed: float
    as_live: bool
    head_start_s: int = 0

    @property
    def name(self) -> str:
        """What it is called as a source."""
        name = self.reading.recording.name
        return f"{name}:live" if self.as_live else name


def replay_of(reading: Reading, *, speed: float, as_live: bool, head_start_s: int = 0) -> Replay:
    """Return the replay of a recording; as live it is another source than as it was."""
    suffix = ":live" if as_live else ""
    source = reading.recording.fingerprint + suffix
    return Replay(reading, source, speed, as_live, head_start_s)


def beginning(replay: Replay, now: float) -> Cursor:
    """Return the cursor of a replay that begins at wall time *now*."""
    if not replay.as_live:
        return Cursor()
    return Cursor(shift=shift_to(replay.reading.recording, int(now) - replay.head_start_s))


def pace_of(replay: Replay, cursor: Cursor, now: float) -> Pace:
    """Return the pace of a replay that goes on from *cursor* at wall time *now*.

    As live, chain time began with the wall's: what was missed while nobody replayed is due.
    """
    start = first_time(replay.reading.recording) + cursor.shift.seconds
    if replay.as_live:
        return Pace(replay.speed, start, start)
    return Pace(replay.speed, cursor.time or start, now)


async def run_replay(
    replay: Replay,
    cursor: Cursor,
    *,
    publisher: Publisher,
    journal: Journal | None,
    stop: asyncio.Event,
) -> Cursor:
    """Publish a recording from *cursor* on, each frame journaled first; return how far it got."""
    async for frame in frames(replay, cursor, stop):
        is_news = frame.entries or (frame.cursor.done and not cursor.done)
        keep = journal.append if journal and is_news else _keep_nothing
        await publisher.hand_on(frame, keep)
        cursor = frame.cursor
    await publisher.drain()
    return cursor


async def frames(replay: Replay, cursor: Cursor, stop: asyncio.Event) -> AsyncIterator[Frame]:
    """Yield what is due of a recording until its end or until *stop*; a frame may be a tick only.

    The last one's cursor says whether the recording is done, or why it cannot be read on. It comes
    again when all has been read before: whoever read it may have died before saying so.
    """
    if cursor.done:
        yield ending(replay, cursor, complete=cursor.slot)
        return
    merged = Merged(replay.reading.recording, cursor)
    pace = pace_of(replay, cursor, time.time())
    tick = Tick(cursor.time, cursor.slot, max(0, cursor.slot - 1))
    while merged.head and not stop.is_set():
        now = time.time()
        lines = due(merged, pace, cursor.shift, now)
        entries, cursor = read_lines(replay.reading, lines, cursor)
        tick = next_tick(tick, cursor, merged, pace.chain_time(now))
        yield Frame(replay.source, replay.name, entries, tick, cursor)
        if merged.head and not lines:
            wait_s = pace.due(merged.head.time + cursor.shift.seconds) - now
            await _pause(stop, min(TICK_S, wait_s))
    if not merged.head and not cursor.done:
        cursor = replace(cursor, done=merged.failure is None, failure=merged.failure)
        yield ending(replay, cursor, complete=cursor.slot if cursor.done else tick.complete)


def ending(replay: Replay, cursor: Cursor, *, complete: Slot) -> Frame:
    """Return the last frame of a replay: the clock at its end, where that is known to be."""
    return Frame(replay.source, replay.name, (), Tick(cursor.time, cursor.slot, complete), cursor)


def due(merged: Merged, pace: Pace, shift: Shift, now: float) -> list[Line]:
    """Take the lines whose time has come, at most as many as fit a frame."""
    lines: list[Line] = []
    while (head := merged.head) and len(lines) < FRAME_LINES:
        if pace.due(head.time + shift.seconds) > now:
            break
        lines.append(merged.pop())
    return lines


def next_tick(last: Tick, cursor: Cursor, merged: Merged, chain_time: float) -> Tick:
    """Return the clock after a frame; it never goes back.

    Between two lines it follows the pace, but never reaches the line to come. All is delivered
    through the slot before that line's.
    """
    moment, slot = cursor.time, cursor.slot
    if merged.head and not isinf(chain_time):
        coming = merged.head.time + cursor.shift.seconds
        moment = max(moment, int(min(chain_time, coming)))
        slot += int((moment - cursor.time) * SLOTS_PER_S)
    if (line := merged.next_chain) is not None:
        coming_slot = cursor.slot if line.slot is None else line.slot + cursor.shift.slots
        slot, complete = max(cursor.slot, min(slot, coming_slot - 1)), min(slot, coming_slot - 1)
    else:
        # Posts are still to come, or more of the last slot is missing; ``ending`` says the rest.
        complete = cursor.slot - 1
    return Tick(max(last.time, moment), max(last.slot, slot), max(last.complete, complete))


def _keep_nothing(_: Frame) -> None:
    """Journal nothing."""


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), max(0.0, seconds))
