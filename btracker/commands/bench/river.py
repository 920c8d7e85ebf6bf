"""``btracker bench decode``, ``capture``, ``recovery``, ``nlp``: what runs beside the fold."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from btracker import options
from btracker.bench.capture import run as capture_run
from btracker.bench.capture.run import measure as measure_capture
from btracker.bench.decode.mix import LAP, mix_of
from btracker.bench.decode.run import run as decode_run
from btracker.bench.recovery.run import measure as measure_recovery
from btracker.commands.bench.told import Told, reached, repeated, reported, runs, show
from btracker.deployment import DEMO
from domain.errors import UsageError
from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines

if TYPE_CHECKING:
    from language.engines import Choice


@click.command(epilog="Example: btracker bench decode --json")
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
@reported
def decode(recording: Path, transactions: Path | None, runs: int, *, told: Told) -> None:
    """Measure the median rate at which one core decodes, next to the floor in the same laps.

    Each program has an equal part, of which its transactions come in turn.
    """
    mix = mix_of(list(islice(zst_lines(recording / CHAIN), LAP)), transactions)
    if not mix:
        raise UsageError("There is no transaction of a program that is decoded.")
    show("decode", decode_run(mix, laps=runs), told)


@click.command(epilog="Example: btracker bench capture --rate 100 --seconds 5")
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
@runs(default=1)
@options.other_kafka
@reported
def capture(
    *,
    rates: tuple[int, ...],
    seconds: int,
    answer_ms: float,
    runs: int,
    kafka: str | None,
    told: Told,
) -> None:
    """Measure how long transactions of a live node take until they are records and events.

    A collector on a core of its own listens, in each mode, to a node on this machine that tells of
    transactions at a steady rate, whatever became of those before; a worker decodes them. Next to
    it the floor: the same records from a bare producer.
    """
    asked = capture_run.Options(rates, seconds, answer_ms, reached(kafka))
    show("capture", repeated(lambda: measure_capture(asked), runs), told)


@click.command(epilog="Example: btracker bench recovery --keys 100000")
@click.option(
    "--keys", type=click.IntRange(min=1), default=1_000_000, show_default=True,
    help="Rows of the table that is recovered.",
)  # fmt: skip
@runs(default=1)
@options.other_kafka
@reported
def recovery(*, keys: int, runs: int, kafka: str | None, told: Told) -> None:
    """Measure how long a worker with many rows takes until it works.

    Cold, from the changelog; warm, from its checkpoint; and, on a Kafka with transactions, as the
    standby of a worker that ends. Next to it the floor: the changelog read by bare aiokafka.
    """
    other = reached(kafka)
    show("recovery", repeated(lambda: measure_recovery(keys=keys, kafka=other), runs), told)


@click.command(epilog="Example: btracker bench nlp --posts 200 --runs 1")
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
@reported
def nlp(*, posts: int, runs: int, engine: "Choice", told: Told) -> None:
    """Measure how fast one core reads posts: with the model, without it, commands alone."""
    from btracker.bench.nlp import run as nlp_run

    show("nlp", nlp_run(engine, posts=posts, runs=runs), told)
