"""The walk along the chain: which blocks follow each other without a gap, and which is missing.

Every block names the slot of its parent, and its hash, so a run of blocks proves by itself that
there is nothing between them: a slot is complete only when a block was reached through its parents.
"""

from typing import NamedTuple

from schemas.fields import Slot
from streams.sources.solana.blocks import Block

WAITING_MAX = 256
"""Most blocks that wait: those farthest ahead are forgotten first, to be asked for again."""


class Steps(NamedTuple):
    """What a block brought: blocks that follow now, in order, and those that contradict them."""

    linked: tuple[Block, ...]
    refused: tuple[Block, ...]


class Walk:
    """A walk from behind slot ``through``, through which all is complete."""

    def __init__(self, through: Slot) -> None:
        self.through = through
        self._last: Block | None = None
        self._waiting: dict[Slot, Block] = {}

    def take(self, block: Block) -> Steps:
        """Take a confirmed block, in any order and as often as it comes."""
        if block.slot > self.through:
            self._waiting.setdefault(block.slot, block)
        linked, refused = list[Block](), list[Block]()
        while self._waiting:
            lowest = self._waiting[min(self._waiting)]
            if lowest.parent > self.through:
                break
            del self._waiting[lowest.slot]
            if self._last is not None and not follows(lowest, self._last):
                # Both cannot be on the chain; which of them, other nodes have to say.
                refused.append(lowest)
                continue
            self.through, self._last = lowest.slot, lowest
            linked.append(lowest)
        while len(self._waiting) > WAITING_MAX:
            del self._waiting[max(self._waiting)]
        return Steps(tuple(linked), tuple(refused))

    def skip(self, through: Slot) -> None:
        """Take note that all through a slot is complete, though not by its blocks."""
        self.through, self._last = max(self.through, through), None
        self._waiting = {slot: one for slot, one in self._waiting.items() if slot > self.through}

    def has(self, slot: Slot) -> bool:
        """Say whether the block of a slot is behind us already, or waits for its parents."""
        return slot <= self.through or slot in self._waiting

    @property
    def missing(self) -> Slot | None:
        """The slot of a block that is known to be missing before one that waits; None: none is."""
        if not self._waiting:
            return None
        parent = self._waiting[min(self._waiting)].parent
        return parent if parent > self.through else None

    def doubt(self) -> None:
        """Forget the block before which one is missing that nobody has: it may be on no chain."""
        if self.missing is not None:
            del self._waiting[min(self._waiting)]

    @property
    def waiting(self) -> int:
        """How many blocks wait for others before them."""
        return len(self._waiting)


def follows(block: Block, last: Block) -> bool:
    """Say whether a block can be the next behind another: by slot, and by hash where both say."""
    if block.parent != last.slot:
        return False
    return not (block.parent_hash and last.hash) or block.parent_hash == last.hash
