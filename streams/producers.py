"""Producers: who lost a partition to another worker can write nothing more that comes from it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import IncompatibleBrokerVersion, UnknownError

from domain.errors import UsageError
from streams.lines import Place

Make = Callable[..., AIOKafkaProducer]
"""Makes a producer that is not started yet, from options beyond the usual ones."""
Places = Mapping[Place, Sequence[Place]]
"""Per source partition all that is written because of it, the most telling place first."""

RETRY_MS = 20
"""Between attempts of a transactional request: each fence waits for two or three of them."""


class Producers(Protocol):
    """Gives each source partition its producer."""

    async def take(self, places: Places) -> set[Place]:
        """Write for these source partitions from now on, and for no others.

        Returns those that nobody else wrote for since this one took them last.
        """

    def of(self, source: Place) -> AIOKafkaProducer:
        """Return the producer for what *source* causes."""

    async def renew(self) -> None:
        """Keep the broker from forgetting who writes for what."""

    async def start(self) -> None:
        """Connect to Kafka, where that does not wait for partitions."""

    async def stop(self) -> None:
        """Send what waits, then let go of Kafka."""


class SharedProducer:
    """One producer for everything, for a broker that has no transactions: one worker at most."""

    def __init__(self, make: Make) -> None:
        self._make = make

    async def start(self) -> None:
        """Connect to Kafka."""
        self._producer = self._make()
        await self._producer.start()

    async def take(self, places: Places) -> set[Place]:
        """Return all of them: there is no other worker."""
        return set(places)

    def of(self, source: Place) -> AIOKafkaProducer:
        """Return the one producer."""
        del source
        return self._producer

    async def renew(self) -> None:
        """Do nothing: the broker remembers nothing."""

    async def stop(self) -> None:
        """Send what waits, then let go of Kafka."""
        await self._producer.stop()


class FencedProducers:
    """A producer per source partition, each behind a fence of its own.

    A fence has the name of its partition, not of our group: whoever else works on these topics,
    one of us must be shut out.
    """

    def __init__(self, make: Make) -> None:
        self._make = make
        self._fences: dict[Place, _Fence] = {}
        self._left: dict[Place, tuple[int, int]] = {}

    async def start(self) -> None:
        """Do nothing: there is a producer where there is a partition."""

    async def take(self, places: Places) -> set[Place]:
        """Raise a fence around each source partition; let go of all that there were.

        Raises:
            UsageError: the broker has no transactions.
        """
        await self._let_go()
        self._fences = {
            (topic, partition): _Fence(self._make, f"{topic}.{partition}")
            for topic, partition in places
        }
        await asyncio.gather(*(self._fences[source].build(places[source]) for source in places))
        return {source for source, fence in self._fences.items() if self._is_kept(source, fence)}

    def of(self, source: Place) -> AIOKafkaProducer:
        """Return the producer behind the fence of *source*."""
        return self._fences[source].producer

    async def renew(self) -> None:
        """Let the broker see that each fence is still in use."""
        await asyncio.gather(*(fence.mark() for fence in self._fences.values()))

    async def stop(self) -> None:
        """Send what waits, then let go of Kafka."""
        await self._let_go()

    async def _let_go(self) -> None:
        fences, self._fences = self._fences, {}
        self._left |= {source: fence.identity for source, fence in fences.items()}
        await asyncio.gather(*(fence.stop() for fence in fences.values()))

    def _is_kept(self, source: Place, fence: "_Fence") -> bool:
        """Whether nobody else built a fence between our last one and *fence*."""
        if source not in self._left:
            return False
        number, epoch = self._left[source]
        return fence.identity == (number, epoch + 1)


class _Fence:
    """The sole right to write what one source partition causes, kept by the broker.

    Initialising a transactional id gives a higher epoch than anyone had before; a transaction
    with nothing in it leaves that epoch, as a marker no consumer sees, in each partition we will
    write to. From there on the log refuses whoever writes with an older one. Our own records are
    plain: they carry the number and the epoch, and need no transaction, which would cost readers
    and writers a wait. (Source: ``ProducerAppendInfo.checkProducerEpoch`` of Apache Kafka 4.1.)
    """

    def __init__(self, make: Make, name: str) -> None:
        self._transactions = make(transactional_id=name, retry_backoff_ms=RETRY_MS)
        self.producer = make(enable_idempotence=True)
        self._places: Sequence[Place] = ()

    @property
    def identity(self) -> tuple[int, int]:
        """The producer's number, and the epoch of this fence."""
        manager = self._transactions._txn_manager  # noqa: SLF001
        return manager.producer_id, manager.producer_epoch

    async def build(self, places: Sequence[Place]) -> None:
        """Return when every older writer is shut out of *places*."""
        try:
            await self._transactions.start()
        except (IncompatibleBrokerVersion, UnknownError) as error:
            raise UsageError(
                f"This Kafka refuses transactions ({error!r}), and with them to shut out a worker "
                "that has lost its partitions; if it has none, run a single worker, with "
                "BTRACKER_FENCING=false."
            ) from error
        await self._mark(places)
        # Ending a transaction is answered before its markers are written; adding to the next one
        # is not.
        await self._mark(places[:1])
        manager: Any = self.producer._txn_manager  # noqa: SLF001
        manager.set_pid_and_epoch(*self.identity)
        await self.producer.start()
        self._places = places

    async def mark(self) -> None:
        """Leave another marker in each place, once the fence is built."""
        if self._places:
            await self._mark(self._places)

    async def _mark(self, places: Sequence[Place]) -> None:
        async with self._transactions.transaction():
            for place in places:
                self._transactions._txn_manager.maybe_add_partition_to_txn(  # noqa: SLF001
                    TopicPartition(*place)
                )

    async def stop(self) -> None:
        """Send what waits, then let go of Kafka."""
        await self.producer.stop()
        await self._transactions.stop()
