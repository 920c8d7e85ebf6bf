"""What one node knows at a moment, and how it was started: all that an answer depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tests.node.chain import Chain
from tests.node.heads import Commitment, Heads, heads_at


class Account(NamedTuple):
    """An account: the program that owns it, and its bytes."""

    owner: str
    data: bytes


@dataclass(frozen=True)
class Traits:
    """How a node was started: none of this is a fault.

    ``blocks`` and ``transactions``: whether it knows blockSubscribe and transactionSubscribe.
    ``ledger``: whether it answers getBlock and lists them. ``log_bytes``: where it truncates logs
    (real nodes: 10,000). ``archive``: whether it looks further than its own ledger, which changes
    an error code. ``transaction_index``: newer nodes tell it. ``thrown_away``: how many of the
    chain's oldest blocks it has thrown away. ``accounts``: those that are there, at whatever slot;
    a recording knows of none.
    """

    blocks: bool = True
    transactions: bool = True
    ledger: bool = True
    log_bytes: int | None = None
    archive: bool = False
    transaction_index: bool = True
    thrown_away: int = 0
    body_bytes: int = 50 * 1024
    version: str = "4.2.2"
    accounts: Mapping[str, Account] = field(default_factory=dict)


@dataclass(frozen=True)
class View:
    """A chain as a node sees it that has seen its first *step* + 1 blocks.

    ``behind``: how many slots it is behind the others. ``hidden``: the share of signatures that it
    does not list, chosen by ``key``.
    """

    chain: Chain
    step: int
    traits: Traits = field(default_factory=Traits)
    behind: int = 0
    hidden: float = 0.0
    key: str = ""

    @cached_property
    def heads(self) -> Heads:
        """Return the newest slots."""
        return heads_at(self.chain, self.step)

    @property
    def first(self) -> int:
        """Return the oldest slot that the node still has."""
        return self.chain.slots[self.traits.thrown_away]

    def has(self, slot: int, commitment: Commitment) -> bool:
        """Tell whether the node has a lasting block at *slot* and *commitment*."""
        return self.first <= slot <= self.heads.of(commitment) and self.chain.is_lasting(slot)
