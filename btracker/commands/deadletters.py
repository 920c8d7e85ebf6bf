"""``btracker deadletters``."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from btracker import options
from domain.errors import UsageError

if TYPE_CHECKING:
    from streams.letter_box import Letter

SAID = 120

topic = click.option("--topic", metavar="NAME", help="Only those of this topic. Default: all.")


@click.group(
    epilog="Example: btracker deadletters list", short_help="Look at what could not be processed."
)
def command() -> None:
    """What could not be processed: list it, look at it, send it again.

    A dead letter has the bytes as they came, the reason, and from where they came.
    """


@command.command("list", epilog="Example: btracker deadletters list --topic btracker.raw.chain")
@options.data
@options.kafka
@topic
@click.option("--retried", is_flag=True, help="Also those that were sent again.")
def list_letters(*, data: Path, kafka: str | None, topic: str | None, retried: bool) -> None:
    """List dead letters: id, time, size, reason."""
    from domain.amounts import timestamp_ms

    for letter in _read(kafka, data, topic):
        if retried or not letter.is_retried:
            size = len(letter.value or b"")
            click.echo(
                f"{letter.id}  {timestamp_ms(letter.timestamp)}  {size:,} bytes  "
                f"{letter.error.splitlines()[0][:SAID] if letter.error else ''}"
            )


@command.command(epilog="Example: btracker deadletters show btracker.raw.chain:0:17")
@click.argument("letter_id", metavar="ID")
@options.data
@options.kafka
@click.option("--raw", is_flag=True, help="Write the bytes as they came, and nothing else.")
def show(*, letter_id: str, data: Path, kafka: str | None, raw: bool) -> None:
    """Show a dead letter: its headers, then its bytes."""
    letter = _find([letter_id], kafka, data)[0]
    if not raw:
        click.echo(f"id: {letter.id}")
        click.echo(f"key: {(letter.key or b'').decode(errors='backslashreplace')}")
        for name, value in letter.headers:
            click.echo(f"{name}: {value.decode(errors='backslashreplace')}")
        click.echo()
    sys.stdout.flush()
    sys.stdout.buffer.write(letter.value or b"")
    sys.stdout.buffer.write(b"" if raw else b"\n")


@command.command(epilog="Example: btracker deadletters retry --all --topic btracker.raw.chain")
@click.argument("letter_ids", metavar="[ID]...", nargs=-1)
@options.data
@options.kafka
@topic
@click.option("--all", "every", is_flag=True, help="All that can be sent again and were not.")
def retry(
    *, letter_ids: tuple[str, ...], data: Path, kafka: str | None, topic: str | None, every: bool
) -> None:
    """Send dead letters again to where they were meant for.

    Each is sent once, however often this is repeated; what still cannot be processed becomes a
    new dead letter.
    """
    from btracker.kafka_access import kafka_for
    from streams import letter_box

    if every == bool(letter_ids):
        raise UsageError("Name the dead letters to send again, or say --all.")
    if every:
        letters = [one for one in _read(kafka, data, topic) if one.obstacle is None]
    else:
        letters = _find(letter_ids, kafka, data)
    count = asyncio.run(letter_box.retry(kafka_for(kafka, data), letters))
    click.echo(f"Sent {count:,} again; {len(letters) - count:,} had been sent before.")


def _find(ids: "tuple[str, ...] | list[str]", kafka: str | None, data: Path) -> "list[Letter]":
    """Return the dead letters of some ids, in their order."""
    from streams.letter_box import LetterId

    wanted = [LetterId.parse(one) for one in ids]
    known = {letter.id: letter for letter in _read(kafka, data, None)}
    for one in wanted:
        if one not in known:
            raise UsageError(f"There is no dead letter {one}; see: btracker deadletters list")
    return [known[one] for one in wanted]


def _read(kafka: str | None, data: Path, topic: str | None) -> "list[Letter]":
    from btracker.kafka_access import kafka_for
    from streams.letter_box import SOURCES, read_letters

    if topic and topic not in SOURCES:
        raise UsageError(f"{topic} has no dead letters; choose from {', '.join(SOURCES)}.")
    return asyncio.run(read_letters(kafka_for(kafka, data), [topic] if topic else SOURCES))
