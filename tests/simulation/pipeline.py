"""What is real, as simulated processes in this one: the index process, and how modules are shared.

Workers are in ``worker.py``.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from random import Random
from typing import Any
from unittest import mock

import domain.decode.decoding
import domain.decode.partition
import domain.fold.sweep
import streams.changelogs
import streams.epochs
import streams.lines
import streams.loading
import streams.writer
from domain.decode.decoding import Outcome
from domain.errors import UnreadableError
from streams.app import River, app
from streams.chunks import Kept
from streams.settings import StreamSettings
from streams.table import RowTable
from tests.simulation.broker import Broker
from tests.simulation.clients import Consumer, Producer
from tests.simulation.disk import Disks
from tests.simulation.loop import CURRENT, Loop, Process
from views.index.indexer import Indexer
from views.index.reading import NOUNS
from views.memory import MemoryViews

INDEX_GROUP = "index"


class Index(Process):
    """An index process, from its start to its death. The store outlives it."""

    def __init__(
        self,
        loop: Loop,
        views: MemoryViews,
        broker: Broker,
        rng: Random,
        *,
        epochs: Mapping[str, int],
        partitions: int,
    ) -> None:
        super().__init__(loop, "index")
        places = [
            (noun.topic.name, number)
            for noun in NOUNS
            for number in range(noun.topic.partitions or partitions)
        ]
        self.consumer = Consumer(broker, rng, group=INDEX_GROUP)
        self.consumer.assign(places)
        self.indexer = Indexer(views, self.consumer, Producer(broker), epochs=epochs, linger_s=0.1)
        self.start(self.call(self._run))

    @property
    def is_done(self) -> bool:
        """Whether all there is has been read, and all progress has been shown."""
        is_idle = not self.ready and not self.consumer.behind()
        return is_idle and self.indexer._gate.is_empty

    async def _run(self) -> None:
        try:
            await self.indexer.run(asyncio.Event())
        except Exception as error:  # noqa: BLE001 - Nothing here may make it fail.
            self.loop.faults.append(error)


@lru_cache
def _settings(**options: Any) -> StreamSettings:
    return StreamSettings(**options)


@contextmanager
def as_processes(
    loop: Loop,
    broker: Broker,
    *,
    partitions: int,
    fencing: bool,
    chunks_in_flight: int,
    retention_s: int,
    disks: Disks,
) -> Iterator[None]:
    """Let the product's modules serve several simulated processes in this one.

    What a worker keeps in memory (its tables' rows, what its agents keep) belongs to the process
    whose code is running; aiokafka's clients and the disk are ours.
    """
    settings = _settings(
        partitions=partitions, fencing=fencing, retention_hours=retention_s // 3_600
    )
    limited = (domain.decode.partition, domain.fold.sweep, streams.lines)

    def consumer(**_: Any) -> Consumer:
        return Consumer(broker, CURRENT.get().rng)

    async def known(_: object) -> Mapping[str, int]:
        worker = CURRENT.get()
        return await broker.request(lambda: dict(worker.epochs))

    def producer(*, transactional_id: str | None = None, **_: Any) -> Producer:
        return Producer(broker, transactional_id=transactional_id)

    with ExitStack() as stack:
        for target, name, value in (
            (RowTable, "_row_store", property(lambda table: CURRENT.get().store(table))),
            (Kept, "_kept", property(lambda kept: CURRENT.get().kept[id(kept)])),
            (app, "_settings", settings),
            (River, "checkpoints", property(lambda _: CURRENT.get().checkpoints)),
            (streams.epochs, "known", known),
            (streams.loading, "Checkpoint", disks.open),
            (streams.changelogs, "AIOKafkaConsumer", consumer),
            (streams.writer, "AIOKafkaProducer", producer),
            (domain.decode.partition, "decode_all", _decode_all),
            *((module, "CHUNKS_IN_FLIGHT", chunks_in_flight) for module in limited),
        ):
            stack.enter_context(mock.patch.object(target, name, value, create=True))
        logging.disable()  # Of accidents, which are many here, and meant.
        stack.callback(logging.disable, logging.NOTSET)
        asyncio._set_running_loop(loop)
        stack.callback(asyncio._set_running_loop, None)
        yield


# A pure function of bytes that come again and again, and a third of all the time.
_decode = lru_cache(domain.decode.decoding.decode)


def _decode_all(raws: Sequence[bytes], unknown: Sequence[frozenset[str]]) -> list[Outcome]:
    return [_outcome(raw, paths) for raw, paths in zip(raws, unknown, strict=True)]


def _outcome(raw: bytes, paths: frozenset[str]) -> Outcome:
    try:
        return _decode(raw, unknown=paths)
    except UnreadableError as error:
        return error
