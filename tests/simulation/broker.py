"""A broker in memory: logs, fences, compaction, committed offsets, and requests in flight.

Nothing that is asked of it happens at once: a request waits until whoever drives the simulation
lets it arrive, lets it fail, or lets it arrive unheard. Requests of the dead may still arrive.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

from aiokafka.errors import InvalidProducerEpoch, ProducerFenced, RequestTimedOutError

from streams.lanes import Entry
from streams.lines import Place
from tests.simulation.loop import CURRENT, Process

Identity = tuple[int, int]
"""A producer's number and epoch."""
REFUSALS = (InvalidProducerEpoch, ProducerFenced)
SLOW = 0.1
"""How many requests are slow."""


class Record(NamedTuple):
    """A record as a consumer gets it. Markers of transactions take an offset and are not shown."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int = 0


class Log:
    """One partition of one topic."""

    __slots__ = ("end", "epochs", "place", "records")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.records: list[Record] = []
        self.end = 0
        self.epochs: dict[int, int] = {}

    def admit(self, identity: Identity | None) -> None:
        """Refuse a producer of whom a newer one has written here, be it only a marker.

        Raises:
            InvalidProducerEpoch: there is a newer one.
        """
        if identity is not None:
            number, epoch = identity
            if self.epochs.get(number, -1) > epoch:
                raise InvalidProducerEpoch
            self.epochs[number] = epoch

    def append(self, entries: Iterable[Entry]) -> int:
        """Append *entries*; return the offset of the first."""
        first = self.end
        for one in entries:
            self.records.append(Record(*self.place, self.end, one.key, one.value, one.headers))
            self.end += 1
        return first

    def read(self, position: int, limit: int) -> list[Record]:
        """Return up to *limit* records from *position* on."""
        at = bisect_left(self.records, position, key=lambda record: record.offset)
        return self.records[at : at + limit]

    def compact(self, before: int) -> None:
        """Keep of the records before an offset only the last of each key."""
        last = {record.key: record.offset for record in self.records if record.offset < before}
        self.records = [
            r for r in self.records if r.offset >= before or last[r.key] == r.offset
        ]  # fmt: skip


class Request:
    """Something asked of the broker. ``done`` hears the answer, unless who asked is dead.

    ``is_local``: it is asked of a thread of the process itself, so it neither fails nor outlives.
    """

    __slots__ = ("act", "asker", "done", "is_local", "is_slow")

    def __init__(
        self, asker: Process, act: Callable[[], Any], *, is_slow: bool, is_local: bool
    ) -> None:
        self.asker, self.act, self.is_slow, self.is_local = asker, act, is_slow, is_local
        self.done = asker.loop.create_future()

    def arrive(self) -> None:
        """Let it happen, and be answered."""
        try:
            answer = self.act()
        except Exception as error:
            if not self.is_local and not isinstance(error, REFUSALS):
                raise
            self._fail(error)
        else:
            if self.asker.is_alive and not self.done.done():
                self.asker.call(self.done.set_result, answer)

    def fail(self, *, arrived: bool) -> None:
        """Let it be answered by silence; it may have arrived all the same."""
        if arrived:
            with suppress(*REFUSALS):
                self.act()
        self._fail(RequestTimedOutError())

    def _fail(self, error: Exception) -> None:
        if self.asker.is_alive and not self.done.done():
            self.asker.call(self.done.set_exception, error)


class Broker:
    """All logs, and what is on its way to them.

    ``slowness``: how often a slow request has to wait. ``refused`` counts the writes of those that
    have been replaced.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.logs: dict[Place, Log] = {}
        self.committed: dict[tuple[str, Place], int] = defaultdict(int)
        self.in_flight: list[Request] = []
        self.batch_records = 1_000
        self.slowness = 0.0
        self.refused = 0
        self._producers: dict[str, Identity] = {}

    def log(self, place: Place) -> Log:
        """Return a log, an empty one at its first sight."""
        log = self.logs.get(place)
        if log is None:
            log = self.logs[place] = Log(place)
        return log

    def request(self, act: Callable[[], Any], *, is_local: bool = False) -> Any:
        """Ask for *act*; return the future of its answer."""
        is_slow = self._rng.random() < SLOW
        made = Request(CURRENT.get(), act, is_slow=is_slow, is_local=is_local)
        self.in_flight.append(made)
        return made.done

    def let_arrive(self) -> bool:
        """Let one request arrive, a slow one rarely; False if none did."""
        waiting = self.in_flight
        if not waiting:
            return False
        at = self._rng.randrange(len(waiting))
        if waiting[at].is_slow and self._rng.random() < self.slowness:
            swift = [n for n, one in enumerate(waiting) if not one.is_slow]
            if not swift:
                return False
            at = self._rng.choice(swift)
        waiting.pop(at).arrive()
        return True

    def forget(self) -> None:
        """Lose everything, as a broker in memory does that ends."""
        self.logs.clear()
        self.committed.clear()
        self.in_flight.clear()

    def initialise(self, name: str) -> Identity:
        """Give the producer *name* a higher epoch than any before it."""
        number, epoch = self._producers.get(name, (len(self._producers), -1))
        self._producers[name] = number, epoch + 1
        return number, epoch + 1

    def refuse_older(self, name: str, identity: Identity) -> None:
        """Refuse who has been replaced.

        Raises:
            ProducerFenced: *name* has been initialised anew.
        """
        if self._producers[name] != identity:
            raise ProducerFenced

    def mark(self, places: Iterable[Place], identity: Identity) -> None:
        """Write the markers of a transaction: from here on older epochs are refused."""
        for place in places:
            log = self.log(place)
            log.admit(identity)
            log.end += 1

    def write(self, place: Place, entries: Sequence[Entry], identity: Identity | None) -> int:
        """Append a batch; return the offset of its first record."""
        log = self.log(place)
        try:
            log.admit(identity)
        except InvalidProducerEpoch:
            self.refused += 1
            raise
        return log.append(entries)
