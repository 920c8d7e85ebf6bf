"""A burst of trades, and how soon everything is as before."""

from collections.abc import Sequence
from statistics import median

import msgspec

from btracker.bench.pipeline.arrivals import Spread


class Burst(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Trades at a rate for a while, in times until a state counts each.

    ``recovered_s``: seconds after its end from which on trades took no longer than 99 % of them
    had before it; None: that did not come about.
    """

    per_second: int
    seconds: int
    lost: int
    normal: Spread
    during: Spread
    recovered_s: int | None


def recovered_s(times: Sequence[float], *, per_second: int, normal_ms: float) -> int | None:
    """Return from which second on the median of each is *normal_ms* at most.

    *times*, in seconds, are of trades in the order in which they were due, *per_second* of them.
    """
    seconds = [times[at : at + per_second] for at in range(0, len(times), per_second)]
    slow = [n for n, some in enumerate(seconds, 1) if 1_000 * median(some) > normal_ms]
    found = slow[-1] if slow else 0
    return found if found < len(seconds) else None
