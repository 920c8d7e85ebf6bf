"""``btracker backfill``."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from btracker import options
from domain.errors import BtrackerError

if TYPE_CHECKING:
    from schemas.cursor import SourceCursor
    from streams.sources.settings import CollectSettings
    from streams.sources.solana.backfill import Span
    from streams.sources.solana.settings import SolanaSettings


@click.command(
    epilog="Example: btracker backfill --from 452000000 --to 452001000 "
    "--program dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN",
    short_help="Read blocks of the past from Solana nodes.",
)
@click.option("--program", metavar="ADDRESS", help="Only transactions of it. Default: all of ours.")
@click.option("--from", "first", type=click.IntRange(1), required=True, help="The first slot.")
@click.option("--to", "last", type=click.IntRange(1), required=True, help="The last slot.")
@click.option(
    "--solana",
    multiple=True,
    metavar="WS_URL[,HTTP_URL]",
    envvar="BTRACKER_SOLANA",
    help="A Solana node to ask; several may be named.",
)
@options.data
@options.kafka
def command(
    *,
    program: str | None,
    first: int,
    last: int,
    solana: tuple[str, ...],
    data: Path,
    kafka: str | None,
) -> None:
    """Put the transactions from one slot to another on the raw topic of a running deployment.

    Copies of what is known already are dropped there. Ended before it is done, the same command
    goes on where it was. It keeps to BTRACKER_SOLANA_REQUESTS_PER_S, beside what the collector
    asks, and is not kept in the journal of a `btracker up`.
    """
    from btracker.kafka_access import entered, named
    from btracker.settings import load
    from streams.sources.settings import CollectSettings
    from streams.sources.solana.backfill import Span, check_span
    from streams.sources.solana.settings import SolanaSettings

    span = Span(first, last, program)
    check_span(span)
    nodes = load(SolanaSettings, **({"solana": " ".join(solana)} if solana else {}))
    settings = load(CollectSettings, **named(kafka, data))
    entered(settings.cluster)
    _tell(_run(span, nodes, settings), first=first, last=last)


def _run(
    span: "Span", nodes: "SolanaSettings", settings: "CollectSettings"
) -> "SourceCursor | None":
    """Fill, with a bar; return how far it got."""
    from btracker.backfilling import BackfillBar
    from btracker.service import run_service
    from streams.sources.publisher import open_publisher
    from streams.sources.solana.backfill import run_backfill

    with BackfillBar(span) as bar:

        async def backfill(stop: asyncio.Event) -> "SourceCursor | None":
            size = settings.record_bytes_max
            async with await open_publisher(settings.cluster, record_bytes_max=size) as publisher:
                return await run_backfill(
                    settings.cluster, publisher, nodes, span,
                    record_bytes_max=size, stop=stop, hear=bar.hear,
                )  # fmt: skip

        return run_service(backfill)


def _tell(reached: "SourceCursor | None", *, first: int, last: int) -> None:
    """Say how far it got.

    Raises:
        BtrackerError: not to the end.
    """
    if reached is None or reached.through < last:
        through = reached.through if reached else first - 1
        raise BtrackerError(f"Ended at slot {through:,}; the same command goes on from there.")
    click.echo(f"Published {reached.published:,} transactions through slot {last:,}.")
