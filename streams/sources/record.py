"""``btracker record``: the raw topics, from their beginning or from now, into files."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from domain.errors import BtrackerError, UnreadableError, UsageError
from schemas.claim import SourceClock
from schemas.kafka import Kafka
from schemas.metadata import Metadata
from schemas.topics import METADATA, RAW_CHAIN, RAW_X
from streams.ends import ends
from streams.sources.capture import ChainOrder, Count, Heard, RecordingWriter, open_writer
from streams.sources.frames import CLOCK_KEY
from streams.topics import counted

POLL_MS = 200
FETCH_MAX_WAIT_MS = 20
READ_TOPICS = (RAW_CHAIN.name, RAW_X.name, METADATA.name)

_metadata = msgspec.json.Decoder(Metadata | SourceClock)


async def run_record(
    kafka: Kafka,
    folder: Path,
    *,
    from_now: bool,
    until_end: bool,
    stop: asyncio.Event,
    tell: Callable[[Count], None],
) -> Count:
    """Record until *stop* (or the end that the topics had at the start); return what was kept.

    Raises:
        UsageError: *folder* is not empty, or the topics are missing.
        BtrackerError: Kafka cannot be reached.
    """
    try:
        async with AIOKafkaConsumer(**kafka.options, enable_auto_commit=False) as consumer:
            now = await _assign(consumer, kafka, from_now=from_now)
            with open_writer(folder) as writer:
                order = ChainOrder(sum(one.topic == RAW_CHAIN.name for one in now))
                while not stop.is_set() and not (until_end and await _reached(consumer, now)):
                    for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                        for record in records:
                            _keep(place, record, order, writer)
                    tell(writer.count)
                writer.add_chain(order.rest())
                return writer.count._replace(late=order.late)
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error!r}.") from error


async def _assign(
    consumer: AIOKafkaConsumer, kafka: Kafka, *, from_now: bool
) -> dict[TopicPartition, int]:
    """Take all partitions; return where each of them ends now."""
    counts = await counted(kafka)
    places = [
        TopicPartition(topic, partition)
        for topic in READ_TOPICS
        for partition in range(counts.get(topic, 0)) or _none(kafka, topic)
    ]
    consumer.assign(places)
    now = await ends(kafka, await consumer.end_offsets(places), fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
    if from_now:
        for place, end in now.items():
            consumer.seek(place, end)
    else:
        await consumer.seek_to_beginning(*places)
    return now


def _none(kafka: Kafka, topic: str) -> NoReturn:
    raise UsageError(f"The Kafka at {kafka} has no topic {topic}; run: btracker topics create")


async def _reached(consumer: AIOKafkaConsumer, now: dict[TopicPartition, int]) -> bool:
    return all([await consumer.position(place) >= end for place, end in now.items()])


def _keep(place: TopicPartition, record: Any, order: ChainOrder, writer: RecordingWriter) -> None:
    headers = dict(record.headers)
    try:
        if place.topic == RAW_CHAIN.name:
            heard = Heard(place.partition, record.key, record.value or b"", headers)
            writer.add_chain(order.hear(heard))
        elif record.key == CLOCK_KEY or record.value is None:
            return
        elif place.topic == RAW_X.name:
            writer.add_post(record.value)
        elif isinstance(metadata := _metadata.decode(record.value), Metadata):
            writer.add_document(metadata)
    except (UnreadableError, msgspec.DecodeError, ValueError, KeyError):
        writer.add_unreadable()
