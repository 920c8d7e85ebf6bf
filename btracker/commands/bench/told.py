"""How the benches are told what to do with their results, and what they share."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import msgspec

from btracker.bench.history import append, line_of
from btracker.bench.machine import this_machine
from btracker.bench.medians import medians
from btracker.bench.report import print_sheet
from btracker.bench.sheets import BENCHES
from btracker.kafka_access import entered, other_kafka
from schemas.kafka import Kafka

R = TypeVar("R", bound=msgspec.Struct)
Command = TypeVar("Command", bound=Callable[..., Any])


class Told(NamedTuple):
    """Where a result goes: to a person or a script, and into a history."""

    as_json: bool
    history: Path | None


def reported(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where a result goes; the command gets them as ``told``."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    @click.option(
        "--history",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Add the JSON object to this file as a line; btracker bench table reads it.",
    )
    @wraps(command)
    def with_options(*, as_json: bool, history: Path | None, **rest: Any) -> None:
        command(**rest, told=Told(as_json, history))

    return with_options


def runs(default: int) -> Callable[[Command], Command]:
    """Add the option of how often to measure."""
    return click.option(
        "--runs", type=click.IntRange(min=1), default=default, show_default=True,
        help="Of how many runs the medians are.",
    )  # fmt: skip


def repeated(measure: Callable[[], Coroutine[Any, Any, R]], runs: int) -> R:
    """Measure several times; return the medians."""
    results = [asyncio.run(measure()) for _ in range(runs)]
    return msgspec.structs.replace(medians(results), runs=runs)


def show(name: str, result: msgspec.Struct, told: Told) -> None:
    """Print a result and remember it, as *told*; beside it, what the command was asked for."""
    asked = click.get_current_context().params
    settings = {key: asked[key] for key in asked if key not in ("as_json", "history")}
    line = line_of(name, result, settings)
    if told.history:
        append(told.history, line)
    if told.as_json:
        click.echo(line)
        return
    for sheet in BENCHES[name].sheets(result):
        print_sheet(sheet)
    click.echo(str(this_machine()))


def reached(address: str | None) -> Kafka | None:
    """Return the Kafka that was named, None if none was: the embedded one is to be used."""
    named = other_kafka(address)
    return entered(named) if named else None
