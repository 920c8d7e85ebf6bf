"""Exact decimals and times as text: integers inside, strings outside, never a float between."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context
from functools import lru_cache

from domain.errors import UnreadableError
from schemas.fields import Amount, ChainTime, Timestamp

SPOT_DIGITS = 21
TRADE_DIGITS = 18

_CONTEXTS = {
    digits: Context(prec=digits, rounding=ROUND_HALF_EVEN) for digits in (TRADE_DIGITS, SPOT_DIGITS)
}
TEN = tuple(10**n for n in range(256))
"""Powers of ten up to the largest number of decimals that a token can have."""


def amount_text(units: int, decimals: int) -> Amount:
    """Return *units* of the smallest unit as an exact decimal in whole tokens.

    Plain notation, trailing zeros trimmed.

    >>> amount_text(753865692295287, 6), amount_text(60_000_000_000, 9), amount_text(-5, 3)
    ('753865692.295287', '60', '-0.005')
    """
    if decimals == 0 or units == 0:
        return str(units)
    if units < 0:
        return "-" + amount_text(-units, decimals)
    digits = str(units)
    point = len(digits) - decimals
    if point <= 0:
        return "0." + digits.zfill(decimals).rstrip("0")
    fraction = digits[point:].rstrip("0")
    return f"{digits[:point]}.{fraction}" if fraction else digits[:point]


def ratio_text(numerator: int, denominator: int, *, digits: int) -> str:
    """Return the quotient to *digits* significant digits, half even, trailing zeros trimmed.

    Plain notation, never an exponent. *digits* is ``SPOT_DIGITS`` or ``TRADE_DIGITS``.

    >>> ratio_text(2, 3, digits=TRADE_DIGITS), ratio_text(10**30, 10, digits=TRADE_DIGITS)
    ('0.666666666666666667', '100000000000000000000000000000')
    """
    # The division of the decimal module is rounded once, correctly, from the exact quotient.
    text = f"{_CONTEXTS[digits].divide(numerator, denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=1 << 14)
def timestamp(seconds: ChainTime) -> Timestamp:
    """Return chain *seconds* as RFC 3339 in UTC.

    >>> timestamp(1_790_093_255)
    '2026-09-22T16:07:35Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def timestamp_ms(milliseconds: int) -> Timestamp:
    """Return *milliseconds* since 1970 as RFC 3339 in UTC, with three decimals.

    >>> timestamp_ms(1_790_000_015_007)
    '2026-09-21T14:13:35.007Z'
    """
    seconds, rest = divmod(milliseconds, 1000)
    return f"{timestamp(seconds)[:-1]}.{rest:03d}Z"


def seconds_of(text: Timestamp) -> ChainTime:
    """Return the whole seconds since 1970 of an RFC 3339 time, rounded down.

    >>> seconds_of("2026-09-22T18:07:35.9+02:00")
    1790093255

    Raises:
        UnreadableError: *text* is no RFC 3339 time with an offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableError(f"{text!r} is no RFC 3339 time.") from None
    if moment.tzinfo is None:
        raise UnreadableError(f"{text!r} is a time without an offset.")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _SECOND


_SECOND = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
