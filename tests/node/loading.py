"""Recordings and recorded transactions as what a chain is made of."""

import base64
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines
from tests.node.chain import Placed
from tests.node.transactions import transaction_of


class _Line(msgspec.Struct, frozen=True, rename="camel"):
    """A getTransaction result in base64."""

    slot: int
    block_time: int
    transaction: tuple[str, str]
    meta: msgspec.Raw


_lines = msgspec.json.Decoder(_Line)


def recording(folder: Path, *, first: int = 0, count: int | None = None) -> Iterator[Placed]:
    """Yield *count* transactions of a recording, from the *first* on, or all of them."""
    last = None if count is None else first + count
    return placed(islice(zst_lines(folder / CHAIN), first, last))


def placed(lines: Iterable[bytes]) -> Iterator[Placed]:
    """Yield the transactions of getTransaction results in base64, a line each."""
    for line in lines:
        found = _lines.decode(line)
        wire = base64.b64decode(found.transaction[0])
        yield Placed(found.slot, found.block_time, transaction_of(wire, bytes(found.meta)))
