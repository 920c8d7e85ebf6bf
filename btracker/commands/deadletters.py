"""``btracker deadletters``."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from btracker import options
from domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from schemas.kafka import Kafka
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
    from btracker.kafka_access import kafka_for

    letters = _read(kafka_for(kafka, data), topic)

    async def tell() -> int:
        count = 0
        async for letter in letters:
            if retried or not letter.is_retried:
                click.echo(_line(letter))
                count += 1
        return count

    if not asyncio.run(tell()):
        # Not to be taken for one of them.
        click.echo("There are no dead letters.", err=True)


@command.command(epilog="Example: btracker deadletters show btracker.raw.chain:0:17")
@click.argument("letter_id", metavar="ID")
@options.data
@options.kafka
@click.option("--raw", is_flag=True, help="Write the bytes as they came, and nothing else.")
def show(*, letter_id: str, data: Path, kafka: str | None, raw: bool) -> None:
    """Show a dead letter: its headers, then its bytes."""
    from btracker.kafka_access import kafka_for

    letter = _find(kafka_for(kafka, data), [letter_id])[0]
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

    Each letter is sent once, however often this is repeated. What still cannot be processed becomes
    a new letter, and that is sent the next time.
    """
    from btracker.kafka_access import kafka_for
    from streams import letter_box

    if every == bool(letter_ids):
        raise UsageError("Name the dead letters to send again, or say --all.")
    there = kafka_for(kafka, data)
    if every:
        count = asyncio.run(letter_box.retry_all(there, _read(there, topic)))
        click.echo(f"Sent {count:,} again.")
    else:
        letters = _find(there, letter_ids)
        count = asyncio.run(letter_box.retry(there, letters))
        click.echo(f"Sent {count:,} again; {len(letters) - count:,} had been sent before.")


def _line(letter: "Letter") -> str:
    from domain.amounts import timestamp_ms

    reason = letter.error.splitlines()[0][:SAID] if letter.error else ""
    size = len(letter.value or b"")
    return f"{letter.id}  {timestamp_ms(letter.timestamp)}  {size:,} bytes  {reason}"


def _find(kafka: "Kafka", ids: "Sequence[str]") -> "list[Letter]":
    from streams.letter_box import LetterId, find

    return asyncio.run(find(kafka, [LetterId.parse(one) for one in ids]))


def _read(kafka: "Kafka", topic: str | None) -> "AsyncIterator[Letter]":
    from streams.letter_box import SOURCES, read_letters

    if topic and topic not in SOURCES:
        raise UsageError(f"{topic} has no dead letters; choose from {', '.join(SOURCES)}.")
    return read_letters(kafka, [topic] if topic else SOURCES)
