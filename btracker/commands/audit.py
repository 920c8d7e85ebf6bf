"""``btracker audit``."""

import asyncio
from pathlib import Path

import click

from btracker import options
from btracker.judging import Judging


@click.command(
    cls=Judging,
    epilog="Example: btracker audit --data data",
    short_help="Say whether anything is missing.",
)
@options.data
@options.kafka
@options.store
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds to wait for stages that are behind; then what they have taken is judged.",
)
@click.option(
    "--most", type=click.IntRange(0), default=20, show_default=True, help="Findings to be named."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    *, data: Path, kafka: str | None, store: str | None, wait_s: float, most: int, as_json: bool
) -> int:
    """Recount every stage from the log and say whether anything is missing. Exit 1 if so.

    Raw input is decoded and folded anew, as far as Kafka keeps it, and compared with all that
    stands on the topics and in the store, partition by partition. Nothing is changed. A running
    deployment is judged up to where it was when the audit began. Exit 2 if it could not be judged.
    """
    import msgspec

    from btracker.audit.printing import AuditBar, print_report
    from btracker.audit.run import run_audit
    from btracker.exits import FAILED, OK
    from btracker.kafka_access import kafka_for
    from btracker.run_folder import RunFolder
    from btracker.settings import load
    from streams.settings import StreamSettings

    cluster = kafka_for(kafka, data)
    with AuditBar() as bar:
        report = asyncio.run(
            run_audit(
                cluster,
                store or (None if kafka else RunFolder(data).addresses().store),
                settings=load(StreamSettings),
                wait_s=wait_s,
                most=most,
                hear=bar.hear,
            )
        )
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        print_report(report)
    return OK if report.is_clean else FAILED
