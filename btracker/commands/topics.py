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
    from schemas.topics import Topic
    from streams.settings import StreamSettings
    from streams.topic_drift import Drift

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
    from streams import topics

    settings, cluster = _settings(), _kafka(kafka, data)
    made = _answer(
        cluster,
        topics.create(
            cluster,
            partitions=settings.partitions,
            replication=settings.replication,
            topics=_topics(settings),
        ),
    )
    click.echo(f"Created {len(made)} topics." if made else "All topics were there.")


@command.command("list", epilog="Example: btracker topics list")
@options.data
@options.kafka
def list_topics(*, data: Path, kafka: str | None) -> None:
    """List the topics, their partitions, and what is missing."""
    from streams import topics

    settings, cluster = _settings(), _kafka(kafka, data)
    survey = topics.survey(cluster, partitions=settings.partitions, topics=_topics(settings))
    click.echo(f"{'topic':36} partitions")
    for name, wanted, has in _answer(cluster, survey):
        right = f"{has}" if has == wanted else f"{has}, should be {wanted}"
        click.echo(f"{name:36} {right if has else 'missing'}")


@command.command(epilog="Example: btracker topics check --apply")
@options.data
@options.kafka
@click.option("--apply", is_flag=True, help="Change what may be changed, then check again.")
def check(*, data: Path, kafka: str | None, apply: bool) -> None:
    """Say where the topics are not as they should be; exit 1 unless all are.

    With --apply settings are put right, except where Kafka would delete records for it. Missing
    topics are for `btracker topics create`; partitions and replicas are never changed.
    """
    from streams import topic_drift

    settings, cluster = _settings(), _kafka(kafka, data)

    def drift() -> "list[Drift]":
        return _answer(
            cluster,
            topic_drift.drift(
                cluster,
                partitions=settings.partitions,
                replication=settings.replication,
                topics=_topics(settings),
            ),
        )

    found = drift()
    if apply and found:
        _answer(cluster, topic_drift.apply(cluster, found))
        due = [one for one in found if one.may_be_applied]
        for one in due:
            click.echo(f"{one.topic}: {one.setting} {one.wanted}, was {one.found}")
        found = drift()
    if found:
        _tell(found)
    click.echo("All topics are as they should be.")


def _tell(found: "list[Drift]") -> None:
    """Show each difference, and raise what to do about them."""
    for one in found:
        differs = f"{one.setting} {one.found}, should be {one.wanted}"
        click.echo(f"{one.topic}: {'missing' if one.is_missing else differs}")
    remedies = []
    if any(one.is_missing for one in found):
        remedies.append("btracker topics create makes what is missing")
    if any(one.may_be_applied for one in found):
        remedies.append("btracker topics check --apply puts settings right")
    if any(not one.is_missing and not one.may_be_applied for one in found):
        remedies.append("what else differs is for you to change, since data may be lost")
    places = "1 place" if len(found) == 1 else f"{len(found):,} places"
    raise BtrackerError(f"Topics differ in {places}; {'; '.join(remedies)}.")


def _settings() -> "StreamSettings":
    from btracker.settings import load
    from streams.settings import StreamSettings

    return load(StreamSettings)


def _topics(settings: "StreamSettings") -> "list[Topic]":
    """Return all topics; a table's is known by whoever declares it, so all tables are."""
    from schemas.topics import CATALOGUE
    from streams.app import app

    if not app.configured:
        app.use(settings)
    from tables import changelogs

    return [*CATALOGUE, *changelogs()]


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
