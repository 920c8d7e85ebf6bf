"""``btracker rebuild``."""

import asyncio
from pathlib import Path

import click

from btracker import options
from btracker.judging import Judging


@click.command(
    cls=Judging,
    epilog="Example: btracker rebuild --data data",
    short_help="Make the store anew from the topics.",
)
@options.data
@options.kafka
@options.store
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="Seconds to wait for a store that has yet to say how far it is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    *, data: Path, kafka: str | None, store: str | None, wait_s: float, as_json: bool
) -> int:
    """Refill the store from the topics, and say whether that equals what was there. Exit 1 if not.

    A fresh store is filled beside the old one, both are compared document by document and by their
    canonical hashes, and if they differ the fresh one takes its place at once. Everything may go
    on running meanwhile; the index process waits while they are compared. What is older than the
    topics keep it is taken over from the old store. One that is damaged or of another version is
    set aside (exit 1 as well). Exit 2 if nothing could be rebuilt.
    """
    import msgspec

    from btracker.audit.printing import AuditBar
    from btracker.exits import FAILED, OK
    from btracker.kafka_access import kafka_for
    from btracker.rebuild.printing import print_rebuilt
    from btracker.rebuild.run import run_rebuild
    from btracker.run_folder import RunFolder
    from btracker.settings import load
    from domain.errors import UsageError
    from views.settings import ViewSettings

    cluster = kafka_for(kafka, data)
    if store is None and kafka:
        raise UsageError("Name the store to be rebuilt with --store URL.")
    with AuditBar() as bar:
        url = store or RunFolder(data).addresses().store
        trade_days = load(ViewSettings).store_trade_days
        found = asyncio.run(
            run_rebuild(cluster, url, trade_days=trade_days, wait_s=wait_s, hear=bar.hear)
        )
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_rebuilt(found)
    return OK if found.is_equal else FAILED
