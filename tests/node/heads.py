"""How far a node is: what it has seen, what is confirmed, what is finalized."""

from bisect import bisect_right
from typing import Literal, NamedTuple

from tests.node.chain import Chain

Commitment = Literal["processed", "confirmed", "finalized"]
CONFIRMED_BEHIND, FINALIZED_BEHIND = 2, 32
"""Blocks, not slots: votes stand in blocks."""


class Heads(NamedTuple):
    """The newest slot of each commitment. ``processed`` may be of a block to be abandoned."""

    processed: int
    confirmed: int
    finalized: int

    def of(self, commitment: Commitment) -> int:
        """Return the newest slot of *commitment*."""
        return getattr(self, commitment)


class Progress(NamedTuple):
    """What one more block brought: the slots that are new, by commitment, ascending."""

    processed: tuple[int, ...]
    confirmed: tuple[int, ...]
    finalized: tuple[int, ...]
    heads: Heads

    def of(self, commitment: Commitment) -> tuple[int, ...]:
        """Return the slots that are new at *commitment*."""
        return getattr(self, commitment)


def heads_at(chain: Chain, step: int) -> Heads:
    """Return the heads of a node that has seen the chain's first *step* + 1 blocks."""
    processed = chain.seen[step]
    last = bisect_right(chain.slots, processed) - 1
    return Heads(
        processed,
        chain.slots[max(last - CONFIRMED_BEHIND, 0)],
        chain.slots[max(last - FINALIZED_BEHIND, 0)],
    )


def progress_at(chain: Chain, step: int) -> Progress:
    """Return what the block of *step* brought to a node that had seen all before it."""
    before, heads = heads_at(chain, step - 1), heads_at(chain, step)
    return Progress(
        processed=(heads.processed,),
        confirmed=chain.between(before.confirmed + 1, heads.confirmed),
        finalized=chain.between(before.finalized + 1, heads.finalized),
        heads=heads,
    )
