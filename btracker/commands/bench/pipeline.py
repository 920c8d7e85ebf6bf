"""``btracker bench pipeline`` and ``growth``: the fold beside others, latency, many tokens."""

import asyncio
from typing import Any

import click

from btracker import options
from btracker.bench.pipeline.growth import measure as measure_growth
from btracker.bench.pipeline.latency import Options as Latency
from btracker.bench.pipeline.race import Size
from btracker.bench.pipeline.run import Options, measure
from btracker.commands.bench.told import Told, reached, reported, runs, show


class Numbers(click.ParamType):
    """Positive numbers, divided by commas."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers."""
        words = str(value).split(",")
        if not all(word.isdecimal() and int(word) for word in words):
            self.fail(f"{value!r} is not a list of numbers such as 100,1000.", param, ctx)
        return tuple(map(int, words))


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
@runs(default=3)
@click.option(
    "--rates", type=Numbers(), default="100", show_default=True, metavar="N[,…]",
    help="Trades a second while latency is measured, one rate after another.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.IntRange(min=0), default=20, show_default=True,
    help="For how long latency is measured at each rate; 0 leaves it out.",
)  # fmt: skip
@click.option(
    "--burst-seconds", type=click.IntRange(min=0), default=0, show_default=True,
    help="Then ten times the first rate for so long, and a minute at that rate; 30 is usual.",
)  # fmt: skip
@options.other_kafka
@reported
def pipeline(
    *,
    tokens: int,
    trades: int,
    plain_trades: int,
    runs: int,
    rates: tuple[int, ...],
    seconds: int,
    burst_seconds: int,
    kafka: str | None,
    told: Told,
) -> None:
    """Measure the fold next to its floor, to plain Faust and to peers, then latency.

    A worker, a bare aiokafka consumer and producer, stock Faust one event at a time and, where
    they are installed (make peers), bare confluent-kafka and Quix Streams do the same work on a
    made-up market, one after another, and must end in the state that brute force expects. Then
    trades go through a whole deployment, from raw record to WebSocket frame.
    """
    asked = Options(
        Size(tokens, trades, plain_trades),
        runs,
        Latency(rates, seconds, burst_seconds),
        reached(kafka),
    )
    show("pipeline", asyncio.run(measure(asked)), told)


@click.command(epilog="Example: btracker bench growth --tokens 1000,10000 --trades 5000")
@click.option(
    "--tokens", type=Numbers(), default="1000,100000,1000000", show_default=True, metavar="N[,…]",
    help="How many a worker knows; a million takes many gigabytes, in the broker too.",
)  # fmt: skip
@click.option(
    "--trades", type=click.IntRange(min=1), default=20_000, show_default=True,
    help="Folded when all tokens are launched.",
)  # fmt: skip
@runs(default=1)
@options.other_kafka
@reported
def growth(
    *, tokens: tuple[int, ...], trades: int, runs: int, kafka: str | None, told: Told
) -> None:
    """Measure what a trade costs, and a token that rests, when many tokens are known."""
    asked = measure_growth(tokens, trades=trades, runs=runs, kafka=reached(kafka))
    show("growth", asyncio.run(asked), told)
