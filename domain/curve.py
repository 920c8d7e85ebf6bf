"""What the state of a curve or pool says: price, market value, progress, change.

A price is an exact ratio of quote units to base units, both smallest, until it is printed. Some
programs state its square root instead: floor(sqrt(price) x 2^64).
Source: the Q64.64 convention of Meteora's dynamic bonding curve, program 0.1.10.
"""

from functools import lru_cache

from domain.amounts import SPOT_DIGITS, TEN, TRADE_DIGITS, ratio_text
from domain.errors import CurveError
from schemas.fields import Amount, BaseUnits, Decimals, Price, QuoteUnits, Ratio, SqrtPrice

_ONE = 1 << 128
"""2^64 squared: the unit of a squared square-root price."""


def price_of(ratio: Ratio | None, sqrt_price: SqrtPrice | None) -> Ratio | None:
    """Return the price that a program states, as a ratio or as its square root; None for neither.

    >>> price_of((3, 2), None), price_of(None, 1 << 65)[0] // price_of(None, 1 << 64)[0]
    ((3, 2), 4)
    """
    if ratio is not None:
        return ratio
    return None if sqrt_price is None else (sqrt_price * sqrt_price, _ONE)


def reserve_price(quote: QuoteUnits | None, base: BaseUnits | None) -> Ratio | None:
    """Return the price at which reserves of a constant product trade; None if either is 0.

    >>> reserve_price(30, 1073), reserve_price(0, 5)
    ((30, 1073), None)
    """
    return (quote, base) if quote and base else None


def spot_price(price: Ratio, *, base_decimals: Decimals, quote_decimals: Decimals) -> Price:
    """Return quote tokens per whole base token to 21 significant digits, half even.

    >>> spot_price((30_000_000_000, 1_073_000_000_000_000), base_decimals=6, quote_decimals=9)
    '0.0000000279589934762348555452'
    """
    quote, base = price
    return ratio_text(quote * TEN[base_decimals], base * TEN[quote_decimals], digits=SPOT_DIGITS)


def market_cap(price: Ratio, supply: BaseUnits, *, quote_decimals: Decimals) -> Amount:
    """Return price x *supply* in quote tokens to 21 significant digits of the exact product.

    >>> market_cap((30_000_000_000, 1_073_000_000_000_000), 10**15, quote_decimals=9)
    '27.9589934762348555452'
    """
    quote, base = price
    return ratio_text(quote * supply, base * TEN[quote_decimals], digits=SPOT_DIGITS)


@lru_cache(maxsize=1 << 14)
def trade_price(
    quote: QuoteUnits, base: BaseUnits, *, base_decimals: Decimals, quote_decimals: Decimals
) -> Price:
    """Return *quote* / *base* in whole tokens to 18 significant digits, half even.

    >>> trade_price(584252098, 3412069583165, base_decimals=6, quote_decimals=9)
    '0.000000171231003283952338'

    Raises:
        CurveError: nothing of the base moved.
    """
    if base == 0:
        raise CurveError("A trade of no base units has no price.")
    return ratio_text(quote * TEN[base_decimals], base * TEN[quote_decimals], digits=TRADE_DIGITS)


def progress(reached: int, threshold: int) -> float:
    """Return how much of *threshold* is *reached*, 0 to 1, to 10 decimals.

    Both are quote units that the curve collects, or base units that it sells.

    >>> progress(27334424631, 60_000_000_000)
    0.4555737438
    """
    if threshold <= 0 or reached >= threshold:
        return 1.0
    return round(max(reached, 0) / threshold, 10)


def price_change(now: Ratio, before: Ratio) -> float | None:
    """Return price now / price *before* - 1 to 4 decimals; None when there was no price.

    >>> price_change((9, 1), (4, 1)), price_change((1, 1), (0, 1))
    (1.25, None)
    """
    mine, old = now[0] * before[1], before[0] * now[1]
    if old == 0:
        return None
    return round((mine - old) / old, 4) + 0.0  # Adding 0.0 makes -0.0 a plain 0.0.


def share(part: BaseUnits, whole: BaseUnits) -> float:
    """Return *part* / *whole*, to 4 decimals.

    >>> share(1, 3)
    0.3333
    """
    return round(part / whole, 4)
