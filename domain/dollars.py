"""What quote tokens are worth in US dollars, and for how long a price is good."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import NamedTuple
from zlib import crc32

from domain.amounts import TEN, amount_text
from domain.errors import UnreadableError
from schemas.dollars import DollarPrice
from schemas.fields import Amount, ChainTime, Decimals, Mint, Price, QuoteUnits, Ratio

SCALE_MAX = 18
"""Decimal places that are kept of a price; more are rounded away, half even."""
HIGHEST = Decimal(10) ** 12
_CONTEXT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_FINEST = Decimal(1).scaleb(-SCALE_MAX)


class Worth(NamedTuple):
    """A price as an exact decimal: ``units`` / 10^``scale`` dollars."""

    units: int
    scale: int


def worth_of(said: str | int | Decimal) -> Worth:
    """Return a price that somebody states in dollars.

    >>> worth_of("143.2500"), worth_of(1)
    (Worth(units=14325, scale=2), Worth(units=1, scale=0))

    Raises:
        UnreadableError: it is no number, or none between 0 and 10^12, or 0 when rounded.
    """
    try:
        exact = Decimal(said)
        price = exact if exact.is_finite() and 0 < exact < HIGHEST else None
        rounded = price and price.quantize(_FINEST, context=_CONTEXT)
    except InvalidOperation:
        rounded = None
    if not rounded:
        raise UnreadableError(f"{str(said)[:60]!r} is no price in dollars")
    _, digits, exponent = rounded.normalize(_CONTEXT).as_tuple()
    units, places = int("".join(map(str, digits))), int(exponent)
    return Worth(units * TEN[max(0, places)], max(0, -places))


def is_good(price: DollarPrice, at: ChainTime) -> bool:
    """Say whether a price counts at chain time *at*."""
    return abs(at - price.time) <= price.good_s


def first_look(mint: Mint, price: DollarPrice, now: ChainTime) -> ChainTime:
    """Return when a token that was told without dollars is to be told again because of a price."""
    return max(now, price.time - price.good_s) + _spread(mint, price)


def look_again(mint: Mint, price: DollarPrice | None, at: ChainTime) -> ChainTime | None:
    """Return when a token that was told at chain time *at* is to be told again for its dollars.

    None: not before another price comes. Tokens are spread by their mint, so that few are told at
    once: those in dollars over the second half of their price's good time.
    """
    if price is None or at > price.time + price.good_s:
        return None
    if at < price.time - price.good_s:
        return first_look(mint, price, at)
    refreshed = price.time + price.good_s - _spread(mint, price)
    # Looked at already, with no newer price: what is left is to take the old one away.
    return refreshed if refreshed > at else price.time + price.good_s + 1


def _spread(mint: Mint, price: DollarPrice) -> ChainTime:
    return crc32(mint.encode()) % (price.good_s // 2 + 1)


def in_dollars(price: Ratio, dollars: DollarPrice) -> Ratio:
    """Return a price in quote units as one in dollars times the quote's decimals, exactly."""
    quote, base = price
    return quote * dollars.units, base * TEN[dollars.scale]


def worth(units: QuoteUnits, decimals: Decimals, dollars: DollarPrice) -> Amount:
    """Return what quote *units* are worth, an exact product.

    >>> worth(1_500_000_000, 9, DollarPrice("SOL", 14325, 2, 0, 60, "feed"))
    '214.875'
    """
    return amount_text(units * dollars.units, decimals + dollars.scale)


def price_text(price: DollarPrice) -> Price:
    """Return a price as an exact decimal."""
    return amount_text(price.units, price.scale)
