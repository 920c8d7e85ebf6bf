"""How old a record is: judged by the head clock at its own offset, however often it is delivered.

The clock that judges advances in whole hours, so that its history stays short: the offsets at
which an hour began are kept for as far back as a record can be delivered again.
"""

from bisect import bisect_right

from schemas.fields import ChainTime
from schemas.rows import RawPlace

HOUR_S = 3_600
Hour = tuple[int, int, int]
"""Epoch and offset of the clock that began an hour, and the hour's first second."""


def advanced(
    hours: tuple[Hour, ...], *, at: RawPlace, time: ChainTime, oldest: RawPlace
) -> tuple[Hour, ...]:
    """Return the history after a clock at position *at* said *time*.

    Hours that ended before *oldest*, from where on records may come again, are forgotten.
    """
    start = time // HOUR_S * HOUR_S
    if hours and (start <= hours[-1][2] or at <= hours[-1][:2]):
        return hours
    kept = max(bisect_right(hours, (*oldest, start)) - 1, 0)
    return (*hours[kept:], (*at, start))


def age_clock(hours: tuple[Hour, ...], *, at: RawPlace) -> ChainTime:
    """Return the hour that the head clock had reached at position *at*, 0 before the first."""
    index = bisect_right(hours, (*at, 2**62)) - 1
    return hours[index][2] if index >= 0 else 0
