"""Settings of topics: as wanted from the start, told apart when changed, put right without loss."""

import os
import subprocess
from collections.abc import Mapping

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from schemas.topics import CATALOGUE, HOUR_MS, RAW_X, TOKENS, TRADES
from streams import topics
from streams.alter_configs import AlterTopic
from streams.settings import StreamSettings
from streams.topic_drift import Drift, drift
from tables import changelogs
from tests.brokers import Broker, on_both_brokers, on_kafka
from tests.e2e.deployment import BTRACKER

pytestmark = pytest.mark.slow

ALL = (*CATALOGUE, *changelogs())
PARTITIONS = StreamSettings().partitions


async def found(broker: Broker) -> list[Drift]:
    """Return where the topics of a broker are not as wanted."""
    return await drift(broker.kafka, partitions=PARTITIONS, replication=1, topics=ALL)


async def create(broker: Broker) -> None:
    """Create all topics."""
    await topics.create(broker.kafka, partitions=PARTITIONS, topics=ALL)


async def alter(broker: Broker, topic: str, settings: Mapping[str, str]) -> None:
    """Change settings of a topic, as its operator could."""
    async with topics.admin(broker.kafka) as client:
        answer = await client._send_request(AlterTopic(topic, settings.items()))

    assert [0] == [code for code, *_ in answer.resources]


async def settings_at(broker: Broker, kind: ConfigResourceType, name: str) -> dict[str, str]:
    """Return what a broker says of all settings of one thing."""
    async with topics.admin(broker.kafka) as client:
        (answer,) = await client.describe_configs([ConfigResource(kind, name)])
    return {entry[0]: entry[1] for _, _, _, _, entries in answer.resources for entry in entries}


def check(broker: Broker, *options: str) -> tuple[int, list[str], str]:
    """Run ``btracker topics check``; return its exit code, its lines and its error."""
    done = subprocess.run(
        [BTRACKER, "topics", "check", *options],
        env=os.environ | {"BTRACKER_KAFKA": broker.address},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines(), done.stderr


@on_both_brokers
async def test_what_was_created_is_as_wanted(broker: Broker) -> None:
    """Every topic, dead letters and changelogs too."""
    before = await found(broker)
    await create(broker)

    assert {one.topic for one in before} == {one.name for one in topics.with_dead_letters(ALL)}
    assert all(one.is_missing for one in before)
    assert [] == await found(broker)


async def test_a_setting_that_a_broker_lacks_is_no_drift(broker: Broker) -> None:
    """The embedded one lists what it was told of a topic, and here it was told nothing."""
    async with topics.admin(broker.kafka) as client:
        await client.create_topics([NewTopic(TRADES.name, PARTITIONS, 1)])

    assert [] == [one for one in await found(broker) if one.topic == TRADES.name]


@on_kafka
async def test_a_changed_setting_is_named_with_both_values_and_put_right(broker: Broker) -> None:
    """Exit 1 until it is; what we say nothing of stays as the operator has it."""
    await create(broker)
    await alter(broker, TRADES.name, {"retention.ms": "5000", "flush.messages": "7"})
    named, applied, clean = check(broker), check(broker, "--apply"), check(broker)

    assert 1 == named[0]
    assert [f"{TRADES.name}: retention.ms 5000, should be {7 * 24 * HOUR_MS}"] == named[1]
    assert "--apply" in named[2]
    assert (0, ["All topics are as they should be."]) == clean[:2]
    assert (0, f"{TRADES.name}: retention.ms {7 * 24 * HOUR_MS}, was 5000") == (
        applied[0], applied[1][0],
    )  # fmt: skip
    settings = await settings_at(broker, ConfigResourceType.TOPIC, TRADES.name)
    assert "7" == settings["flush.messages"]


@on_kafka
async def test_nothing_is_applied_that_deletes_records(broker: Broker) -> None:
    """Shorter retention is for people to choose; it is named, and the exit code stays 1."""
    await create(broker)
    await alter(broker, TRADES.name, {"retention.ms": "-1"})
    await alter(broker, TOKENS.name, {"cleanup.policy": "delete", "max.message.bytes": "3000000"})
    code, lines, error = check(broker, "--apply")

    assert 1 == code
    assert [
        f"{TOKENS.name}: cleanup.policy compact, was delete",
        f"{TRADES.name}: retention.ms -1, should be {7 * 24 * HOUR_MS}",
    ] == lines
    assert "data may be lost" in error
    settings = await settings_at(broker, ConfigResourceType.TOPIC, TRADES.name)
    assert "-1" == settings["retention.ms"]


@on_kafka
async def test_what_comes_from_x_is_gone_after_a_day(broker: Broker) -> None:
    """Retention, the span of a segment and all that Kafka takes to delete it are 24 h at most."""
    await create(broker)
    settings = await settings_at(broker, ConfigResourceType.TOPIC, RAW_X.name)
    server = await settings_at(broker, ConfigResourceType.BROKER, "1")
    spans = (
        settings["retention.ms"],
        settings["segment.ms"],
        settings["file.delete.delay.ms"],
        server["log.retention.check.interval.ms"],
    )

    assert 22 * HOUR_MS < sum(map(int, spans)) <= 24 * HOUR_MS


@on_kafka
async def test_partitions_are_named_and_left_alone(broker: Broker) -> None:
    """Keys would move to others, so their number is never changed."""
    await topics.create(broker.kafka, partitions=PARTITIONS + 1, topics=ALL)
    code, lines, error = check(broker, "--apply")

    assert 1 == code
    assert f"{TRADES.name}: partitions {PARTITIONS + 1}, should be {PARTITIONS}" in lines
    assert "--apply" not in error
    assert PARTITIONS + 1 == (await topics.counted(broker.kafka))[TRADES.name]
