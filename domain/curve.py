"""What the state of a bonding curve says: price, market value, progress, change.

A square-root price is floor(sqrt(quote per base, both in smallest units) x 2^64).
Source: the Q64.64 convention of Meteora's dynamic bonding curve, program 0.1.10.
"""

from domain.amounts import SPOT_DIGITS, TEN, TRADE_DIGITS, ratio_text
from domain.errors import CurveError
from schemas.fields import Amount, BaseUnits, Decimals, Price, QuoteUnits, SqrtPrice

_ONE = 1 << 128
"""2^64 squared: the unit of a squared square-root price."""


def spot_price(
    sqrt_price: SqrtPrice, *, base_decimals: Decimals, quote_decimals: Decimals
) -> Price:
    """Return quote tokens per whole base token to 21 significant digits, half even.

    >>> spot_price(241057837467680170, base_decimals=6, quote_decimals=9)
    '0.000000170766653383763442554'
    """
    return ratio_text(
        sqrt_price * sqrt_price * TEN[base_decimals], _ONE * TEN[quote_decimals], digits=SPOT_DIGITS
    )


def market_cap(sqrt_price: SqrtPrice, supply: BaseUnits, *, quote_decimals: Decimals) -> Amount:
    """Return price x *supply* in quote tokens to 21 significant digits of the exact product.

    >>> market_cap(241057837467680170, 753865692295287, quote_decimals=9)
    '128.735121374100141963'
    """
    return ratio_text(
        sqrt_price * sqrt_price * supply, _ONE * TEN[quote_decimals], digits=SPOT_DIGITS
    )


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


def progress(quote_reserve: QuoteUnits, threshold: QuoteUnits) -> float:
    """Return how much of *threshold* the curve has collected, 0 to 1, to 10 decimals.

    >>> progress(27334424631, 60_000_000_000)
    0.4555737438
    """
    if threshold <= 0 or quote_reserve >= threshold:
        return 1.0
    return round(max(quote_reserve, 0) / threshold, 10)


def price_change(now: SqrtPrice, before: SqrtPrice) -> float | None:
    """Return price now / price *before* - 1 to 4 decimals; None when there was no price.

    >>> price_change(3, 2), price_change(1, 0)
    (1.25, None)
    """
    if before == 0:
        return None
    square = before * before
    return round((now * now - square) / square, 4) + 0.0  # Adding 0.0 makes -0.0 a plain 0.0.


def share(part: BaseUnits, whole: BaseUnits) -> float:
    """Return *part* / *whole*, to 4 decimals.

    >>> share(1, 3)
    0.3333
    """
    return round(part / whole, 4)
