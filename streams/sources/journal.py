"""The journal of raw input: what a broker that forgets is told again.

Segments of blocks. The first block of a segment is its ``Heading``, so that older segments can be
dropped and nothing but the last need be read to go on; each other block is a ``Frame``, written
before it is produced.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import IO, Self

import msgspec
from msgspec.structs import replace

from domain.errors import UsageError
from schemas.base import Row
from schemas.topics import RAW_X
from streams.sources.frames import Cursor, Frame, Position
from streams.sources.segments import blocks, seal

DELETED = "deleted-posts"
SEGMENT_BYTES = 64 << 20
SEGMENT_S = 3_600
"""Chain time that a segment takes, about: only whole ones are dropped, or rid of posts."""
POSTS_S = 24 * 3_600 - SEGMENT_S
"""Raw posts of X may be kept for 24 hours at most."""


class Heading(Row, frozen=True, array_like=True, gc=False):
    """What was known when a segment began: the newest chain time, and every source's cursor.

    ``has_posts`` is false once the segment was rid of posts.
    """

    time: int
    cursors: dict[str, Cursor]
    has_posts: bool = True


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
    Raw posts of X are taken out of segments long before.
    """

    def __init__(
        self, folder: Path, *, keep_s: int | None, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._keep_s, self._segment_bytes = folder, keep_s, segment_bytes
        self._lock = self._take_lock()
        self.time = 0
        self.cursors: dict[str, Cursor] = {}
        self._began = self._safe = 0
        self._segment, self._file = self._resume()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._lock.close()

    def append(self, frame: Frame) -> Position:
        """Write a frame; return the place after it. It survives the end of this process."""
        is_old = self.time >= self._began + SEGMENT_S
        if is_old or self._file.tell() >= self._segment_bytes:
            self._close()
            self._segment, self._file = self._begin(self._segment + 1)
            self._expire()
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

    def deletions(self) -> list[str]:
        """Return the ids of posts that were deleted by hand while they may be in here."""
        return deletions(self._folder)

    def acknowledged(self, epoch: int) -> Position | None:
        """Return the place before which all is in the broker of *epoch*; None: nothing is."""
        try:
            known = msgspec.json.decode(self._note.read_bytes(), type=Acknowledged)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        if known.epoch != epoch:
            return None
        self._safe = known.segment
        return Position(known.segment, known.offset)

    def acknowledge(self, epoch: int, position: Position) -> None:
        """Note that all before *position* is in the broker of *epoch*."""
        written = self._note.with_suffix(".new")
        written.write_bytes(msgspec.json.encode(Acknowledged(epoch, *position)))
        written.replace(self._note)
        self._safe = position.segment

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

    def _expire(self) -> None:
        """Drop what is too old of what need not be kept any more."""
        for segment, after in pairwise(self._segments()):
            age_s = self.time - self._heading(after).time
            if self._keep_s is not None and age_s > self._keep_s:
                self._path(segment).unlink()
            elif age_s > POSTS_S and segment < self._safe and self._heading(segment).has_posts:
                self._forget_posts(segment)

    def _forget_posts(self, segment: int) -> None:
        """Write a segment anew without posts; no place in it is one to go on from any more."""
        path, heading = self._path(segment), self._heading(segment)
        written = path.with_suffix(".new")
        with written.open("wb") as file:
            file.write(seal(_pack(replace(heading, has_posts=False))))
            for block in islice(blocks(path), 1, None):
                frame = _frame.decode(block.data)
                kept = tuple(entry for entry in frame.entries if entry.topic != RAW_X.name)
                file.write(seal(_pack(replace(frame, entries=kept))))
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)

    def _begin(self, segment: int) -> tuple[int, IO[bytes]]:
        file = self._path(segment).open("wb")
        file.write(seal(_pack(Heading(self.time, self.cursors))))
        file.flush()
        self._began = self.time
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
                self._began = self.time = heading.time
                self.cursors = dict(heading.cursors)
            end = block.end
        return end

    def _remember(self, frame: Frame) -> None:
        self.cursors[frame.source] = frame.cursor
        self.time = max(self.time, frame.cursor.time)

    def _close(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def deletions(folder: Path) -> list[str]:
    """Return the ids of posts that are noted as deleted in a journal's folder."""
    try:
        return (folder / DELETED).read_text().split()
    except FileNotFoundError:
        return []


def note_deletions(folder: Path, ids: Sequence[str]) -> None:
    """Note posts as deleted, whether or not somebody writes the journal in *folder* just now.

    Where there is no journal there is nothing to note.
    """
    if not folder.is_dir():
        return
    with (folder / DELETED).open("a") as file:
        file.write("".join(f"{one}\n" for one in ids))
