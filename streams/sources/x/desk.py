"""Lines of X -> records: each version of a post once, deletions, dead letters; how far it is."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import NamedTuple

from domain.errors import UnreadableError
from domain.posts.partition import MINTS
from schemas.cursor import SourceCursor
from schemas.fields import Mint
from schemas.topics import DLQ_SUFFIX, RAW_X
from streams.sources.frames import Cursor, Entry, Frame, Tally
from streams.sources.framing import OVERHEAD_BYTES
from streams.sources.x import metrics
from streams.sources.x.budget import Budget
from streams.sources.x.connects import Connects
from streams.sources.x.wire import Seen, read_seen

SOURCE = "x"
FRAME_ENTRIES = 256
KNOWN_MAX = 300_000
"""Most ids of which it is remembered that they came, or are gone."""
HEADERS = (("bt_source", SOURCE.encode()),)


def deletion(first: str, mints: Iterable[Mint]) -> Entry:
    """Return the record that deletes a post, by the id of its first version."""
    headers = (*HEADERS, (MINTS, " ".join(mints).encode()))
    return Entry(RAW_X.name, first.encode(), None, headers)


class Mark(NamedTuple):
    """A cursor that holds once so many records are safe."""

    records: int
    cursor: SourceCursor


class Ids:
    """The last ids of many, oldest forgotten first."""

    def __init__(self) -> None:
        self._ids = OrderedDict[str, None]()

    def __contains__(self, one: str) -> bool:
        return one in self._ids

    def add(self, one: str) -> None:
        """Remember an id."""
        self._ids[one] = None
        if len(self._ids) > KNOWN_MAX:
            self._ids.popitem(last=False)

    def forget(self, one: str) -> None:
        """Forget an id."""
        self._ids.pop(one, None)


class Desk:
    """What waits to be published, in order.

    ``through``: the id to search from; ``began``: when the first collector did, for the time before
    there is one.
    """

    def __init__(
        self, cursor: SourceCursor, budget: Budget, connects: Connects, *, bytes_max: int
    ) -> None:
        self.budget, self.connects, self._bytes_max = budget, connects, bytes_max
        self.through = cursor.post_id
        self.began = cursor.time or int(time.time())
        self.has_news = asyncio.Event()
        self.known, self._gone = Ids(), Ids()
        self._waiting = deque[Entry]()
        self._marks = deque[Mark]()
        self._count = self._sent = cursor.published
        self.broken = self.deleted = 0

    @property
    def count(self) -> int:
        """How many records there were in all."""
        return self._count

    def recall(self, versions: Iterable[str]) -> None:
        """Take note that versions of posts came before."""
        for version in versions:
            self.known.add(version)

    def take(self, line: bytes, *, now: float) -> Seen | None:
        """Take a line; return the post in it if it is news.

        A version is none once a later one of the post has come: what comes last is what counts, and
        X still tells of earlier ones.

        Raises:
            EndedError: it says that the connection is over.
        """
        try:
            seen = self._read(line)
        except UnreadableError as error:
            self._refuse(line, str(error))
            return None
        if seen is None:
            metrics.LINES.labels("control").inc()
            return None
        self.budget.read(set(seen.posts), set(seen.users), now=now)
        if seen.id in self.known or seen.first in self._gone:
            metrics.LINES.labels("duplicate").inc()
            return None
        self.recall(seen.so_far)
        metrics.LINES.labels("post").inc()
        self._put(Entry(RAW_X.name, seen.first.encode(), line, HEADERS))
        return seen

    def take_deletion(self, first: str, mints: Iterable[Mint]) -> None:
        """Let a post be forgotten everywhere, by the id of its first version; it stays so.

        *mints*: the tokens that were linked to it.
        """
        if first not in self._gone:
            self._gone.add(first)
            self.deleted += 1
            metrics.LINES.labels("deleted").inc()
            self._put(deletion(first, mints))

    def readmit(self, versions: Iterable[str]) -> None:
        """Let a post come again if it was gone, by the ids of its versions, oldest first."""
        first, *others = versions
        if first in self._gone:
            for version in (first, *others):
                self.known.forget(version)
            self._gone.forget(first)

    def reach(self, through: str | None) -> None:
        """Take note that all posts through an id are here, so that nobody has to search them."""
        self.through = through
        day, posts, users = self.budget.spent
        cursor = SourceCursor(
            through=0, time=self.began, published=self._count, post_id=through,
            day=day, posts_read=posts, users_read=users, connected=self.connects.made,
        )  # fmt: skip
        self._marks.append(Mark(self._count, cursor))

    def frame(self, now: float) -> Frame | None:
        """Return what is next to be published; None: there is nothing."""
        entries = tuple(
            self._waiting.popleft() for _ in range(min(FRAME_ENTRIES, len(self._waiting)))
        )
        if not entries:
            self.has_news.clear()
            return None
        self._sent += len(entries)
        cursor = Cursor(posts=Tally(self._sent, self.broken), time=int(now))
        return Frame(SOURCE, SOURCE, entries, None, cursor)

    def settled(self, count: int) -> SourceCursor | None:
        """Return the newest cursor that holds when *count* records are safe."""
        newest = None
        while self._marks and self._marks[0].records <= count:
            newest = self._marks.popleft().cursor
        return newest

    def _read(self, line: bytes) -> Seen | None:
        if len(line) + OVERHEAD_BYTES > self._bytes_max:
            raise UnreadableError(f"{len(line):,} bytes are more than a record may have")
        return read_seen(line)

    def _refuse(self, line: bytes, error: str) -> None:
        self.broken += 1
        metrics.LINES.labels("broken").inc()
        headers = (("error", error[:500].encode()), *HEADERS, ("bt_bytes", b"%d" % len(line)))
        data = line[: self._bytes_max - OVERHEAD_BYTES]
        self._put(Entry(RAW_X.name + DLQ_SUFFIX, None, data, headers))

    def _put(self, entry: Entry) -> None:
        self._count += 1
        self._waiting.append(entry)
        self.has_news.set()
