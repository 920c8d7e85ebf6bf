"""One run: a world is told, workers and an index process carry it, and everything goes wrong.

A seed decides what happens next at every step: which process goes on and how far, which request
arrives, what is told, delivered and committed, and what breaks. Now and then the sources pause and
nothing breaks until all is quiet: then what is seen has to be what has been said. In the end
everybody dies at once, and what they left has to be enough to go on.
"""

from random import Random

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams.lanes import Entry
from tests.simulation.broker import Broker
from tests.simulation.fleet import Fleet, is_compacted
from tests.simulation.pipeline import as_processes
from tests.simulation.promises import Promises
from tests.simulation.said import Said, said
from tests.simulation.seen import BrokenPromiseError, Watched
from tests.simulation.sources import Raw, clock, sources_of
from tests.simulation.world import HOUR_S, World

EPOCH = 10**9
MOST_STEPS = 50_000
LATER_S = 26 * HOUR_S
"""After so long every window is empty, so that every token is told once more."""
POISON = (b"", b"{", b'["chain",0]', b'["clock",[0,0,0]]', b"\xff")
"""Nothing that anybody could read on the topic of events."""


class Simulation:
    """The run of one seed. ``run`` returns, or raises what was broken."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(f"run {seed}")
        self.world = World(Random(f"world {seed}"))
        self.partitions = rng.choice((2, 2, 3))
        self.sources = sources_of(self.world, Random(f"told {seed}"), partitions=self.partitions)
        self.is_fenced = rng.random() < 0.7
        self.chunks_in_flight = rng.choice((64, 3, 1))
        self.most_records = rng.choice((5, 20, 1_000))
        self.accidents = rng.choice((0.001, 0.005, 0.02))
        self.poison = rng.choice((0.0, 0.0, 0.003))
        self.broker, self.views = Broker(rng), Watched()
        self.broker.batch_records = rng.choice((4, 50, 1_000))
        self.promises = Promises(self.world, self.views, self.broker, partitions=self.partitions)
        self.fleet = Fleet(
            rng, self.broker, self.views, partitions=self.partitions,
            is_fenced=self.is_fenced, note=self._note,
        )  # fmt: skip
        self.told = self.steps = 0
        self.trace: list[str] = []

    def run(self) -> None:
        """Tell the world, once or, by a broker that forgets, twice; then have all start over.

        Raises:
            BrokenPromiseError: something did not hold.
        """
        with as_processes(
            self.fleet.loop, self.broker, partitions=self.partitions, fencing=self.is_fenced,
            chunks_in_flight=self.chunks_in_flight, retention_s=self.world.retention_s,
            disks=self.fleet.disks,
        ):  # fmt: skip
            try:
                self._begin(EPOCH)
                count = len(self.sources.records)
                for until in self.rng.sample(range(1, count), self.rng.choice((0, 0, 1))):
                    self._tell_until(until)
                self._tell_until(count)
                if not self.is_fenced and self.rng.random() < 0.4:
                    self._forget()
                    self._tell_until(count)
                self._start_over()
            finally:
                for process in self.fleet.processes():
                    process.kill()

    def _begin(self, epoch: int) -> None:
        """Let all topics be created at *epoch*, or soon after."""
        self.fleet.epochs = {one.name: epoch + 1_000 * n for n, one in enumerate(CATALOGUE)}

    def _tell_until(self, until: int) -> None:
        """Have so much told, and look at it when all is quiet."""
        self.broker.slowness = 0.9
        while self.told < until:
            self._step(until)
        self._dawdle(until)
        self._calm_down()
        self.promises.when_quiet(self.said())
        self.promises.rows_are_their_changelogs(self.fleet.workers)

    def _dawdle(self, until: int) -> None:
        """Let things go wrong for some more time, at most until all is done."""
        for step in range(self.rng.choice((0, 200, 1_000))):
            if step % 25 == 0 and self.fleet.is_quiet:
                return
            self._step(until)

    def _forget(self) -> None:
        """Let an embedded broker end: its topics are new, and the journal tells all again."""
        self._note("the broker forgets everything")
        self.fleet.kill_all()
        self.broker.forget()
        self.promises.forget()
        self._begin(2 * EPOCH)
        self.told = 0

    def _start_over(self) -> None:
        """Kill everybody and compact everything; then the clock passes every window."""
        self.fleet.kill_all()
        for place in [one for one in self.broker.logs if is_compacted(one)]:
            self.fleet.compact(place)
        slot = self.world.slot(self.world.positions)
        for number in range(self.partitions):
            self._append(clock(number, self.world.end + LATER_S, slot, slot))
        self._calm_down()
        self.promises.when_quiet(self.said())
        self.promises.in_the_end(self.said())

    def said(self) -> Said:
        """Return what has been said so far."""
        logs = [self.broker.log((RAW_CHAIN.name, number)) for number in range(self.partitions)]
        records = (record for log in logs for record in log.records)
        return said(self.world, records, self.sources.meant, partitions=self.partitions)

    def _note(self, what: str) -> None:
        self.trace.append(f"{self.steps:6d} {what}")

    # What may happen next.

    def _step(self, until: int) -> None:
        chance = self.rng.random()
        if chance < self.accidents:
            self._count()
            self.fleet.accident()
        elif chance < 0.05:
            self._tell(until)
        elif chance < 0.09:
            self._commit()
        elif chance < 0.12:
            self.fleet.mind()
        elif chance < 0.13 or not self._go_on():
            self.fleet.loop.pass_time()

    def _go_on(self) -> bool:
        """Let something happen that is due: code, a request, a delivery; False if nothing is."""
        self._count()
        self.fleet.group.go_on()
        chance = self.rng.random()
        if chance < 0.5:
            return self._run() or self._arrive() or self._deliver()
        if chance < 0.85:
            return self._arrive() or self._run() or self._deliver()
        return self._deliver() or self._run() or self._arrive()

    def _count(self) -> None:
        self.steps += 1
        if self.views.broken is not None:
            raise self.views.broken
        if self.fleet.loop.faults:
            raise self.fleet.loop.faults[0]
        if self.steps > MOST_STEPS:
            raise BrokenPromiseError("it does not come to rest")

    def _run(self) -> bool:
        able = [process for process in self.fleet.processes() if process.can_run]
        if able:
            self.rng.choice(able).step(self.rng.choice((1, 2, 5, 20)))
        return bool(able)

    def _arrive(self) -> bool:
        return self.broker.let_arrive()

    def _deliver(self) -> bool:
        workers = [worker for worker in self.fleet.workers if worker.is_flowing]
        wanted = [(worker, place) for worker in workers for place in worker.wants()]
        if wanted:
            worker, place = self.rng.choice(wanted)
            worker.deliver(place, self.rng.randint(1, self.most_records))
        return bool(wanted)

    def _commit(self) -> None:
        for worker in self.fleet.workers:
            if worker.is_flowing:
                worker.commit()

    def _tell(self, until: int) -> None:
        end = min(until, self.told + self.rng.randint(1, 6))
        for raw in self.sources.records[self.told : end]:
            self._append(raw)
        self.told = max(self.told, end)
        if self.rng.random() < self.poison:
            place = EVENTS.name, self.rng.randrange(self.partitions)
            self.broker.log(place).append([Entry(b"?", self.rng.choice(POISON))])

    def _append(self, raw: Raw) -> None:
        log = self.broker.log((RAW_CHAIN.name, raw.partition))
        log.append([Entry(raw.key, raw.value, raw.headers)])

    # Rest.

    def _calm_down(self) -> None:
        """Let nothing go wrong any more, and all happen that is due; nothing new is told."""
        self.fleet.resume_all()
        self.broker.slowness = 0.0
        while not self.fleet.is_quiet:
            if self.rng.random() < 0.02 or not self._go_on():
                self._count()
                self.fleet.mind()
                self._commit()
                self.fleet.loop.pass_time()
        self._note("all is quiet")
