"""The journal of raw input: what a broker that forgets is told again.

Segments of blocks. The first block of a segment is its ``Heading``, so that older segments can be
dropped and nothing but the last need be read to go on; each other block is a ``Frame``, written
before it is produced.
"""

import fcntl
import os
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Self

import msgspec

from domain.errors import UsageError
from schemas.base import Row
from streams.sources.frames import Cursor, Frame, Position
from streams.sources.segments import blocks, seal

SEGMENT_BYTES = 64 << 20


class Heading(Row, frozen=True, array_like=True, gc=False):
    """What was known when a segment began: the newest chain time, and every source's cursor."""

    time: int
    cursors: dict[str, Cursor]


class Acknowledged(Row, frozen=True, array_like=True, gc=False):
    """All before this place is safe in the broker whose raw topic began at ``epoch``."""

    epoch: int
    segment: int
    offset: int


_frame = msgspec.msgpack.Decoder(Frame)
_heading = msgspec.msgpack.Decoder(Heading)
_pack = msgspec.msgpack.Encoder().encode


class Journal:
    """The journal in a folder, open for its one writer.

    ``time`` is the newest chain time in it, ``cursors`` how far each source was read. Segments
    whose records are all older than ``keep_s`` seconds before ``time`` are dropped; None: none is.
    """

    def __init__(
        self, folder: Path, *, keep_s: int | None, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._keep_s, self._segment_bytes = folder, keep_s, segment_bytes
        self._lock = self._take_lock()
        self.time = 0
        self.cursors: dict[str, Cursor] = {}
        self._segment, self._file = self._resume()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._lock.close()

    def append(self, frame: Frame) -> Position:
        """Write a frame; return the place after it. It survives the end of this process."""
        if self._file.tell() >= self._segment_bytes:
            self._close()
            self._segment, self._file = self._begin(self._segment + 1)
            if self._keep_s is not None:
                self._expire(self.time - self._keep_s)
        self._file.write(seal(_pack(frame)))
        self._file.flush()
        self._remember(frame)
        return Position(self._segment, self._file.tell())

    def read(self, since: Position | None = None) -> Iterator[tuple[Frame, Position]]:
        """Yield the frames after *since* (all of them: None), each with the place after it."""
        for segment in self._segments():
            if since and segment < since.segment:
                continue
            for block in islice(blocks(self._path(segment)), 1, None):  # After the heading.
                position = Position(segment, block.end)
                if not since or position > since:
                    yield _frame.decode(block.data), position

    def acknowledged(self, epoch: int) -> Position | None:
        """Return the place before which all is in the broker of *epoch*; None: nothing is."""
        try:
            known = msgspec.json.decode(self._note.read_bytes(), type=Acknowledged)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        return Position(known.segment, known.offset) if known.epoch == epoch else None

    def acknowledge(self, epoch: int, position: Position) -> None:
        """Note that all before *position* is in the broker of *epoch*."""
        written = self._note.with_suffix(".new")
        written.write_bytes(msgspec.json.encode(Acknowledged(epoch, *position)))
        written.replace(self._note)

    @property
    def _note(self) -> Path:
        return self._folder / "acknowledged.json"

    def _take_lock(self) -> IO[bytes]:
        lock = (self._folder / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise UsageError(
                f"Another collector writes the journal in {self._folder}; stop it, or give this "
                "one a data folder of its own."
            ) from None
        return lock

    def _path(self, segment: int) -> Path:
        return self._folder / f"{segment:010}.segment"

    def _segments(self) -> list[int]:
        return sorted(int(path.stem) for path in self._folder.glob("*.segment"))

    def _heading(self, segment: int) -> Heading:
        first = next(blocks(self._path(segment)), None)
        return _heading.decode(first.data) if first else Heading(self.time, self.cursors)

    def _expire(self, oldest: int) -> None:
        for segment, after in pairwise(self._segments()):
            if self._heading(after).time < oldest:
                self._path(segment).unlink()

    def _begin(self, segment: int) -> tuple[int, IO[bytes]]:
        file = self._path(segment).open("wb")
        file.write(seal(_pack(Heading(self.time, self.cursors))))
        file.flush()
        return segment, file

    def _resume(self) -> tuple[int, IO[bytes]]:
        segments = self._segments()
        while segments and not (end := self._load(segments[-1])):
            self._path(segments.pop()).unlink()
        if not segments:
            return self._begin(1)
        path = self._path(segments[-1])
        # Half a frame at the end was never produced; what comes next must not stand behind it.
        os.truncate(path, end)
        return segments[-1], path.open("ab")

    def _load(self, segment: int) -> int:
        """Take over what a segment knows; return where its last whole block ends."""
        end = 0
        for number, block in enumerate(blocks(self._path(segment))):
            if number:
                self._remember(_frame.decode(block.data))
            else:
                heading = _heading.decode(block.data)
                self.time, self.cursors = heading.time, dict(heading.cursors)
            end = block.end
        return end

    def _remember(self, frame: Frame) -> None:
        self.cursors[frame.source] = frame.cursor
        self.time = max(self.time, frame.cursor.time)

    def _close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
