"""Numbers for the summing agents, and what they must add up to."""

import asyncio
import random
from collections import defaultdict

from tests.workers import PATIENCE_S, Reader

KEYS = 200
Numbers = list[tuple[str, bytes]]
Sums = dict[str, tuple[int, int]]
"""Total and count per key."""


def numbers(count: int, seed: int) -> Numbers:
    """Return random numbers under random keys."""
    dice = random.Random(seed)
    return [(f"k{dice.randrange(KEYS)}", b"%d" % dice.randrange(10**18)) for _ in range(count)]


def recount(sent: Numbers) -> Sums:
    """Return total and count per key, from what was sent."""
    totals: Sums = defaultdict(lambda: (0, 0))
    for key, value in sent:
        total, count = totals[key]
        totals[key] = total + int(value), count + 1
    return dict(totals)


async def read_until(reader: Reader, expected: Sums, within_s: float = PATIENCE_S) -> None:
    """Read sums until total and count are the expected ones for each key."""
    async with asyncio.timeout(within_s):
        while {key: tuple(row[:2]) for key, row in reader.newest().items()} != expected:
            await reader.more()
