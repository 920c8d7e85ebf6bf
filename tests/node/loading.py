"""Recordings and recorded transactions as what a chain is made of."""

import base64
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines
from tests.node.chain import SLOT_MS, Placed
from tests.node.transactions import Transaction, transaction_of
from tests.node.wire import wire_of


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


def recorded(folder: Path, *, slot: int, time: int) -> Iterator[Placed]:
    """Yield the transactions of mainnet below *folder* whose bytes are known, by name of file.

    They come from different years; here each stands in a slot of its own, from *slot* on. What
    was recorded in pieces, without its instructions' bytes, is left out.
    """
    found = (_recorded(path) for path in sorted(folder.rglob("*.json")))
    whole = (transaction for transaction in found if transaction is not None)
    for place, transaction in enumerate(whole):
        yield Placed(slot + place, time + place * SLOT_MS // 1_000, transaction)


def _recorded(path: Path) -> Transaction | None:
    """Return the transaction in a file; None if it is not whole there."""
    body = msgspec.json.decode(path.read_bytes())
    body = body.get("result", body)
    if not isinstance(body.get("meta"), dict) or "transaction" not in body:
        return None
    wire, meta = body["transaction"], msgspec.json.encode(body["meta"])
    if isinstance(wire, list):
        return transaction_of(base64.b64decode(wire[0]), meta)
    if "header" not in wire["message"]:
        return None  # As jsonParsed: some instructions' bytes are not there.
    return transaction_of(wire_of(wire, body.get("version")), meta)
