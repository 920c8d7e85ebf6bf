"""Creating and checking the topics of ``schemas/topics.py`` and those that hang on them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from domain.errors import UsageError
from schemas.kafka import Kafka
from schemas.topics import (
    BATCH_BYTES_MAX,
    CATALOGUE,
    DAY_MS,
    DLQ_RETENTION_MS,
    DLQ_SUFFIX,
    TOPICS_CREATED,
    Topic,
)
from streams import epochs
from streams.refusals import lacking
from streams.topic_settings import settings_of

DLQ_BATCH_BYTES_MAX = 2 * BATCH_BYTES_MAX
"""A dead letter is its record and some headers, so it may be larger than any record."""


class Found(NamedTuple):
    """A topic that should be there, and the number of partitions it has (0: it is not)."""

    name: str
    wanted: int
    partitions: int


def dead_letters_of(topic: Topic) -> Topic:
    """Return the dead letter topic of *topic*, which keeps what may not be kept no longer."""
    return Topic(
        name=topic.name + DLQ_SUFFIX,
        key=topic.key,
        value=None,
        partitions=topic.partitions,
        retention_ms=topic.retention_ms if topic.is_limit else DLQ_RETENTION_MS,
        is_limit=topic.is_limit,
        batch_bytes_max=DLQ_BATCH_BYTES_MAX,
    )


def changelog_of(table: str, source: Topic, value: object) -> Topic:
    """Return the changelog of *table*, co-partitioned with the topic its rows come from."""
    return Topic(
        name=f"btracker.{table}.changelog",
        key="row key",
        value=value,
        partitions=source.partitions,
        cleanup="compact",
        compacted_within_ms=DAY_MS,
        restores=True,
    )


def with_dead_letters(topics: Iterable[Topic]) -> list[Topic]:
    """Return *topics*, each followed by its dead letter topic if it has one."""
    return [
        one
        for topic in topics
        for one in ((topic, dead_letters_of(topic)) if topic.dead_letters else (topic,))
    ]


def with_register(topics: Iterable[Topic]) -> list[Topic]:
    """Return *topics*, each once, behind the one that says when they were created."""
    return list(dict.fromkeys((TOPICS_CREATED, *topics)))


def partitions_of(topic: Topic, partitions: int) -> int:
    """Return how many partitions *topic* has in a deployment with *partitions*."""
    return partitions if topic.partitions is None else topic.partitions


async def create(
    kafka: Kafka,
    *,
    partitions: int,
    replication: int = 1,
    topics: Sequence[Topic] = CATALOGUE,
) -> list[str]:
    """Create what is missing of *topics* and their dead letter topics; return those names.

    Harmless when repeated. What was created, or was there unregistered, gets a new epoch.

    Raises:
        UsageError: a topic is there with another number of partitions.
    """
    wanted = with_dead_letters(with_register(topics))
    missing = await check(kafka, partitions=partitions, topics=topics)
    if missing:
        lacking = [topic for topic in wanted if topic.name in missing]
        created = await _create(kafka, lacking, partitions=partitions, replication=replication)
    else:
        created = []
    await _register(kafka, wanted, created)
    return created


async def check(kafka: Kafka, *, partitions: int, topics: Sequence[Topic] = CATALOGUE) -> list[str]:
    """Return the names of *topics* (and their dead letter topics) that are missing.

    Raises:
        UsageError: a topic is there with another number of partitions.
    """
    found = await survey(kafka, partitions=partitions, topics=topics)
    for name, wanted, has in found:
        if has not in {0, wanted}:
            raise UsageError(
                f"topic {name} has {has} partitions, this deployment wants {wanted}: "
                f"set BTRACKER_PARTITIONS to what it was created with, or recreate the topics"
            )
    return [one.name for one in found if one.partitions == 0]


async def require(kafka: Kafka, topics: Iterable[Topic]) -> None:
    """Make sure that *topics* are there, whatever their partitions: clients wait for one for ever.

    Raises:
        UsageError: one is not.
    """
    counts = await counted(kafka)
    missing = [topic.name for topic in topics if topic.name not in counts]
    if missing:
        raise lacking(kafka, missing)


async def survey(
    kafka: Kafka, *, partitions: int, topics: Sequence[Topic] = CATALOGUE
) -> list[Found]:
    """Return what is there of *topics* and their dead letter topics."""
    counts = await counted(kafka)
    return [
        Found(topic.name, partitions_of(topic, partitions), counts.get(topic.name, 0))
        for topic in with_dead_letters(with_register(topics))
    ]


async def counted(kafka: Kafka) -> dict[str, int]:
    """Return how many partitions each topic has that is there."""
    async with admin(kafka) as client:
        # Asking for topics by name would make a broker that creates topics by itself do so.
        described = await client.describe_topics()
    return {one["topic"]: len(one["partitions"]) for one in described}


@asynccontextmanager
async def admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a client that asks for and changes what *kafka* has."""
    client = AIOKafkaAdminClient(**kafka.options)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def _create(
    kafka: Kafka, topics: Sequence[Topic], *, partitions: int, replication: int
) -> list[str]:
    new = [
        NewTopic(
            topic.name,
            partitions_of(topic, partitions),
            replication,
            topic_configs=settings_of(topic, replication=replication),
        )
        for topic in topics
    ]
    async with admin(kafka) as client:
        answer = await client.create_topics(new)
    created = []
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:
            raise UsageError(f"Kafka would not create the topic {name}: {error.__name__}")
    return created


async def _register(kafka: Kafka, wanted: Iterable[Topic], created: Sequence[str]) -> None:
    known = set() if TOPICS_CREATED.name in created else set(await epochs.known(kafka))
    names = [t.name for t in wanted if t.name in created or t.name not in known]
    if names:
        await epochs.register(kafka, names, epoch=epochs.epoch_now())
