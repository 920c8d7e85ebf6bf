"""A constant-product curve with virtual reserves: what the made-up market trades on."""

from math import isqrt
from typing import NamedTuple

from schemas.fields import BaseUnits, QuoteUnits, SqrtPrice

SUPPLY: BaseUnits = 10**15
START_QUOTE: QuoteUnits = 30 * 10**9
THRESHOLD: QuoteUnits = 60 * 10**9
BASE_DECIMALS, QUOTE_DECIMALS = 6, 9
FEE_PARTS = 100
"""One part in so many is the fee, always in the quote token."""


class Curve(NamedTuple):
    """Reserves, the virtual part included."""

    base: BaseUnits = SUPPLY
    quote: QuoteUnits = START_QUOTE

    @property
    def sqrt_price(self) -> SqrtPrice:
        """The square root of quote per base, times 2^64, rounded down."""
        return isqrt((self.quote << 128) // self.base)

    @property
    def collected(self) -> QuoteUnits:
        """The quote tokens that traders have left in the curve."""
        return self.quote - START_QUOTE


class Dealt(NamedTuple):
    """A trade: the curve after it, what changed hands, and the fee (in quote units)."""

    curve: Curve
    base: BaseUnits
    quote: QuoteUnits
    fee: QuoteUnits


def bought(curve: Curve, paid: QuoteUnits) -> Dealt:
    """Return what *paid*, fee included, buys; base units rounded down."""
    fee = paid // FEE_PARTS
    put_in = paid - fee
    base = curve.base * put_in // (curve.quote + put_in)
    return Dealt(Curve(curve.base - base, curve.quote + put_in), base, paid, fee)


def sold(curve: Curve, base: BaseUnits) -> Dealt:
    """Return what selling *base* units brings, after the fee, rounded down."""
    taken = curve.quote * base // (curve.base + base)
    fee = taken // FEE_PARTS
    return Dealt(Curve(curve.base + base, curve.quote - taken), base, taken - fee, fee)
