"""``btracker topics``."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from btracker import options
from domain.errors import BtrackerError

if TYPE_CHECKING:
    from schemas.kafka import Kafka

Result = TypeVar("Result")


@click.group(
    epilog="Example: btracker topics create --kafka broker:9092",
    short_help="Create or check topics.",
)
def command() -> None:
    """The topics of a deployment: create what is missing, list them, say what differs."""


@command.command(epilog="Example: BTRACKER_PARTITIONS=8 btracker topics create --kafka broker:9092")
@options.data
@options.kafka
def create(*, data: Path, kafka: str | None) -> None:
    """Create the topics that are missing; harmless when repeated."""
    from btracker.settings import load
    from streams import topics
    from streams.settings import StreamSettings

    settings, cluster = load(StreamSettings), _kafka(kafka, data)
    made = _answer(
        cluster,
        topics.create(cluster, partitions=settings.partitions, replication=settings.replication),
    )
    click.echo(f"Created {len(made)} topics." if made else "All topics were there.")


@command.command("list", epilog="Example: btracker topics list")
@options.data
@options.kafka
def list_topics(*, data: Path, kafka: str | None) -> None:
    """List the topics, their partitions, and what is missing."""
    from btracker.settings import load
    from streams import topics
    from streams.settings import StreamSettings

    cluster, partitions = _kafka(kafka, data), load(StreamSettings).partitions
    for name, wanted, has in _answer(cluster, topics.survey(cluster, partitions=partitions)):
        state = "missing" if not has else "" if has == wanted else f"should have {wanted}"
        click.echo(f"{name:32} {has:4} {state}".rstrip())


@command.command(epilog="Example: btracker topics check")
@options.data
@options.kafka
def check(*, data: Path, kafka: str | None) -> None:
    """Exit 0 if every topic is there with the right number of partitions, else say what differs."""
    from btracker.settings import load
    from streams import topics
    from streams.settings import StreamSettings

    cluster, partitions = _kafka(kafka, data), load(StreamSettings).partitions
    missing = _answer(cluster, topics.check(cluster, partitions=partitions))
    if missing:
        raise BtrackerError(f"Missing: {', '.join(missing)}. Run: btracker topics create")
    click.echo("All topics are there.")


def _kafka(kafka: str | None, data: Path) -> "Kafka":
    from btracker.kafka_access import kafka_for

    return kafka_for(kafka, data)


def _answer(kafka: "Kafka", question: Coroutine[Any, Any, Result]) -> Result:
    from aiokafka.errors import KafkaError

    try:
        return asyncio.run(question)
    except KafkaError as error:
        raise BtrackerError(
            f"No Kafka answers at {kafka}; start it, or name another with --kafka."
        ) from error
