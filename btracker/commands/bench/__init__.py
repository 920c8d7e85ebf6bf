"""``btracker bench``: measurements on this machine."""

from pathlib import Path

import click

from btracker.bench.sheets import tables
from btracker.commands.bench.pipeline import growth, pipeline
from btracker.commands.bench.river import capture, decode, nlp, recovery
from btracker.commands.bench.serving import api, ws


@click.group(epilog="Example: btracker bench decode --json")
def command() -> None:
    """Measure on this machine: a table for people, or one JSON object with --json."""


@click.command(epilog="Example: btracker bench table laps.jsonl")
@click.argument("history", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def table(history: Path) -> None:
    """Print the last result of each bench in a history as Markdown."""
    click.echo(tables(history))


for one in (decode, pipeline, growth, capture, recovery, api, ws, nlp, table):
    command.add_command(one)
