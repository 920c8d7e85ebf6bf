"""``btracker decode``: what transactions did, without a broker."""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO

import click
import msgspec

from domain.decode import decode
from domain.decode.printing import event_lines
from domain.errors import UnreadableError
from streams.sources.zst import CHUNK_BYTES, MAGIC, unpacked_lines

MESSAGES_SHOWN = 10
"""So many unreadable lines are named one by one, the others are counted."""
REMEDY = "Give what getTransaction returns, entries of blocks, or enhanced-webhook objects."

EXAMPLE = """
\b
Examples:
  btracker decode transaction.json
  btracker decode chain.jsonl.zst | head -1
"""

Document = tuple[int, bytes]
"""A JSON document and the number of the line it begins on, from 1."""


@click.command(epilog=EXAMPLE)
@click.argument("file", type=click.File("rb"))
def command(file: BinaryIO) -> None:
    """Print one JSON line per event of the transactions in FILE, or in standard input (-).

    FILE holds one getTransaction result (json, base64 or jsonParsed; bare or inside "result"), an
    entry of a block or an enhanced-webhook object, or one of these per line; packed with zstd or
    not.
    """
    failures = 0
    for number, document in _documents(_lines(file)):
        for reason in _print_events(document):
            failures += 1
            if failures <= MESSAGES_SHOWN:
                click.echo(f"line {number}: {reason}", err=True)
    if failures > MESSAGES_SHOWN:
        click.echo(f"{failures - MESSAGES_SHOWN} more are not shown", err=True)
    if failures:
        click.echo(REMEDY, err=True)
        sys.exit(1)


def _lines(file: BinaryIO) -> Iterable[bytes]:
    """Return the lines of a file as they come, unpacked if it is packed."""
    head = file.read(len(MAGIC))
    if head == MAGIC:
        packed = chain([head], iter(partial(file.read, CHUNK_BYTES), b""))
        return unpacked_lines(packed, name="The input")
    return chain((head + file.readline()).splitlines(keepends=True), file)


def _documents(lines: Iterable[bytes]) -> Iterator[Document]:
    """Yield one document per line, or the whole input if it is one document over many lines."""
    numbered = ((n, line) for n, line in enumerate(lines, 1) if line.strip())
    first = next(numbered, None)
    if first is None:
        raise UnreadableError(f"There is nothing in it. {REMEDY}")
    if _is_json(first[1]):
        yield from chain([first], numbered)
        return
    rest = [first, *numbered]
    whole = b"".join(line for _, line in rest)
    yield from [(first[0], whole)] if _is_json(whole) else rest


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _print_events(document: bytes) -> Iterator[str]:
    """Print the events of a document, and yield why something in it could not be read."""
    try:
        decoded = decode(document)
    except UnreadableError as error:
        yield str(error)
        return
    for line in event_lines(decoded):
        click.echo(msgspec.json.encode(line))
    for part in decoded.unreadable:
        yield f"an instruction of {decoded.signature} cannot be read: {part.reason}"
