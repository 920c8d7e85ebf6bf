"""``btracker doctor``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from btracker import options
from domain.errors import BtrackerError, UsageError

if TYPE_CHECKING:
    from btracker.checks import Finding
    from btracker.run_folder import Addresses, RunFolder


@click.command(
    epilog="Example: btracker doctor --data data", short_help="Say what works and what does not."
)
@options.data
@options.kafka
@options.store
@options.redis
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
def command(
    *, data: Path, kafka: str | None, store: str | None, redis: str | None, port: int
) -> None:
    """Say what is reachable, what is not, and what to do about it. Exit 1 if something is wrong.

    Looks at the `btracker up` on the data folder, else at what starting one needs; at the servers
    that are named, the Solana nodes, X, and the sources of dollar prices; and at whether each
    stage takes what there is for it, which needs a few seconds where one does not.
    """
    from btracker.checks import Parts, findings
    from btracker.kafka_access import named
    from btracker.run_folder import RunFolder
    from btracker.settings import load
    from schemas.kafka import KafkaSettings
    from streams.settings import StreamSettings
    from streams.sources.dollars.settings import DollarSettings
    from streams.sources.solana.nodes import parse_nodes
    from streams.sources.solana.settings import SolanaSettings
    from streams.sources.x.settings import XSettings

    runs = RunFolder(data)
    deployment = _running(runs)
    partitions = load(StreamSettings).partitions
    cluster = load(KafkaSettings, **named(kafka, data)).cluster if kafka or deployment else None
    nodes = parse_nodes(deployment.solana) if deployment else load(SolanaSettings).nodes
    if deployment:
        # What is named belongs to another deployment, unless all of it is named.
        store = store or (None if kafka else deployment.store)
        redis = redis or (None if kafka else deployment.redis)
    found = findings(
        Parts(cluster, store, redis, nodes, load(XSettings), load(DollarSettings)),
        runs if deployment else None,
        data=data,
        port=port,
        partitions=partitions,
    )
    _tell(found)


def _running(runs: "RunFolder") -> "Addresses | None":
    """Return where the `btracker up` on a data folder is, None if there is none; say it, too."""
    try:
        deployment = runs.addresses()
    except UsageError:
        click.echo("Btracker does not run on this data folder.")
        return None
    click.echo(f"Btracker runs at {deployment.api}.")
    return deployment


def _tell(found: "list[Finding]") -> None:
    """Say what was found.

    Raises:
        BtrackerError: something is wrong.
    """
    for what, remedy in found:
        click.echo(f"  ok    {what}" if remedy is None else f"  WRONG {what}: {remedy}")
    wrong = sum(one.remedy is not None for one in found)
    if wrong:
        raise BtrackerError(f"{wrong} of {len(found)} things are wrong; the remedies stand above.")
