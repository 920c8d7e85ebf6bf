"""A recording as it lies on disk: checked at the door, then read line by line in time order."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec

from domain.errors import UnreadableError, UsageError
from schemas.fields import Slot
from streams.sources.frames import Cursor, Shift
from streams.sources.lines import ChainHead, PostHead, chain_head, post_head
from streams.sources.zst import MAGIC, count_lines, zst_lines

CHAIN, POSTS, DOCUMENTS = "chain.jsonl.zst", "posts.jsonl", "metadata.json"
SAMPLE_BYTES = 1 << 20
PAUSE_S = 7 * 86_400
"""How much later than its slot says a block may be; the chain has stood still for most of a day."""
SLOT_S, SLOTS_PER_S = 2, 10
"""The slowest slot and the fastest slots that are believed; 0.4 s and 2.5 are usual."""
POST_AHEAD_S = 366 * 86_400
"""A post so much later than the transaction to come has a wrong clock."""


class Line(NamedTuple):
    """One line as it stands in its file; ``time`` (seconds, not shifted) never goes back.

    ``slot`` is None for a post and a blank line, ``error`` says why a line cannot be placed.
    """

    file: str
    data: bytes
    time: float
    slot: Slot | None = None
    error: str | None = None


class Recording(NamedTuple):
    """A recording whose files are there and of the right kind. ``documents``: by uri."""

    folder: Path
    documents: dict[str, msgspec.Raw]

    @property
    def name(self) -> str:
        """What the recording is called as a source."""
        return f"recording:{self.folder.resolve().name}"

    def count_lines(self, stop: Callable[[], bool]) -> int:
        """Return how many chain lines there are, as far as the file can be read before *stop*."""
        return count_lines(self.folder / CHAIN, stop)

    @property
    def fingerprint(self) -> str:
        """What tells this recording from others: sizes, first and last bytes of its files."""
        digest = hashlib.blake2b(digest_size=12)
        for name in (CHAIN, POSTS, DOCUMENTS):
            size = (self.folder / name).stat().st_size
            with (self.folder / name).open("rb") as file:
                digest.update(b"%d" % size + file.read(SAMPLE_BYTES))
                file.seek(max(0, size - SAMPLE_BYTES))
                digest.update(file.read(SAMPLE_BYTES))
        return digest.hexdigest()


def open_recording(folder: Path) -> Recording:
    """Return the recording in *folder*.

    Raises:
        UsageError: the folder or one of its files is missing or not what it should be.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}; name the folder of a recording.")
    for name in (CHAIN, POSTS, DOCUMENTS):
        if not (folder / name).is_file():
            raise UsageError(
                f"The recording {folder} has no {name}; a recording is a folder with {CHAIN}, "
                f"{POSTS} and {DOCUMENTS} (the last two may be empty, or {{}})."
            )
    with (folder / CHAIN).open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise UsageError(f"{folder / CHAIN} is not a zstd file; pack it with zstd.")
    return Recording(folder, _documents(folder / DOCUMENTS))


def _documents(path: Path) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(path.read_bytes() or b"{}", type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not a JSON object of documents by uri ({error}); mend it or write {{}}."
        ) from error


class Merged:
    """The lines of a recording after *cursor*: posts and chain by time, a post first at a tie.

    ``next_chain`` is the chain line to come; ``failure`` says why there is none before the end.
    """

    def __init__(self, recording: Recording, cursor: Cursor) -> None:
        self.failure: str | None = None
        self._since = float(cursor.time - cursor.shift.seconds)
        self._chain = self._read_chain(recording, cursor)
        self._posts = self._read_posts(recording, cursor)
        self.next_chain = self._take_chain()
        self._next_post = next(self._posts, None)

    @property
    def head(self) -> Line | None:
        """The line that comes next; None at the end, and where the chain cannot be read on."""
        chain, post = self.next_chain, self._next_post
        if self.failure and chain is None:
            return None
        if chain is None or (post is not None and post.time <= chain.time):
            return post
        return chain

    def pop(self) -> Line:
        """Take the next line, which must exist."""
        line = self.head
        if line is None:
            raise IndexError("nothing is left of this recording")
        if line is self._next_post:
            self._next_post = next(self._posts, None)
        else:
            self.next_chain = self._take_chain()
        return line

    def _take_chain(self) -> Line | None:
        try:
            return next(self._chain, None)
        except UnreadableError as error:
            self.failure = str(error)
            return None

    def _read_chain(self, recording: Recording, cursor: Cursor) -> Iterator[Line]:
        time, slot = self._since, cursor.slot - cursor.shift.slots if cursor.slot else None
        for data in islice(zst_lines(recording.folder / CHAIN), cursor.chain.seen, None):
            if not data.strip():
                yield Line(CHAIN, data, time)
                continue
            try:
                head = chain_head(data)
                if slot is not None:
                    check_follows(head, slot=slot, time=time)
            except UnreadableError as error:
                yield Line(CHAIN, data, time, error=str(error))
                continue
            time, slot = max(time, head.block_time or time), max(slot or 0, head.slot)
            yield Line(CHAIN, data, time, head.slot)

    def _read_posts(self, recording: Recording, cursor: Cursor) -> Iterator[Line]:
        time = self._since
        with (recording.folder / POSTS).open("rb") as file:
            for data in islice((raw.rstrip(b"\r\n") for raw in file), cursor.posts.seen, None):
                try:
                    head = post_head(data)
                    self._check_post(head)
                    time = max(time, head.time or time)
                    yield Line(POSTS, data, time)
                except UnreadableError as error:
                    yield Line(POSTS, data, time, error=str(error))

    def _check_post(self, post: PostHead) -> None:
        """Refuse a post that would hold up all others until a day that is far away."""
        chain = self.next_chain
        if chain and chain.time and post.time and post.time > chain.time + POST_AHEAD_S:
            raise UnreadableError("a post of more than a year after the transactions around it")


def check_follows(head: ChainHead, *, slot: Slot, time: float) -> None:
    """Refuse a block that cannot be: one wild line would put the clock ahead of all that follow.

    *slot* and *time* are the newest before it. A block may be older than those.

    Raises:
        UnreadableError: it lies further ahead than slots take.
    """
    slots = max(0, head.slot - slot)
    seconds = max(0, (head.block_time or time) - time)
    too_late = seconds > PAUSE_S + slots * SLOT_S
    too_far = slots > (seconds + PAUSE_S) * SLOTS_PER_S
    if too_late or too_far:
        raise UnreadableError(
            f"slot {head.slot} at {head.block_time} cannot follow slot {slot} at {time:.0f}"
        )


def first_time(recording: Recording) -> int:
    """Return the time of a recording's first line that has one, 0 if none has."""
    lines = Merged(recording, Cursor())
    while lines.head and not lines.head.time:
        lines.pop()
    return int(lines.head.time) if lines.head else 0


def shift_to(recording: Recording, now: int) -> Shift:
    """Return the shift that makes a recording's first line happen at *now*, 0.4 s to the slot."""
    seconds = now - first_time(recording)
    return Shift(slots=seconds * 5 // 2, seconds=seconds)
