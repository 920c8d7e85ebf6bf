"""``btracker redecode``."""

import asyncio
from pathlib import Path

import click

from btracker import options
from domain.errors import UsageError

LAST_SLOT = (1 << 63) - 1


@click.command(
    epilog="Example: btracker redecode --from 452000000 "
    "--program dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN",
    short_help="Decode again what an earlier version could not.",
)
@click.option("--program", metavar="ADDRESS", help="Only transactions of it. Default: all of ours.")
@click.option("--from", "first", type=click.IntRange(0), default=0, help="The first slot.")
@click.option("--to", "last", type=click.IntRange(0), default=LAST_SLOT, help="The last slot.")
@options.data
@options.kafka
def command(*, program: str | None, first: int, last: int, data: Path, kafka: str | None) -> None:
    """Send raw transactions again of which today's decoders read more than was read of them.

    For use after an upgrade, as far as Kafka keeps raw input and events. What has been decoded is
    not counted twice, however often this is repeated; ended early, the same command goes on. It
    remembers the events of the slots that are named, some 70 bytes each.
    """
    from btracker.kafka_access import kafka_for
    from btracker.service import run_service
    from btracker.terminal import Terminal
    from streams.redecode import Count, Wanted, run_redecode
    from streams.sources.solana.blocks import PROGRAM_IDS

    if last < first:
        raise UsageError(f"There is nothing from {first} to {last}; swap --from and --to.")
    if program is not None and program not in PROGRAM_IDS:
        raise UsageError(
            f"{program} is no program that is decoded; name one of {', '.join(PROGRAM_IDS)}."
        )
    terminal, cluster = Terminal(), kafka_for(kafka, data)

    def hear(count: Count) -> None:
        terminal.show(f"Looked at {count.looked_at:,} raw records, sent {count.sent:,} again")

    async def redecode(stop: asyncio.Event) -> Count:
        return await run_redecode(cluster, Wanted(first, last, program), stop=stop, hear=hear)

    count = run_service(redecode)
    terminal.end()
    terminal.say(f"Looked at {count.looked_at:,} raw records; sent {count.sent:,} again.")
