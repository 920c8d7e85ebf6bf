"""When captured transactions are on the raw topic, and when their events are."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import perf_counter

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.event import Event, OnChain
from schemas.fields import Signature
from schemas.kafka import Kafka
from schemas.topics import EVENTS, RAW_CHAIN
from streams.settings import EMBEDDED
from streams.topics import counted

POLL_MS = 1_000

_event = msgspec.json.Decoder(Event).decode


class Ears:
    """When each was heard first, by the clock of ``perf_counter``."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.raw: dict[Signature, float] = {}
        self.events: dict[Signature, float] = {}
        self._more = asyncio.Event()

    async def hear(self) -> None:
        """Go on until cancelled."""
        while True:
            for place, records in (await self._consumer.getmany(timeout_ms=POLL_MS)).items():
                now = perf_counter()
                for record in records:
                    if place.topic == RAW_CHAIN.name:
                        self.raw.setdefault(record.key.decode(), now)
                    elif isinstance(event := _event(record.value), OnChain):
                        self.events.setdefault(event.place.signature, now)
                self._more.set()

    async def until_all(self, wanted: Mapping[Signature, float]) -> None:
        """Return when events of all that is *wanted* were heard."""
        while not wanted.keys() <= self.events.keys():
            self._more.clear()
            await self._more.wait()


@asynccontextmanager
async def ears(kafka: Kafka) -> AsyncIterator[Ears]:
    """Hear everything that is new meanwhile."""
    counts = await counted(kafka)
    places = [
        TopicPartition(topic.name, partition)
        for topic in (RAW_CHAIN, EVENTS)
        for partition in range(counts[topic.name])
    ]
    wait_ms = EMBEDDED["fetch_max_wait_ms"]
    async with AIOKafkaConsumer(
        **kafka.options, enable_auto_commit=False, fetch_max_wait_ms=wait_ms
    ) as consumer:
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        one = Ears(consumer)
        hearing = asyncio.create_task(one.hear())
        try:
            yield one
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
