"""What is decoded: an equal part of each program's transactions."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path

import msgspec
from solders.signature import Signature

from domain.decode import Decoded, decode
from domain.decode.shapes import read_envelope
from domain.errors import UnreadableError

LAP = 1_000
"""Transactions of each program in a lap, so that all have an equal part."""
BLOCK = b'{"slot":1,"blockTime":1700000000,'
"""What a collector adds to the entry of a block, which says neither."""

Mix = Mapping[str, Sequence[bytes]]
"""The different transactions of each program, by its protocol."""


def mix_of(lines: Sequence[bytes], folder: Path | None) -> Mix:
    """Return transactions by program: those in *folder*, one JSON file each, then *lines*.

    Files that are no transaction, or in which no program of ours does anything, are left out.
    """
    files = sorted(folder.rglob("*.json")) if folder else []
    found: dict[str, list[bytes]] = {}
    for line in (*(msgspec.json.format(file.read_bytes(), indent=-1) for file in files), *lines):
        try:
            decoded = decode(line)
        except UnreadableError:
            continue
        if protocol := _protocol(decoded):
            found.setdefault(protocol, []).append(_delivered(line, decoded))
    return dict(sorted(found.items()))


def lap_of(lines: Sequence[bytes]) -> list[bytes]:
    """Return a lap of *lines* in turn; those that come again have a signature of their own."""
    return list(islice(_endless(lines), LAP))


def _endless(lines: Sequence[bytes]) -> Iterator[bytes]:
    yield from lines
    for line in cycle(lines):
        yield _signed_anew(line)


def _protocol(decoded: Decoded) -> str | None:
    """Return the protocol of the first event, None where there is no event."""
    protocols = (getattr(found.event, "protocol", None) for found in decoded.events)
    return next(filter(None, protocols), None)


def _delivered(line: bytes, decoded: Decoded) -> bytes:
    """Return a transaction as it lies on the raw topic: with its slot and time."""
    return line if decoded.slot is not None else line.replace(b"{", BLOCK, 1)


def _signed_anew(line: bytes) -> bytes:
    """Return a copy with another signature; nothing else of it changes."""
    old, new = Signature.from_string(decode(line).signature), Signature.new_unique()
    transaction = read_envelope(line).transaction
    if not isinstance(transaction, list):
        return line.replace(str(old).encode(), str(new).encode())
    wire = b64decode(transaction[0])
    signed = b64encode(wire.replace(bytes(old), bytes(new), 1))
    return line.replace(transaction[0].encode(), signed, 1)
