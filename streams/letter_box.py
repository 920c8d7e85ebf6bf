"""Dead letters as people handle them: listed, looked at, sent again."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from domain.errors import BtrackerError, UsageError
from schemas.kafka import Kafka
from schemas.topics import CATALOGUE, DLQ_SUFFIX, METADATA, RAW_CHAIN, RAW_X
from streams.lines import Place
from streams.log import Log, Span, open_log

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
    is_retried: bool

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


async def read_letters(kafka: Kafka, topics: Iterable[str] = SOURCES) -> AsyncIterator[Letter]:
    """Yield the dead letters of *topics*, by topic, partition and offset.

    They may be many and large: no more are in memory than come with a fetch. So each partition is
    read twice, first for what was sent again.

    Raises:
        BtrackerError: Kafka does not answer.
        UsageError: it has none of our topics.
    """
    async with open_log(kafka) as log:
        places = log.places(topic + DLQ_SUFFIX for topic in sorted(topics))
        for place, span in (await log.spans(places)).items():
            retried = await _retried(log, place, span)
            async for records in log.read(place, span):
                for record in records:
                    if _note(record) is None:
                        yield _letter(record, is_retried=record.offset in retried)


async def find(kafka: Kafka, ids: Sequence[LetterId]) -> list[Letter]:
    """Return the dead letters of some ids, in their order.

    Raises:
        BtrackerError: Kafka does not answer.
        UsageError: there is no such letter, or no topic of ours.
    """
    topics = {one.topic for one in ids}
    known = {one.id: one async for one in read_letters(kafka, topics) if one.id in ids}
    for one in ids:
        if one not in known:
            raise UsageError(f"There is no dead letter {one}; see: btracker deadletters list")
    return [known[one] for one in dict.fromkeys(ids)]


async def retry(kafka: Kafka, letters: Sequence[Letter]) -> int:
    """Send *letters* again to where they were meant for, once each; return how many were.

    Raises:
        BtrackerError: Kafka does not answer.
        UsageError: one of them cannot be sent again; none was.
    """
    for letter in letters:
        if letter.obstacle and not letter.is_retried:
            raise UsageError(f"{letter.id} cannot be sent again: {letter.obstacle}.")

    async def given() -> AsyncIterator[Letter]:
        for letter in letters:
            yield letter

    return await retry_all(kafka, given())


async def retry_all(kafka: Kafka, letters: AsyncIterable[Letter]) -> int:
    """Send those of *letters* again that can be and were not; return how many were.

    Raises:
        BtrackerError: Kafka does not answer.
    """
    count = 0
    try:
        async with AIOKafkaProducer(**kafka.options, acks="all") as producer:
            async for letter in letters:
                if letter.obstacle is None:
                    await _send(producer, letter)
                    count += 1
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error}.") from error
    return count


async def _send(producer: AIOKafkaProducer, letter: Letter) -> None:
    headers = [(name, value) for name, value in letter.headers if name not in LETTER_HEADERS]
    await producer.send_and_wait(letter.id.topic, letter.value, key=letter.key, headers=headers)
    # After it, so that a crash in between sends twice, which is recognised, not never.
    await producer.send_and_wait(
        letter.id.topic + DLQ_SUFFIX,
        partition=letter.id.partition,
        key=str(letter.id).encode(),
        headers=[("retried", str(letter.id.offset).encode())],
    )


async def _retried(log: Log, place: Place, span: Span) -> set[int]:
    """Return the offsets of the letters of a partition that were sent again."""
    notes = {_note(one) async for records in log.read(place, span) for one in records}
    return {offset for offset in notes if offset is not None}


def _letter(record: ConsumerRecord[bytes, bytes], *, is_retried: bool) -> Letter:
    topic = record.topic.removesuffix(DLQ_SUFFIX)
    place = LetterId(topic, record.partition, record.offset)
    headers = tuple(record.headers)
    return Letter(place, record.key, record.value, headers, record.timestamp, is_retried)


def _note(record: ConsumerRecord[bytes, bytes]) -> int | None:
    """Return which letter a note says was sent again; None for a letter, which has a reason."""
    found = dict(record.headers)
    return None if "error" in found or "retried" not in found else int(found["retried"])
