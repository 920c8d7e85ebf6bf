"""``btracker bench api`` and ``ws``: the query side."""

import asyncio

import click

from btracker.bench.api import run as api_run
from btracker.bench.api.run import measure as measure_api
from btracker.bench.ws import run as ws_run
from btracker.bench.ws.run import measure as measure_ws
from btracker.commands.bench.told import Told, repeated, reported, runs, show


@click.command(epilog="Example: btracker bench api --tokens 10000 --seconds 2")
@click.option(
    "--tokens", type=click.IntRange(min=1), default=100_000, show_default=True,
    help="In the store.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=5.0, show_default=True,
    help="Of each lap.",
)  # fmt: skip
@runs(default=3)
@reported
def api(*, tokens: int, seconds: float, runs: int, told: Told) -> None:
    """Measure what requests cost and how long they take, next to a server without a framework.

    The API runs as it always does, with keys, limits and metrics, over a store of made-up tokens
    and a cache, on a core of its own. Requests come at a steady rate, whatever became of those
    before.
    """
    result = asyncio.run(measure_api(api_run.Options(tokens, seconds, runs)))
    show("api", result, told)


@click.command(epilog="Example: btracker bench ws --connections 1000")
@click.option(
    "--connections", type=click.IntRange(min=32), default=8_000, show_default=True,
    help="To each process.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=10.0, show_default=True,
    help="Of updates of tokens, and of boards.",
)  # fmt: skip
@click.option(
    "--updates", type=click.IntRange(min=1), default=30, show_default=True,
    help="To everybody, one after the other.",
)  # fmt: skip
@click.option(
    "--replicas", type=click.IntRange(min=1), default=1, show_default=True,
    help="Processes of the API; several stand behind nginx.",
)  # fmt: skip
@runs(default=1)
@reported
def ws(
    *, connections: int, seconds: float, updates: int, replicas: int, runs: int, told: Told
) -> None:
    """Measure live connections: what they cost, and how late updates are, next to bare writes.

    Connections come at 1,000 a second to one process on a core of its own; then tokens change at
    1,000 a second, each with 8 subscribers, then there are updates and boards for everybody.
    """
    asked = ws_run.Options(connections, seconds, updates, replicas)
    show("ws", repeated(lambda: measure_ws(asked), runs), told)
