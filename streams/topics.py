"""Creating and checking the topics of ``schemas/topics.py`` and those that hang on them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from domain.errors import UsageError
from schemas.kafka import Kafka
from schemas.topics import CATALOGUE, DLQ_RETENTION_MS, DLQ_SUFFIX, TOPICS_CREATED, Topic
from streams import epochs

DLQ_MESSAGE_BYTES = 2 * 1024 * 1024
"""A dead letter is its record and some headers, so it may be larger than any record."""


class Found(NamedTuple):
    """A topic that should be there, and the number of partitions it has (0: it is not)."""

    name: str
    wanted: int
    partitions: int


def dead_letters_of(topic: Topic) -> Topic:
    """Return the dead letter topic of *topic*."""
    return Topic(
        name=topic.name + DLQ_SUFFIX,
        key=topic.key,
        value=None,
        partitions=topic.partitions,
        retention_ms=DLQ_RETENTION_MS,
    )


def changelog_of(table: str, source: Topic, value: object) -> Topic:
    """Return the changelog of *table*, co-partitioned with the topic its rows come from."""
    return Topic(
        name=f"btracker.{table}.changelog",
        key="row key",
        value=value,
        partitions=source.partitions,
        cleanup="compact",
    )


def with_dead_letters(topics: Iterable[Topic]) -> list[Topic]:
    """Return *topics*, each followed by its dead letter topic if it has one."""
    return [
        one
        for topic in topics
        for one in ((topic, dead_letters_of(topic)) if topic.dead_letters else (topic,))
    ]


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
    wanted = with_dead_letters(dict.fromkeys((TOPICS_CREATED, *topics)))
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


async def survey(
    kafka: Kafka, *, partitions: int, topics: Sequence[Topic] = CATALOGUE
) -> list[Found]:
    """Return what is there of *topics* and their dead letter topics."""
    wanted = with_dead_letters(dict.fromkeys((TOPICS_CREATED, *topics)))
    counts = await counted(kafka)
    return [
        Found(topic.name, partitions_of(topic, partitions), counts.get(topic.name, 0))
        for topic in wanted
    ]


async def counted(kafka: Kafka) -> dict[str, int]:
    """Return how many partitions each topic has that is there."""
    admin = AIOKafkaAdminClient(**kafka.options)
    await admin.start()
    try:
        # Asking for topics by name would make a broker that creates topics by itself do so.
        described = await admin.describe_topics()
    finally:
        await admin.close()
    return {one["topic"]: len(one["partitions"]) for one in described}


async def _create(
    kafka: Kafka, topics: Sequence[Topic], *, partitions: int, replication: int
) -> list[str]:
    admin = AIOKafkaAdminClient(**kafka.options)
    await admin.start()
    try:
        answer = await admin.create_topics(
            [_new(topic, partitions_of(topic, partitions), replication) for topic in topics]
        )
    finally:
        await admin.close()
    created = []
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code == 0:
            created.append(name)
        elif error is not TopicAlreadyExistsError:
            raise UsageError(f"Kafka would not create the topic {name}: {error.__name__}")
    return created


def _new(topic: Topic, partitions: int, replication: int) -> NewTopic:
    config: dict[str, str] = {"cleanup.policy": topic.cleanup}
    if topic.retention_ms is not None:
        config["retention.ms"] = str(topic.retention_ms)
    if topic.name.endswith(DLQ_SUFFIX):
        config["max.message.bytes"] = str(DLQ_MESSAGE_BYTES)
    return NewTopic(topic.name, partitions, replication, topic_configs=config)


async def _register(kafka: Kafka, wanted: Iterable[Topic], created: Sequence[str]) -> None:
    known = set() if TOPICS_CREATED.name in created else set(await epochs.known(kafka))
    names = [t.name for t in wanted if t.name in created or t.name not in known]
    if names:
        await epochs.register(kafka, names, epoch=epochs.epoch_now())
