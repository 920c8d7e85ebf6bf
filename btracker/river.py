"""The broker and whatever hangs on it: worker, indexer, collector.

The embedded broker holds everything in memory. When it dies, all of them start anew after it, and
the collector tells the new one the journal: a new epoch.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from aiokafka.errors import KafkaError

from btracker.child_process import ChildProcess, Spec
from btracker.embedded import HOST, broker_spec, free_port
from btracker.settings import load
from btracker.supervisor import STEADY_S, Keeper, Supervisor, backoff_s
from domain.errors import BtrackerError
from schemas.kafka import Kafka
from streams import topics
from streams.settings import StreamSettings

SpecsFor = Callable[[Kafka], Sequence[Spec]]
"""The processes that hang on a Kafka, the sources last."""

log = logging.getLogger(__name__)


class River:
    """Keeps a broker and its dependents running; ``kafka`` None: the embedded broker."""

    def __init__(self, supervisor: Supervisor, specs_for: SpecsFor, *, kafka: Kafka | None) -> None:
        self._supervisor, self._specs_for, self._external = supervisor, specs_for, kafka
        self._broker: ChildProcess | None = None
        self._keepers: dict[str, Keeper] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until the stages of a stop have ended everything.

        Raises:
            UsageError: the topics are not as this deployment wants them.
        BtrackerError: a Kafka that is not ours has failed.
        """
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set() or self._broker is None:
                return
            failures = 1 if time.monotonic() - began > STEADY_S else failures + 1
            pause_s = backoff_s(failures)
            self._supervisor.tell_of_end(self._broker, code, pause_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)

    async def stop(self, *names: str) -> None:
        """End some of the dependents for good (all: none named)."""
        self._stopping.set()
        chosen = [self._keepers[name] for name in names or self._keepers if name in self._keepers]
        await asyncio.gather(*(keeper.stop() for keeper in chosen))

    async def stop_broker(self) -> None:
        """End the embedded broker, last of all."""
        self._stopping.set()
        if self._broker:
            await self._broker.stop()

    async def _run_once(self) -> int:
        """Run the broker until it ends, and its dependents no longer; return its exit code."""
        kafka = self._external or await self._start_broker()
        if self._broker is None or await self._broker.ready():
            await self._start_dependents(kafka)
        if self._broker is None:
            await self._stopping.wait()
            return 0
        code = await self._broker.wait()
        await asyncio.gather(*(keeper.stop() for keeper in self._keepers.values()))
        return code

    async def _start_broker(self) -> Kafka:
        # Its shutdown is slow and the port may still be taken, so it is another one each time.
        port = free_port()
        self._broker = await self._supervisor.spawn(broker_spec(port))
        return Kafka(f"{HOST}:{port}")

    async def _start_dependents(self, kafka: Kafka) -> None:
        settings = load(StreamSettings)
        try:
            await topics.create(
                kafka, partitions=settings.partitions, replication=settings.replication
            )
        except KafkaError as error:
            if self._broker is None:
                raise BtrackerError(f"The Kafka at {kafka} has failed: {error!r}.") from error
            log.warning("The topics could not be created.", exc_info=True)
            self._broker.kill()
            return
        if not self._stopping.is_set():
            specs = self._specs_for(kafka)
            self._keepers = {spec.name: self._supervisor.keep(spec) for spec in specs}
