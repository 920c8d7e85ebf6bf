"""Which block times can be: one of the far future would make all that follows too old to count."""

import time

from schemas.fields import ChainTime

AHEAD_MAX_S = 3_600
"""How far blocks may be ahead of this machine's clock: validators agree on theirs roughly."""


def is_ahead(block_time: ChainTime) -> bool:
    """Say whether a block time is one that no block can have yet."""
    return block_time > time.time() + AHEAD_MAX_S
