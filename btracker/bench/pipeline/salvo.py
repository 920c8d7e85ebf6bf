"""Transactions to be sent: real ones of the bundled recording, under new signatures."""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import zstandard
from solders.signature import Signature as Signed

from btracker.deployment import DEMO
from domain.decode import decode
from schemas.chain_events import Balances, Config, Launch, Trade
from schemas.fields import ChainTime, Mint, Signature, Slot
from streams.sources.frames import Shift
from streams.sources.lines import chain_head, shift_chain
from streams.sources.recording import CHAIN, DOCUMENTS, POSTS
from streams.sources.zst import zst_lines

FIRST_SLOT: Slot = 500_000_000
SIGNATURE_TEXT = 88
"""The base64 of the number of signatures (a byte), the first signature and one byte more."""
SEED = 20260102


class Shot(NamedTuple):
    """A transaction that holds one trade."""

    signature: Signature
    mint: Mint
    slot: Slot
    value: bytes


class Salvo:
    """The launches of the bundled recording, and its trades: of each token one, then the rest."""

    def __init__(self) -> None:
        self._rng = Random(SEED)  # noqa: S311  # Made up, to be repeatable.
        self._launches: list[bytes] = []
        firsts: dict[Mint, bytes] = {}
        rest: list[tuple[Mint, bytes]] = []
        for line in zst_lines(DEMO / CHAIN):
            match [one.event for one in decode(line).events]:
                case [Launch() | Config(), *_]:
                    self._launches.append(line)
                case [Trade(mint=mint), Balances()] if mint in firsts:
                    rest.append((mint, line))
                case [Trade(mint=mint), Balances()]:
                    firsts[mint] = line
        self._fired = 0
        # What happens once in the life of a partition belongs to the warm-up.
        self._trades = [*firsts.items(), *rest]

    @property
    def last_setup_slot(self) -> Slot:
        """The slot of the recording's last line."""
        return FIRST_SLOT + len(self._launches) - 1

    def record(self, folder: Path, *, at: ChainTime) -> Path:
        """Write a recording of the launches alone, all at chain time *at*; return its folder."""
        lines = [moved(one, FIRST_SLOT + n, at) for n, one in enumerate(self._launches)]
        folder.mkdir()
        (folder / CHAIN).write_bytes(zstandard.compress(b"\n".join(lines) + b"\n"))
        (folder / POSTS).write_bytes(b"")
        (folder / DOCUMENTS).write_bytes(b"{}")
        return folder

    @property
    def mints(self) -> list[Mint]:
        """The tokens that are traded."""
        return list(dict.fromkeys(mint for mint, _ in self._trades))

    def shots(self, dues: Iterable[float], *, at: ChainTime) -> Iterator[Shot]:
        """Yield transactions due so many seconds after *at*, each in a slot after all before."""
        for due in dues:
            slot = self.last_setup_slot + 1 + self._fired
            yield self.shot(self._fired, slot=slot, at=at + int(due))
            self._fired += 1

    def shot(self, number: int, *, slot: Slot, at: ChainTime) -> Shot:
        """Return the transaction of that number, at a slot and a time; no two are the same."""
        mint, line = self._trades[number % len(self._trades)]
        signed = Signed(self._rng.randbytes(64))
        return Shot(str(signed), mint, slot, resigned(moved(line, slot, at), bytes(signed)))

    @property
    def last_time(self) -> ChainTime:
        """The chain time of the recording's last trade, behind which no program states one."""
        return max(chain_head(line).block_time or 0 for _, line in self._trades)


def moved(line: bytes, slot: Slot, at: ChainTime) -> bytes:
    """Return a transaction at another slot and time."""
    head = chain_head(line)
    return shift_chain(line, Shift(slot - head.slot, at - (head.block_time or 0)))


def resigned(line: bytes, signature: bytes) -> bytes:
    """Return a transaction in base64 encoding under another first signature."""
    start = line.index(b'"transaction":["') + len(b'"transaction":["')
    old = b64decode(line[start : start + SIGNATURE_TEXT])
    new = b64encode(old[:1] + signature + old[65:])
    return line[:start] + new + line[start + SIGNATURE_TEXT :]
