"""``btracker bench``: measurements on this machine."""

from pathlib import Path

import click

from btracker.bench.decode import DecodeResult, run
from btracker.bench.report import print_json, print_table
from btracker.deployment import DEMO
from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines

EXAMPLE = """
\b
Example:
  btracker bench decode --json
"""


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
    "--runs", type=click.IntRange(min=1), default=5, show_default=True, help="Of how many runs."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def decode(recording: Path, runs: int, *, as_json: bool) -> None:
    """Measure the median rate at which one core decodes, next to the floor in the same runs."""
    result = run(list(zst_lines(recording / CHAIN)), runs=runs)
    if as_json:
        print_json("decode", result)
    else:
        _print(result)


def _print(result: DecodeResult) -> None:
    print_table(
        ("", "transactions/s", "CPU µs/transaction"),
        [
            (name, rate.transactions_per_second, rate.cpu_us_per_transaction)
            for name, rate in (("decode", result.decode), ("floor", result.floor))
        ],
        note=f"{result.transactions:,} transactions with {result.events:,} events, median of "
        f"{result.runs} runs; {result.times_floor} times the floor, which parses JSON and undoes "
        "base64 and base58 but builds no event.",
    )
