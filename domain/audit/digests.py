"""Digests: 64 bits that stand for a record, so that millions of them can be compared."""

from collections import defaultdict
from hashlib import blake2b

Block = tuple[int, int]
"""Records that are summed up together: their partition, and a number within it."""

_ONE = 1 << 128
"""Counts what was added, far above the sum of its digests."""


def digest(*parts: bytes) -> int:
    """Return what stands for *parts*, in this order."""
    return int.from_bytes(blake2b(b"\0".join(parts), digest_size=8).digest(), "big")


class Tally:
    """Sums of digests by block: equal where the same was added, in whatever order.

    It costs a few bytes per hundred records. Which of them differ shows a second look at the
    blocks that do.
    """

    def __init__(self) -> None:
        self.sums = defaultdict[Block, int](int)

    def add(self, block: Block, what: int) -> None:
        """Add a digest."""
        self.sums[block] += what + _ONE

    def differing(self, other: "Tally") -> set[Block]:
        """Return the blocks in which not the same was added."""
        blocks = self.sums.keys() | other.sums.keys()
        return {block for block in blocks if self.sums.get(block) != other.sums.get(block)}
