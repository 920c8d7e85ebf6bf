"""``btracker bench pipeline``: the fold next to its floor and to others, and latency."""

import asyncio
from typing import Any

import click

from btracker import options
from btracker.bench.pipeline.race import Size
from btracker.bench.pipeline.run import Options, measure
from btracker.commands.bench.told import Told, reached, reported, show


@click.command(epilog="Example: btracker bench pipeline --trades 50000 --runs 1")
@click.option(
    "--trades", type=click.IntRange(min=1), default=50_000, show_default=True,
    help="Of the market that all but plain Faust are given.",
)  # fmt: skip
@click.option(
    "--plain-trades", type=click.IntRange(min=1), default=3_000, show_default=True,
    help="Of the part of it that the plain Faust idiom is given, which is slow.",
)  # fmt: skip
@click.option("--tokens", type=click.IntRange(min=1), default=1_000, show_default=True)
@click.option(
    "--runs", type=click.IntRange(min=1), default=3, show_default=True, help="Of how many runs."
)
@click.option(
    "--per-second", type=click.IntRange(min=1), default=100, show_default=True,
    help="Trades a second while latency is measured.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.IntRange(min=0), default=20, show_default=True,
    help="For how long latency is measured; 0 leaves it out.",
)  # fmt: skip
@options.other_kafka
@reported
def pipeline(
    *,
    tokens: int,
    trades: int,
    plain_trades: int,
    kafka: str | None,
    told: Told,
    **rest: Any,
) -> None:
    """Measure the fold next to its floor, to plain Faust and to peers, then latency.

    A worker, a bare aiokafka consumer and producer, stock Faust one event at a time and, where
    they are installed (make peers), bare confluent-kafka and Quix Streams do the same work on a
    made-up market, one after another, and must end in the state that brute force expects. Then
    trades go through a whole deployment, from raw record to WebSocket frame.
    """
    size, other = Size(tokens, trades, plain_trades), reached(kafka)
    result = asyncio.run(measure(Options(size, kafka=other, **rest)))
    show("pipeline", result, told)
