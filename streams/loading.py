"""Loading a checkpoint: what of it may be believed, and what is read from the changelog instead."""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from domain.errors import UnreadableError
from streams.checkpoint import Checkpoint, CheckpointError, Mark, discard
from streams.metrics import CHECKPOINT_FAILURES
from streams.topic_settings import STATE_TOMBSTONE_MS

OLDEST_MS: Final = STATE_TOMBSTONE_MS - 4 * 3_600_000
"""What is older may hold rows that were deleted since, and their tombstones are gone from the
changelog. The margin is for clocks that differ, and for the time that reading takes."""
AHEAD_MS: Final = 3_600_000

Decode = Callable[[bytes], Any]

log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """What the rows of a table must be, and the next offset of its changelog."""

    epochs: tuple[int, int]
    version: str
    end: int


class Loaded(NamedTuple):
    """The rows of a table, and how far they go."""

    rows: dict[str, Any]
    mark: Mark


class Kept:
    """An open checkpoint, and what is to be written into it next."""

    def __init__(self, checkpoint: Checkpoint, marks: Mapping[str, Mark]) -> None:
        self.checkpoint = checkpoint
        self.marks = dict(marks)
        self.rows: dict[bytes, bytes | None] = {}

    def is_ours_at(self, time_ms: int) -> None:
        """Take note that all tables had all their rows then, and nobody else wrote any."""
        for name, mark in self.marks.items():
            self.marks[name] = msgspec.structs.replace(mark, as_of=time_ms)


def opened(
    folder: Path, decoders: Mapping[str, Decode], wanted: Mapping[str, Wanted]
) -> tuple[Kept, dict[str, Loaded]]:
    """Open the checkpoint in *folder*; return it, and the rows of each table that are right.

    One that is damaged is made anew.

    Raises:
        CheckpointError: that does not help either.
    """
    try:
        return _opened(folder, decoders, wanted)
    except CheckpointError as error:
        damage = str(error)
    CHECKPOINT_FAILURES.inc()
    log.warning("the checkpoint in %s is damaged and made anew: %s", folder, damage)
    discard(folder)
    return _opened(folder, decoders, wanted)


def _opened(
    folder: Path, decoders: Mapping[str, Decode], wanted: Mapping[str, Wanted]
) -> tuple[Kept, dict[str, Loaded]]:
    checkpoint = Checkpoint(folder)
    try:
        loaded = _loaded(checkpoint, folder, decoders, wanted)
    except BaseException:
        checkpoint.close()
        raise
    return Kept(checkpoint, {name: one.mark for name, one in loaded.items()}), loaded


def _loaded(
    checkpoint: Checkpoint,
    folder: Path,
    decoders: Mapping[str, Decode],
    wanted: Mapping[str, Wanted],
) -> dict[str, Loaded]:
    marks = checkpoint.marks()
    loaded = {}
    for name, decode in decoders.items():
        reason = _reason(marks.get(name), wanted[name])
        if reason is None:
            loaded[name] = Loaded(_rows(checkpoint, name, decode), marks[name])
            continue
        checkpoint.forget(name)
        if name in marks:
            log.warning("the rows of %s in %s are not used: %s", name, folder, reason)
    return loaded


def _reason(mark: Mark | None, wanted: Wanted) -> str | None:
    if mark is None:
        return "there are none"
    return doubt(mark, wanted, now_ms=now_ms())


def doubt(mark: Mark, wanted: Wanted, *, now_ms: int) -> str | None:
    """Return why rows with that *mark* may be wrong, None if they are right."""
    if mark.epochs != wanted.epochs:
        return "their topics have been created anew"
    if mark.version != wanted.version:
        return "rows have another form now"
    if mark.end > wanted.end:
        return f"they go to offset {mark.end:,}, but the changelog ends at {wanted.end:,}"
    if now_ms - mark.as_of > OLDEST_MS:
        return "they are so old that rows deleted since would seem to be there"
    if mark.as_of - now_ms > AHEAD_MS:
        return "they are from the future"
    return None


def now_ms() -> int:
    """Return the wall clock in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _rows(checkpoint: Checkpoint, name: str, decode: Decode) -> dict[str, Any]:
    try:
        return {key.decode(): decode(row) for key, row in checkpoint.rows(name)}
    except (UnreadableError, UnicodeDecodeError) as error:
        raise CheckpointError(f"a row of {name} cannot be read: {error}") from error
