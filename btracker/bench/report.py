"""A measurement as a table for people, or as one JSON object."""

from collections.abc import Sequence
from typing import NamedTuple

import click
from rich.console import Console
from rich.table import Table


class Sheet(NamedTuple):
    """Rows under their headings, and what was measured."""

    headings: Sequence[str]
    rows: Sequence[Sequence[object]]
    note: str


def print_sheet(sheet: Sheet) -> None:
    """Print a table, and its note below it."""
    table = Table()
    for number, heading in enumerate(sheet.headings):
        table.add_column(heading, justify="left" if number == 0 else "right")
    for row in sheet.rows:
        table.add_row(*map(_text, row))
    Console().print(table)
    click.echo(sheet.note)


def markdown(sheet: Sheet) -> str:
    """Return a table as Markdown, and its note below it."""
    rule = ["---", *("---:" for _ in sheet.headings[1:])]
    lines = [sheet.headings, rule, *([_text(cell) for cell in row] for row in sheet.rows)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{table}\n\n{sheet.note}"


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else f"{cell:,}"
