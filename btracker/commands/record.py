"""``btracker record``."""

import asyncio
from pathlib import Path

import click

from btracker import options


@click.command(
    epilog="Example: btracker record my-recording", short_help="Write what arrives as a recording."
)
@click.argument("folder", type=click.Path(path_type=Path))
@options.data
@options.kafka
@click.option("--from-now", is_flag=True, help="Leave out what is on the topics already.")
@click.option("--until-end", is_flag=True, help="Stop at what is the end of the topics now.")
def command(
    *, folder: Path, data: Path, kafka: str | None, from_now: bool, until_end: bool
) -> None:
    """Write what the collectors put on the raw topics as a recording in FOLDER, until Ctrl-C.

    Transactions are written in the order of the chain; `btracker replay FOLDER` gives the same
    figures again.
    """
    from btracker.kafka_access import kafka_for
    from btracker.service import run_service
    from btracker.terminal import Terminal
    from streams.sources.capture import Count
    from streams.sources.record import run_record

    terminal, cluster = Terminal(), kafka_for(kafka, data)

    def told(count: Count) -> str:
        return (
            f"{count.transactions:,} transactions, {count.posts:,} posts, "
            f"{count.documents:,} documents"
        )

    async def record(stop: asyncio.Event) -> Count:
        return await run_record(
            cluster,
            folder,
            from_now=from_now,
            until_end=until_end,
            stop=stop,
            tell=lambda count: terminal.show(f"Recording: {told(count)} (Ctrl-C ends it)"),
        )

    count = run_service(record)
    terminal.end()
    left_out = (
        f"; left out: {count.late:,} that came too late, {count.unreadable:,} unreadable"
        if count.late or count.unreadable
        else ""
    )
    terminal.say(f"Recorded {told(count)} in {folder}{left_out}.")
