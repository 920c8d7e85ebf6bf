"""How long to wait before something is tried again: doubled, within bounds, jittered."""

from typing import NamedTuple


class Pause(NamedTuple):
    """Seconds: the first pause, and the longest that doubling makes of it."""

    first_s: float
    longest_s: float


def spread_s(pause: Pause, *, failures: int, jitter: float, asked_s: float) -> float:
    """Return the seconds to wait by a *pause*; *jitter* from 0 to 1 spreads it.

    Never less than *asked_s*, which the other side has asked for; of *failures* in a row there are
    1 or more.
    """
    first_s, longest_s = pause
    whole_s = min(longest_s, first_s * (1 << min(failures - 1, 20)))
    return max(asked_s, whole_s * (0.5 + jitter / 2))
