"""The processes of one run: who is started, who dies, who is stopped, and who sees to them.

Accidents leave things as they are; ``mind`` does what operators, supervisors and the timeouts of
Kafka do about them, some time later.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

from aiokafka.errors import KafkaError

from schemas.topics import CATALOGUE
from streams.lines import Place
from tests.simulation.broker import Broker, Request
from tests.simulation.disk import Disks
from tests.simulation.group import Group
from tests.simulation.loop import Loop, Process
from tests.simulation.pipeline import Index
from tests.simulation.seen import BrokenPromiseError, Watched
from tests.simulation.worker import Worker

COMPACTED = frozenset(topic.name for topic in CATALOGUE if "compact" in topic.cleanup)


class Fleet:
    """Some workers and an index process on one broker and one store.

    ``is_fenced``: the broker has transactions, so a worker that lost its partitions without
    noticing is refused; without them there is one worker, and nobody takes anything from it.
    """

    def __init__(
        self,
        rng: Random,
        broker: Broker,
        views: Watched,
        *,
        partitions: int,
        is_fenced: bool,
        note: Callable[[str], None],
    ) -> None:
        self._rng, self._broker, self._views, self._note = rng, broker, views, note
        self._partitions, self._is_fenced = partitions, is_fenced
        self._wanted = rng.randint(1, partitions) if is_fenced else 1
        self._has_disks = rng.random() < 0.5
        self._started = 0
        self.loop, self.disks = Loop(), Disks()
        self.epochs: Mapping[str, int] = {}
        self.group = Group(partitions, rng)
        self.workers: list[Worker] = []
        self.index: Index | None = None

    def processes(self) -> Iterator[Process]:
        """Yield everybody alive."""
        yield from self.workers
        if self.index is not None:
            yield self.index

    @property
    def is_quiet(self) -> bool:
        """Whether everybody is there, and all there was to do is done, committed and visible."""
        return (
            not self._broker.in_flight
            and not self.group.is_rebalancing
            and len(self.workers) == self._wanted
            and all(worker.is_done for worker in self.workers)
            and self.index is not None
            and self.index.is_done
        )

    # Accidents.

    def accident(self) -> None:
        """Let something go wrong."""
        choices = [self._kill_some, self._kill_index, self._fail_request, self.compact]
        if self._is_fenced:
            choices += [self._stop_some, self._stop_some, self._stop_some, self._rebalance]
        self._rng.choice(choices)()

    def kill_all(self) -> None:
        """Kill everybody at once."""
        for worker in list(self.workers):
            self._kill(worker)
        self._kill_index()

    def compact(self, place: Place | None = None) -> None:
        """Compact a partition up to somewhere; *place*: that one, all of it."""
        places = [one for one in self._broker.logs if is_compacted(one)]
        if place is not None or places:
            log = self._broker.log(place or self._rng.choice(places))
            log.compact(log.end if place else self._rng.randint(0, log.end))
            self._note(f"compact {log.place[0]} {log.place[1]}")

    def _kill_some(self) -> None:
        if self.workers:
            self._kill(self._rng.choice(self.workers))

    def _kill(self, worker: Worker) -> None:
        self._note(f"{worker.name} dies" + (f" of {worker.failure!r}" if worker.failure else ""))
        worker.kill()
        self.workers.remove(worker)
        for request in [one for one in self._broker.in_flight if one.asker is worker]:
            self._outlive(request)

    def _outlive(self, request: Request) -> None:
        """Lose what a dead worker has asked for, or let it arrive: now or, where fenced, later."""
        if self._is_fenced and not request.is_local and self._rng.random() < 0.5:
            request.is_slow = True
            return
        self._broker.in_flight.remove(request)
        if self._rng.random() < 0.5:
            request.arrive()

    def _kill_index(self) -> None:
        if self.index is not None:
            self._note("the index process dies")
            self.index.kill()
            kept = [one for one in self._broker.in_flight if one.asker is not self.index]
            self._broker.in_flight = kept
            self.index = None

    def _fail_request(self) -> None:
        asked = [
            one
            for one in self._broker.in_flight
            if isinstance(one.asker, Worker) and not one.is_local
        ]
        if asked:
            request = self._rng.choice(asked)
            self._broker.in_flight.remove(request)
            self._note(f"{request.asker.name} gets no answer")
            request.fail(arrived=self._rng.random() < 0.5)

    def _stop_some(self) -> None:
        if self.workers:
            worker = self._rng.choice(self.workers)
            worker.is_paused = True
            for request in self._broker.in_flight:
                request.is_slow = request.is_slow or request.asker is worker
            self._note(f"{worker.name} is stopped")

    def _rebalance(self) -> None:
        self._note("partitions are handed out anew")
        self.group.call()

    # What is done about them.

    def mind(self) -> None:
        """Start who is missing, resume who is stopped, give up who is silent."""
        for worker in list(self.workers):
            if worker.is_paused:
                self._mind_stopped(worker)
            elif worker.failure is not None:
                self._bury(worker)
            elif worker not in self.group.members and self._rng.random() < 0.3:
                self._rejoin(worker)
        for member in [one for one in self.group.members if not one.is_alive]:
            self.group.leave(member)
        while len(self.workers) < self._wanted:
            self._start_worker()
        if self._rng.random() < 0.3:
            self._rng.choice(self.workers).save()
        if self.index is None:
            self.index = Index(
                self.loop, self._views, self._broker, self._rng,
                epochs=self.epochs, partitions=self._partitions,
            )  # fmt: skip

    def resume_all(self) -> None:
        """Resume whoever is stopped."""
        for worker in self.workers:
            worker.is_paused = False

    def _mind_stopped(self, worker: Worker) -> None:
        chance = self._rng.random()
        if chance < 0.3 and worker in self.group.members:
            self._note(f"{worker.name} is given up, and does not know")
            self.group.leave(worker)
        elif chance > 0.8:
            self._note(f"{worker.name} goes on")
            worker.is_paused = False

    def _bury(self, worker: Worker) -> None:
        """Let a worker end that has failed; only the broker may have made it fail."""
        if not isinstance(worker.failure, KafkaError):
            raise BrokenPromiseError(f"a worker failed: {worker.failure!r}") from worker.failure
        self._kill(worker)

    def _rejoin(self, worker: Worker) -> None:
        """Let a worker notice that it is out of the group, and join again."""
        if worker.state == "holding":
            worker.leave()
        elif worker.state == "free":
            self._note(f"{worker.name} joins again")
            self.group.join(worker)

    def _start_worker(self) -> None:
        self._started += 1
        used = {worker.folder for worker in self.workers}
        folder = next(one for n in range(self._wanted) if (one := Path(f"{n}")) not in used)
        worker = Worker(
            self.loop, f"worker {self._started}", self._broker, self._rng,
            epochs=self.epochs, folder=folder, has_disk=self._has_disks,
        )  # fmt: skip
        worker.is_member = lambda: worker in self.group.members
        self._note(f"{worker.name} starts")
        self.workers.append(worker)
        self.group.join(worker)


def is_compacted(place: Place) -> bool:
    """Say whether of a topic only the last record of each key is kept."""
    return place[0] in COMPACTED or place[0].endswith(".changelog")
