"""How old a record is: judged by the head clock at its own offset, however often it is delivered.

The clock that judges advances in whole hours, so that its history stays short: the offsets at
which an hour began are kept for as far back as a record can be delivered again.
"""

from bisect import bisect_right

from schemas.fields import ChainTime

HOUR_S = 3_600
REDELIVERED = 250_000
"""Offsets back to which a record may come again: 64 chunks in flight, and a second of commits."""

Hour = tuple[int, int, int]
"""Epoch and offset of the clock that began an hour, and the hour's first second."""


def advanced(hours: tuple[Hour, ...], *, at: tuple[int, int], time: ChainTime) -> tuple[Hour, ...]:
    """Return the history after a clock at position *at* said *time*; old hours are forgotten."""
    start = time // HOUR_S * HOUR_S
    if hours and (start <= hours[-1][2] or at <= hours[-1][:2]):
        return hours
    epoch, offset = at
    oldest = bisect_right(hours, (epoch, offset - REDELIVERED, start)) - 1
    return (*hours[max(oldest, 0) :], (epoch, offset, start))


def age_clock(hours: tuple[Hour, ...], *, at: tuple[int, int]) -> ChainTime:
    """Return the hour that the head clock had reached at position *at*, 0 before the first."""
    index = bisect_right(hours, (*at, 2**62)) - 1
    return hours[index][2] if index >= 0 else 0


def forgettable(hours: tuple[Hour, ...], *, at: tuple[int, int]) -> ChainTime:
    """Return the hour by which even the oldest record that may come again was judged."""
    epoch, offset = at
    return age_clock(hours, at=(epoch, offset - REDELIVERED))
