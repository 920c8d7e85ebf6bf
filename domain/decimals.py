"""Arithmetic on exact decimals that are already text: sums, shares, plain notation."""

import functools
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from schemas.fields import Amount, Share

_EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)
_SHARE_DIGITS = 10


def plain(number: Decimal) -> str:
    """Return a decimal without an exponent and without trailing zeros.

    >>> plain(Decimal("1E+3")), plain(Decimal("0.500")), plain(Decimal("0E-9"))
    ('1000', '0.5', '0')
    """
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the exact sum of some amounts, 0 for none."""
    return plain(functools.reduce(_EXACT.add, map(Decimal, amounts), Decimal(0)))


def known_total(amounts: Iterable[Amount | None]) -> Amount | None:
    """Return the exact sum of the known ones of some amounts; None if there are only unknown."""
    listed = list(amounts)
    known = [amount for amount in listed if amount is not None]
    return total(known) if known or not listed else None


def share(part: Amount | None, whole: Amount | None) -> Share | None:
    """Return a part of a whole, to 10 decimals; None where either is unknown or the whole is 0."""
    if part is None or whole is None or not Decimal(whole):
        return None
    return round(float(Decimal(part) / Decimal(whole)), _SHARE_DIGITS)
