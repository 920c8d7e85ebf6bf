"""Where topics are not as they should be, and putting right what loses nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from domain.errors import UsageError
from schemas.kafka import Kafka
from schemas.topics import Topic
from streams.alter_configs import AlterTopic
from streams.topic_settings import settings_of
from streams.topics import admin, partitions_of, with_dead_letters, with_register

PARTITIONS, REPLICATION = "partitions", "replication factor"
NONE = "none"
FOREVER = -1


class Drift(NamedTuple):
    """One thing about a topic that is not as wanted; no partitions: the topic is not there."""

    topic: str
    setting: str
    wanted: str
    found: str

    @property
    def is_missing(self) -> bool:
        """Whether the topic is not there."""
        return (self.setting, self.found) == (PARTITIONS, NONE)

    @property
    def may_be_applied(self) -> bool:
        """Whether it can be changed where it is, and no record is deleted for it."""
        match self.setting:
            case "partitions" | "replication factor":
                return False
            case "cleanup.policy":
                return "delete" in self.found or "delete" not in self.wanted
            case "retention.ms" | "retention.bytes":
                return int(self.wanted) == FOREVER or FOREVER < int(self.found) < int(self.wanted)
            case _:
                return True


class Shape(NamedTuple):
    """How many partitions a topic has, and how many replicas each of them at least."""

    partitions: int
    replication: int


async def drift(
    kafka: Kafka, *, partitions: int, replication: int, topics: Sequence[Topic]
) -> list[Drift]:
    """Return where *topics* and their dead letter topics are not as wanted, in their order."""
    wanted = with_dead_letters(with_register(topics))
    async with admin(kafka) as client:
        shapes = await _shapes(client)
        settings = await _settings(client, [one.name for one in wanted if one.name in shapes])
    found: list[Drift] = []
    for topic in wanted:
        should = Shape(partitions_of(topic, partitions), replication)
        if shape := shapes.get(topic.name):
            found += _differences(topic, should, shape, settings[topic.name])
        else:
            found.append(Drift(topic.name, PARTITIONS, str(should.partitions), NONE))
    return found


async def apply(kafka: Kafka, drifts: Iterable[Drift]) -> None:
    """Change what may be changed of *drifts*; what each topic has beyond them stays.

    Raises:
        UsageError: Kafka refuses one of them.
    """
    due = [one for one in drifts if one.may_be_applied]
    async with admin(kafka) as client:
        for topic, listed in groupby(due, attrgetter("topic")):
            request = AlterTopic(topic, [(one.setting, one.wanted) for one in listed])
            answer = await client._send_request(request)  # noqa: SLF001  # It has no method for it.
            for code, message, *_ in answer.resources:
                _refuse(code, topic, message)


def _differences(
    topic: Topic, should: Shape, shape: Shape, settings: Mapping[str, str]
) -> Iterator[Drift]:
    for name, wanted, found in zip(
        (PARTITIONS, REPLICATION), map(str, should), map(str, shape), strict=True
    ):
        if wanted != found:
            yield Drift(topic.name, name, wanted, found)
    # By the replicas that there are: with too few of them, what is wanted would stop all writes.
    for name, wanted in settings_of(topic, replication=shape.replication).items():
        # What a broker does not list it does not have, so that it cannot differ.
        found = settings.get(name, wanted)
        if not _holds(name, wanted, found):
            yield Drift(topic.name, name, wanted, found)


def _holds(setting: str, wanted: str, found: str) -> bool:
    if setting == "max.message.bytes":
        return int(found) >= int(wanted)
    return sorted(wanted.split(",")) == sorted(one.strip() for one in found.split(","))


async def _shapes(client: AIOKafkaAdminClient) -> dict[str, Shape]:
    return {
        one["topic"]: Shape(
            len(one["partitions"]), min(len(each["replicas"]) for each in one["partitions"])
        )
        for one in await client.describe_topics()
        if one["partitions"]
    }


async def _settings(
    client: AIOKafkaAdminClient, topics: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return all settings of each topic: a broker may hang up on who asks for some of them."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    found: dict[str, dict[str, str]] = {}
    for answer in await client.describe_configs(resources):
        for code, message, _, name, entries in answer.resources:
            _refuse(code, name, message)
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _refuse(code: int, topic: str, message: str | None) -> None:
    if code:
        why = message or for_code(code).__name__
        raise UsageError(f"Kafka does not let us see or change the settings of {topic}: {why}")
