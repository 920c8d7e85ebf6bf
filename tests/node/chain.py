"""A chain in memory: slots, blocks, transactions in order, and forks that were abandoned."""

import hashlib
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from solders.hash import Hash

from tests.node.transactions import Transaction, copied

SLOT_MS = 400
HEIGHT = 430_000_000
"""Height of the first block; on mainnet, too, heights lie some millions below the slots."""
LEAD, TAIL = 40, 40
"""Empty blocks before the first transaction and after the last: enough to finalize it."""


class Placed(NamedTuple):
    """A transaction and where the chain has it. ``time``: seconds, of the block."""

    slot: int
    time: int
    transaction: Transaction


class Located(NamedTuple):
    """Where a transaction stands: the slot of its block, and its place in that block."""

    slot: int
    index: int


class Block(NamedTuple):
    """A block; ``time`` in seconds, ``height`` counts the blocks before it, ``abandoned``: a fork.

    What an abandoned block holds may come again in a later one, or never.
    """

    slot: int
    parent: int
    height: int
    time: int
    blockhash: str
    previous_blockhash: str
    transactions: tuple[Transaction, ...]
    abandoned: bool


@dataclass(frozen=True)
class Chain:
    """Blocks by slot. ``slots``: of the lasting blocks, ascending; ``forks``: of abandoned ones."""

    slots: tuple[int, ...]
    filled: dict[int, tuple[Transaction, ...]]
    times: dict[int, int]
    forks: dict[int, tuple[Transaction, ...]]
    seed: int

    @cached_property
    def seen(self) -> tuple[int, ...]:
        """Return all slots that had a block, lasting or not, in the order a node sees them."""
        return tuple(sorted((*self.slots, *self.forks)))

    @cached_property
    def located(self) -> dict[str, Located]:
        """Return where each lasting transaction stands, by signature."""
        return {
            transaction.signature: Located(slot, index)
            for slot, transactions in self.filled.items()
            for index, transaction in enumerate(transactions)
        }

    @cached_property
    def mentions(self) -> dict[str, list[Located]]:
        """Return the lasting transactions that name an address, in chain order, by address."""
        found: dict[str, list[Located]] = {}
        for slot, transactions in self.filled.items():
            for index, transaction in enumerate(transactions):
                for key in transaction.keys:
                    found.setdefault(key, []).append(Located(slot, index))
        return found

    def at(self, located: Located) -> Transaction:
        """Return the transaction that stands there."""
        return self.filled[located.slot][located.index]

    def is_lasting(self, slot: int) -> bool:
        """Tell whether *slot* has a block that was not abandoned."""
        place = bisect_left(self.slots, slot)
        return place < len(self.slots) and self.slots[place] == slot

    def between(self, first: int, last: int) -> tuple[int, ...]:
        """Return the slots of lasting blocks from *first* to *last*, both included."""
        return self.slots[bisect_left(self.slots, first) : bisect_right(self.slots, last)]

    def block(self, slot: int) -> Block:
        """Return the block of a slot that had one, abandoned or not."""
        place = bisect_left(self.slots, slot)
        parent = self.slots[place - 1] if place else slot - 1
        abandoned = slot in self.forks
        return Block(
            slot=slot,
            parent=parent,
            height=HEIGHT + place,
            time=self.time(slot),
            blockhash=self._hash(slot),
            previous_blockhash=self._hash(parent),
            transactions=(self.forks if abandoned else self.filled).get(slot, ()),
            abandoned=abandoned,
        )

    def height(self, slot: int) -> int:
        """Return the height of the newest lasting block at or before *slot*."""
        return HEIGHT + bisect_right(self.slots, slot) - 1

    def time(self, slot: int) -> int:
        """Return the time of a slot's block: as recorded, or that of the last recorded one and on.

        Times never go back: an empty block is never later than the next recorded one.
        """
        known, place = self._timed, bisect_right(self._timed, slot)
        if not place:
            return self.times[known[0]] - (known[0] - slot) * SLOT_MS // 1000
        before = known[place - 1]
        time = self.times[before] + (slot - before) * SLOT_MS // 1000
        return min(time, self.times[known[place]]) if place < len(known) else time

    @cached_property
    def _timed(self) -> list[int]:
        return sorted(self.times)

    def _hash(self, slot: int) -> str:
        return str(Hash(hashlib.sha256(f"{self.seed}/{slot}".encode()).digest()))


def chain_of(
    placed: Iterable[Placed],
    *,
    seed: int = 0,
    empty_share: float = 0.95,
    fork_rate: float = 0.0,
    lost_share: float = 0.5,
) -> Chain:
    """Return the chain that holds *placed*; transactions of one slot stay in their order.

    ``empty_share``: of the slots without a transaction, how many have an (empty) block; the others
    were skipped. ``fork_rate``: of the blocks with transactions, how many come after an abandoned
    block with the same ones; ``lost_share`` of those abandoned blocks hold one more transaction,
    which never comes again.
    """
    filled: dict[int, list[Transaction]] = {}
    times: dict[int, int] = {}
    for slot, time, transaction in sorted(placed, key=lambda one: one.slot):
        filled.setdefault(slot, []).append(transaction)
        times.setdefault(slot, time)
    if not filled:
        raise ValueError("a chain needs a transaction")
    whole = {slot: tuple(transactions) for slot, transactions in filled.items()}
    forks = _forks(whole, random.Random(f"{seed}/forks"), fork_rate, lost_share)
    return Chain(
        slots=_slots(list(whole), forks, random.Random(f"{seed}/empty"), empty_share),
        filled=whole,
        times=times,
        forks=forks,
        seed=seed,
    )


def _slots(
    filled: list[int], forks: Iterable[int], chance: random.Random, share: float
) -> tuple[int, ...]:
    """Return the slots with a lasting block: those *filled*, some between, and both ends."""
    taken = set(forks)
    ends = (range(filled[0] - LEAD, filled[0]), range(filled[-1] + 1, filled[-1] + 1 + TAIL))
    slots = set(filled).union(*ends)
    for before, after in pairwise(filled):
        slots.update(slot for slot in range(before + 1, after) if chance.random() < share)
    return tuple(sorted(slots - taken))


def _forks(
    filled: dict[int, tuple[Transaction, ...]], chance: random.Random, rate: float, lost: float
) -> dict[int, tuple[Transaction, ...]]:
    """Return abandoned blocks, each a slot before one that is filled; their order is another."""
    forks: dict[int, tuple[Transaction, ...]] = {}
    for slot, transactions in filled.items():
        if slot - 1 in filled or chance.random() >= rate:
            continue
        more = (copied(transactions[0], salt=b"lost"),) if chance.random() < lost else ()
        forks[slot - 1] = (*reversed(transactions), *more)
    return forks
