"""Checkpoints of a worker: what of its rows is durable, on disk too, so a start reads the rest."""

import asyncio
import fcntl
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Protocol, TypeVar

from mode import Service

from domain.errors import UsageError
from streams.checkpoint import CheckpointError, Mark, prefix
from streams.lines import Place
from streams.loading import Kept, Loaded, Wanted, opened
from streams.metrics import (
    CHECKPOINT_FAILURES,
    CHECKPOINT_ROWS,
    CHECKPOINT_WRITTEN,
    RECOVERED,
)

if TYPE_CHECKING:
    from streams.table import RowTable

T = TypeVar("T")

DUE_ROWS: Final = 50_000
"""So many rows of a source partition are written before their time."""
MOST_ROWS: Final = 400_000
"""So many rows wait, of all partitions; then whoever brings more waits too."""

log = logging.getLogger(__name__)


class Record(Protocol):
    """A record of a changelog."""

    @property
    def key(self) -> bytes | None:
        """The row's key."""

    @property
    def value(self) -> bytes | None:
        """The row, None to delete it."""


class Checkpoints(Service):
    """One checkpoint per source partition, all written by one thread of their own."""

    def __init__(
        self, folder: Path | None, *, every_s: float, epoch_of: Callable[[str], int]
    ) -> None:
        super().__init__()
        self._folder = folder
        self._every_s = every_s
        self._epoch_of = epoch_of
        self._kept: dict[Place, Kept] = {}
        self._thread = ThreadPoolExecutor(1, "checkpoints")
        self._due, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._writing = 0
        self._lock: IO[bytes] | None = None

    def hold(self) -> None:
        """Take the folder for this process.

        Raises:
            UsageError: another process has it, or it cannot be written.
        """
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self._folder / "lock").open("ab")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise UsageError(
                f"The tables in {self._folder} are in use by another worker; give each a folder "
                "of its own with BTRACKER_TABLES."
            ) from None
        except OSError as error:
            raise UsageError(
                f"The folder {self._folder} cannot be written ({error.strerror}); choose another "
                "with BTRACKER_TABLES."
            ) from error

    def release(self) -> None:
        """Let another process have the folder."""
        if self._lock is not None:
            self._lock.close()

    async def load(
        self, place: Place, tables: Sequence["RowTable"], ends: Mapping[str, int]
    ) -> None:
        """Fill *tables* of the source partition *place*, as far as its checkpoint is right.

        *ends* are the next offsets of their changelogs, by topic.
        """
        if self._folder is None:
            return
        await self._close(place)
        wanted = {t.name: self._wanted(t, ends[t.topic.name]) for t in tables}
        decoders = {table.name: table.decode for table in tables}
        folder = self._folder / f"{place[0]}-{place[1]}"
        opening = self._thread.submit(opened, folder, decoders, wanted)
        try:
            kept, loaded = await asyncio.wrap_future(opening)
        except CheckpointError as error:
            self._give_up(place, error)
            return
        except asyncio.CancelledError:
            # Open all the same, in its thread; whoever opens it next must find it closed.
            self._thread.submit(_let_go, opening)
            raise
        self._kept[place] = kept
        for table in tables:
            _fill(table, place[1], loaded.get(table.name))

    def note(
        self,
        table: "RowTable",
        partition: int,
        records: Iterable[Record],
        *,
        end: int,
        as_of_ms: int,
        is_ours: bool = False,
    ) -> None:
        """Have durable *records* written, the last of which stands before offset *end*.

        *as_of_ms* is when the last was written, or sent: not when we heard of it, which may be a
        day later if we stood still. *is_ours*: by us, who had all rows of the source partition
        then, and were alone to write any.
        """
        kept = self._kept.get((table.source.name, partition))
        if kept is None:
            return
        start = prefix(table.name)
        kept.rows.update((start + record.key, record.value) for record in records if record.key)
        kept.marks[table.name] = self._mark(table, end, as_of_ms)
        if is_ours:
            kept.is_ours_at(as_of_ms)
        if len(kept.rows) >= DUE_ROWS:
            self._due.set()
        self._measure()

    async def room(self) -> None:
        """Return when not too many rows wait to be written."""
        if not self._room.is_set():
            await self._room.wait()

    async def keep(self, places: Iterable[Place]) -> None:
        """Close the checkpoints of all other source partitions."""
        for place in sorted(self._kept.keys() - set(places)):
            await self._close(place)

    async def on_stop(self) -> None:
        """Write what waits, and let go of the files."""
        await self.keep(())
        self._thread.shutdown()
        self.release()

    @Service.task
    async def _write_all(self) -> None:
        while not self.should_stop:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), self._every_s)
            self._due.clear()
            for place in list(self._kept):
                await self._write(place)

    async def _write(self, place: Place) -> None:
        kept = self._kept.get(place)
        if kept is None or not kept.rows:
            return
        rows, kept.rows, marks = kept.rows, {}, dict(kept.marks)
        self._writing += len(rows)
        try:
            await self._run(lambda: kept.checkpoint.write(rows, marks))
            CHECKPOINT_WRITTEN.inc(len(rows))
        except CheckpointError as error:
            self._give_up(place, error)
        finally:
            self._writing -= len(rows)
            self._measure()

    async def _close(self, place: Place) -> None:
        await self._write(place)
        kept = self._kept.pop(place, None)
        if kept is not None:
            await self._run(kept.checkpoint.close)

    def _give_up(self, place: Place, error: CheckpointError) -> None:
        """Go on without a checkpoint: all that is lost is time, at the next start."""
        CHECKPOINT_FAILURES.inc()
        log.error("no checkpoint of %s %s is kept from here on: %s", *place, error)
        kept = self._kept.pop(place, None)
        if kept is not None:
            self._thread.submit(kept.checkpoint.close)

    async def _run(self, work: Callable[[], T]) -> T:
        # Not dropped when a recovery is cancelled that waits for it: what was taken to be written
        # would be gone, what was to be closed open for ever.
        running = asyncio.get_running_loop().run_in_executor(self._thread, work)
        return await asyncio.shield(running)

    def _measure(self) -> None:
        waiting = self._writing + sum(len(kept.rows) for kept in self._kept.values())
        CHECKPOINT_ROWS.set(waiting)
        if waiting < MOST_ROWS:
            self._room.set()
        else:
            self._room.clear()
            self._due.set()

    def _mark(self, table: "RowTable", end: int, as_of: int) -> Mark:
        epochs, row_version, _ = self._wanted(table, end)
        return Mark(epochs, row_version, end, as_of)

    def _wanted(self, table: "RowTable", end: int) -> Wanted:
        epochs = self._epoch_of(table.source.name), self._epoch_of(table.topic.name)
        return Wanted(epochs, table.version, end)


def _let_go(opening: Future[tuple[Kept, dict[str, Loaded]]]) -> None:
    """Close what was opened for nobody."""
    if not opening.cancelled() and opening.exception() is None:
        kept, _ = opening.result()
        kept.checkpoint.close()


def _fill(table: "RowTable", partition: int, loaded: Loaded | None) -> None:
    if loaded is not None:
        table.fill(partition, loaded.rows, loaded.mark.end - 1)
        RECOVERED.labels(table.name, "checkpoint").inc(len(loaded.rows))
