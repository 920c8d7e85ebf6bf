"""``btracker bench``: measurements on this machine."""

import asyncio
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from btracker import options
from btracker.bench.api import run as api_run
from btracker.bench.api.report import print_api
from btracker.bench.api.run import measure as measure_api
from btracker.bench.capture import run as capture_run
from btracker.bench.capture.report import print_capture
from btracker.bench.capture.run import measure as measure_capture
from btracker.bench.decode.mix import LAP, mix_of
from btracker.bench.decode.report import print_decode
from btracker.bench.decode.run import run as decode_run
from btracker.bench.pipeline.race import Size
from btracker.bench.pipeline.report import print_pipeline
from btracker.bench.pipeline.run import Options, measure
from btracker.bench.recovery.report import print_recovery
from btracker.bench.recovery.run import measure as measure_recovery
from btracker.bench.report import print_json
from btracker.bench.ws import run as ws_run
from btracker.bench.ws.report import print_ws
from btracker.bench.ws.run import measure as measure_ws
from btracker.deployment import DEMO
from btracker.kafka_access import entered, other_kafka
from domain.errors import UsageError
from schemas.kafka import Kafka
from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines

if TYPE_CHECKING:
    from language.engines import Choice

R = TypeVar("R", bound=msgspec.Struct)
EXAMPLE = """
\b
Example:
  btracker bench decode --json
"""

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(epilog=EXAMPLE)
def command() -> None:
    """Measure on this machine: a table for people, or one JSON object with --json."""


@command.command(epilog=EXAMPLE)
@click.option(
    "--recording",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=DEMO,
    help="Folder of the recording to decode; the bundled one if it is not given.",
)
@click.option(
    "--transactions",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of recorded transactions of other programs, one JSON file each. Without it the "
    "recording is all, and the bundled one is of one program, Meteora DBC.",
)
@click.option(
    "--runs", type=click.IntRange(min=1), default=5, show_default=True, help="Of how many laps."
)
@as_json
def decode(recording: Path, transactions: Path | None, runs: int, *, as_json: bool) -> None:
    """Measure the median rate at which one core decodes, next to the floor in the same laps.

    Each program has an equal part, of which its transactions come in turn.
    """
    mix = mix_of(list(islice(zst_lines(recording / CHAIN), LAP)), transactions)
    if not mix:
        raise UsageError("There is no transaction of a program that is decoded.")
    _show("decode", decode_run(mix, laps=runs), print_decode, as_json=as_json)


@command.command(epilog="Example: btracker bench pipeline --trades 50000 --runs 1")
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
@as_json
def pipeline(
    *,
    tokens: int,
    trades: int,
    plain_trades: int,
    kafka: str | None,
    as_json: bool,
    **rest: Any,
) -> None:
    """Measure the fold next to its floor, to plain Faust and to peers, then latency.

    A worker, a bare aiokafka consumer and producer, stock Faust one event at a time and, where
    they are installed (make peers), bare confluent-kafka and Quix Streams do the same work on a
    made-up market, one after another, and must end in the state that brute force expects. Then trades go through a whole deployment, from raw record to WebSocket frame.
    """
    size, other = Size(tokens, trades, plain_trades), _entered(kafka)
    result = asyncio.run(measure(Options(size, kafka=other, **rest)))
    _show("pipeline", result, print_pipeline, as_json=as_json)


@command.command(epilog="Example: btracker bench capture --rate 100 --seconds 5")
@click.option(
    "--rate", "rates", type=click.IntRange(min=3), multiple=True, default=(100, 1_000),
    show_default=True, help="Transactions a second; several may be named.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.IntRange(min=1), default=10, show_default=True, help="Of each mode."
)
@click.option(
    "--answer-ms", type=click.FloatRange(min=0), default=0.0, show_default=True,
    help="How long the node waits before it answers a getTransaction.",
)  # fmt: skip
@options.other_kafka
@as_json
def capture(
    *,
    rates: tuple[int, ...],
    seconds: int,
    answer_ms: float,
    kafka: str | None,
    as_json: bool,
) -> None:
    """Measure how long transactions of a live node take until they are records and events.

    A collector on a core of its own listens, in each mode, to a node on this machine that tells of
    transactions at a steady rate, whatever became of those before; a worker decodes them. Next to
    it the floor: the same records from a bare producer.
    """
    asked = capture_run.Options(rates, seconds, answer_ms, _entered(kafka))
    _show("capture", asyncio.run(measure_capture(asked)), print_capture, as_json=as_json)


@command.command(epilog="Example: btracker bench recovery --keys 100000")
@click.option(
    "--keys", type=click.IntRange(min=1), default=1_000_000, show_default=True,
    help="Rows of the table that is recovered.",
)  # fmt: skip
@options.other_kafka
@as_json
def recovery(*, keys: int, kafka: str | None, as_json: bool) -> None:
    """Measure how long a worker with many rows takes until it works.

    Cold, from the changelog; warm, from its checkpoint; and, on a Kafka with transactions, as the
    standby of a worker that ends. Next to it the floor: the changelog read by bare aiokafka.
    """
    result = asyncio.run(measure_recovery(keys=keys, kafka=_entered(kafka)))
    _show("recovery", result, print_recovery, as_json=as_json)


@command.command(epilog="Example: btracker bench api --tokens 10000 --seconds 2")
@click.option(
    "--tokens", type=click.IntRange(min=1), default=100_000, show_default=True,
    help="In the store.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(min=0.1), default=5.0, show_default=True,
    help="Of each lap.",
)  # fmt: skip
@click.option(
    "--runs", type=click.IntRange(min=1), default=3, show_default=True, help="Of how many laps."
)
@as_json
def api(*, tokens: int, seconds: float, runs: int, as_json: bool) -> None:
    """Measure what requests cost and how long they take, next to a server without a framework.

    The API runs as it always does, with keys, limits and metrics, over a store of made-up tokens
    and a cache, on a core of its own. Requests come at a steady rate, whatever became of those
    before.
    """
    result = asyncio.run(measure_api(api_run.Options(tokens, seconds, runs)))
    _show("api", result, print_api, as_json=as_json)


@command.command(epilog="Example: btracker bench ws --connections 1000")
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
@as_json
def ws(*, connections: int, seconds: float, updates: int, replicas: int, as_json: bool) -> None:
    """Measure live connections: what they cost, and how late updates are, next to bare writes.

    Connections come at 1,000 a second to one process on a core of its own; then tokens change at
    1,000 a second, each with 8 subscribers, then there are updates and boards for everybody.
    """
    result = asyncio.run(measure_ws(ws_run.Options(connections, seconds, updates, replicas)))
    _show("ws", result, print_ws, as_json=as_json)


@command.command(epilog="Example: btracker bench nlp --posts 200 --runs 1")
@click.option(
    "--posts", type=click.IntRange(min=1), default=500, show_default=True, help="Made up."
)
@click.option(
    "--runs", type=click.IntRange(min=1), default=3, show_default=True, help="Of how many runs."
)
@click.option(
    "--engine", type=click.Choice(("auto", "onnx", "torch", "keywords")), default="auto",
    show_default=True, help="What reads categories.",
)  # fmt: skip
@as_json
def nlp(*, posts: int, runs: int, engine: "Choice", as_json: bool) -> None:
    """Measure how fast one core reads posts: with the model, without it, commands alone."""
    from btracker.bench.nlp import print_nlp
    from btracker.bench.nlp import run as nlp_run

    _show("nlp", nlp_run(engine, posts=posts, runs=runs), print_nlp, as_json=as_json)


def _show(name: str, result: R, show: Callable[[R], object], *, as_json: bool) -> None:
    """Print a result: as JSON, or as *show* does for people."""
    if as_json:
        print_json(name, result)
    else:
        show(result)


def _entered(address: str | None) -> Kafka | None:
    named = other_kafka(address)
    return entered(named) if named else None
