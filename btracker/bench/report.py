"""A measurement as a table for people, or as one JSON object."""

from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table

from btracker.bench.machine import this_machine


def print_json(name: str, result: msgspec.Struct) -> None:
    """Print a result as one JSON object, with its name and the machine."""
    line = {"bench": name, "machine": this_machine(), **msgspec.to_builtins(result)}
    click.echo(msgspec.json.encode(line))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, note: str) -> None:
    """Print rows under their headings, then what was measured, and the machine."""
    table = Table()
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else f"{cell:,}" for cell in row))
    Console().print(table)
    click.echo(note)
    click.echo(str(this_machine()))
