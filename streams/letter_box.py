"""Dead letters as people handle them: listed, looked at, sent again."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from domain.errors import BtrackerError, UsageError
from schemas.kafka import Kafka
from schemas.topics import CATALOGUE, DLQ_SUFFIX, METADATA, RAW_CHAIN, RAW_X
from streams.ends import ends
from streams.topics import counted

POLL_MS = 200
FETCH_MAX_WAIT_MS = 20
INPUT = frozenset(topic.name for topic in (RAW_CHAIN, RAW_X, METADATA))
"""What can be sent again: duplicates of it are recognised. All else is made from it."""
LETTER_HEADERS = frozenset(
    ("error", "source_partition", "source_offset", "bt_line", "bt_bytes", "retried")
)
"""The headers that a record got when it became a dead letter."""


class LetterId(NamedTuple):
    """Where a dead letter lies. ``topic`` is the one that it was meant for."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Return the id as ``parse`` takes it."""
        return f"{self.topic}:{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the id that was written as TOPIC:PARTITION:OFFSET.

        Raises:
            UsageError: it is none.
        """
        topic, _, place = text.partition(":")
        partition, _, offset = place.partition(":")
        if not (topic in SOURCES and partition.isdecimal() and offset.isdecimal()):
            raise UsageError(
                f"{text} is no dead letter; `btracker deadletters list` shows them as "
                "TOPIC:PARTITION:OFFSET."
            )
        return cls(topic, int(partition), int(offset))


class Letter(NamedTuple):
    """A record that could not be processed, as it came. ``timestamp``: when, in ms since 1970."""

    id: LetterId
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int
    is_retried: bool = False

    @property
    def error(self) -> str:
        """Why it could not."""
        return dict(self.headers).get("error", b"").decode(errors="replace")

    @property
    def is_cut(self) -> bool:
        """Whether only the beginning of its bytes was kept."""
        stated = dict(self.headers).get("bt_bytes", b"")
        return stated.isdigit() and int(stated) > len(self.value or b"")

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be sent again, None if it can."""
        if self.id.topic not in INPUT:
            return "it is made from raw input, which will make it again"
        if self.is_cut:
            return "only the beginning of it was kept"
        return "it has been sent again already" if self.is_retried else None


SOURCES = tuple(topic.name for topic in CATALOGUE if topic.dead_letters)


async def read_letters(kafka: Kafka, topics: Iterable[str] = SOURCES) -> list[Letter]:
    """Return the dead letters of *topics*, by topic, partition and offset.

    Raises:
        BtrackerError: Kafka does not answer.
        UsageError: it has none of our topics.
    """
    counts = await _counted(kafka)
    places = [
        TopicPartition(topic + DLQ_SUFFIX, partition)
        for topic in topics
        for partition in range(counts.get(topic + DLQ_SUFFIX, 0))
    ]
    if not places:
        raise UsageError(f"The Kafka at {kafka} has no topics of ours; run: btracker topics create")
    async with _consumer(kafka) as consumer:
        consumer.assign(places)
        reported = await consumer.end_offsets(places)
        now = await ends(kafka, reported, fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
        found: list[ConsumerRecord[bytes, bytes]] = []
        while any([await consumer.position(place) < end for place, end in now.items()]):
            for records in (await consumer.getmany(timeout_ms=POLL_MS)).values():
                found += records
    return _letters(found)


async def retry(kafka: Kafka, letters: Sequence[Letter]) -> int:
    """Send *letters* again to where they were meant for, once each; return how many were.

    Raises:
        BtrackerError: Kafka does not answer.
        UsageError: one of them cannot be sent again; none was.
    """
    for letter in letters:
        if letter.obstacle and not letter.is_retried:
            raise UsageError(f"{letter.id} cannot be sent again: {letter.obstacle}.")
    due = [letter for letter in letters if not letter.is_retried]
    try:
        async with AIOKafkaProducer(**kafka.options, acks="all") as producer:
            for letter in due:
                headers = [(n, v) for n, v in letter.headers if n not in LETTER_HEADERS]
                await producer.send_and_wait(
                    letter.id.topic, letter.value, key=letter.key, headers=headers
                )
                # After it, so that a crash in between sends twice, which is recognised, not never.
                await producer.send_and_wait(
                    letter.id.topic + DLQ_SUFFIX,
                    partition=letter.id.partition,
                    key=str(letter.id).encode(),
                    headers=[("retried", str(letter.id.offset).encode())],
                )
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error}.") from error
    return len(due)


def _letters(records: Iterable[ConsumerRecord[bytes, bytes]]) -> list[Letter]:
    """Return records as letters; those that were sent again are marked."""
    letters: dict[LetterId, Letter] = {}
    retried: set[LetterId] = set()
    for record in records:
        topic = record.topic.removesuffix(DLQ_SUFFIX)
        if (note := _retried(record.headers)) is not None:
            retried.add(LetterId(topic, record.partition, note))
            continue
        place = LetterId(topic, record.partition, record.offset)
        headers = tuple(record.headers)
        letters[place] = Letter(place, record.key, record.value, headers, record.timestamp)
    return [letters[one]._replace(is_retried=one in retried) for one in sorted(letters)]


async def _counted(kafka: Kafka) -> dict[str, int]:
    try:
        return await counted(kafka)
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error}.") from error


def _retried(headers: Iterable[tuple[str, bytes]]) -> int | None:
    """Return which letter a note says was sent again; None for a letter, which has a reason."""
    found = dict(headers)
    return None if "error" in found or "retried" not in found else int(found["retried"])


@asynccontextmanager
async def _consumer(kafka: Kafka) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **kafka.options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
    )
    try:
        async with consumer:
            yield consumer
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error}.") from error
