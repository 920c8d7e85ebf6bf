"""Amounts, prices and times as text: exact, against fractions."""

import doctest
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import amounts, curve, windows
from domain.errors import CurveError, UnreadableError
from schemas.fields import U64, U128

u64 = st.integers(0, U64)
decimals = st.integers(0, 24)


@pytest.mark.parametrize("module", [amounts, curve, windows])
def test_examples(module: object) -> None:
    """The examples in the docstrings are true."""
    assert 0 == doctest.testmod(module).failed


@given(units=st.integers(-U128, U128), places=st.integers(0, 255))
def test_amounts_are_exact(units: int, places: int) -> None:
    """An amount as text is the amount, in plain notation without trailing zeros."""
    text = amounts.amount_text(units, places)

    assert Fraction(units, 10**places) == Fraction(text)
    assert "e" not in text.lower()
    assert "." not in text or text[-1] not in "0."


@given(over=st.integers(0, U128**2), under=st.integers(1, U128))
def test_ratios_round_once(over: int, under: int) -> None:
    """A quotient is the nearest decimal of 21 digits, of two equally near the even one."""
    text = amounts.ratio_text(over, under, digits=amounts.SPOT_DIGITS)
    exact = Fraction(over, under)

    assert nearest(exact, 21) == Fraction(text)
    assert len(text.replace(".", "").strip("0")) <= 21
    assert "e" not in text.lower()


def nearest(exact: Fraction, digits: int) -> Fraction:
    """Return *exact* to *digits* significant digits, half even, by integers alone."""
    if not exact:
        return exact
    power = 0
    while exact >= 10**digits * Fraction(10) ** power:
        power += 1
    while exact < 10 ** (digits - 1) * Fraction(10) ** power:
        power -= 1
    return round(exact / Fraction(10) ** power) * Fraction(10) ** power


@given(sqrt_price=st.integers(1, U128), base=decimals, quote=decimals)
def test_spot_price(sqrt_price: int, base: int, quote: int) -> None:
    """The price is the square of the square root over 2^128, in whole tokens."""
    price = curve.price_of(None, sqrt_price)
    text = curve.spot_price(price, base_decimals=base, quote_decimals=quote)
    exact = Fraction(sqrt_price**2, 2**128) * Fraction(10) ** (base - quote)

    assert nearest(exact, 21) == Fraction(text)


@given(sqrt_price=st.integers(1, U128), supply=u64, quote=decimals)
def test_market_cap(sqrt_price: int, supply: int, quote: int) -> None:
    """The market value is rounded once, from the exact product of price and supply."""
    text = curve.market_cap(curve.price_of(None, sqrt_price), supply, quote_decimals=quote)

    assert nearest(Fraction(sqrt_price**2 * supply, 2**128 * 10**quote), 21) == Fraction(text)


@given(paid=u64, got=st.integers(1, U64), base=decimals, quote=decimals)
def test_trade_price(paid: int, got: int, base: int, quote: int) -> None:
    """A trade's price is what was paid over what was got, to 18 digits, half even."""
    text = curve.trade_price(paid, got, base_decimals=base, quote_decimals=quote)
    with localcontext(prec=18, rounding=ROUND_HALF_EVEN):
        expected = Decimal(paid * 10**base) / Decimal(got * 10**quote)

    assert expected == Decimal(text)


def test_nothing_has_no_price() -> None:
    """A trade of no base units has no price."""
    with pytest.raises(CurveError, match="no base units"):
        curve.trade_price(5, 0, base_decimals=6, quote_decimals=9)


@given(seconds=st.integers(-(2**33), 2**37))
def test_times_read_back(seconds: int) -> None:
    """A time as text reads back as the same second."""
    assert seconds == amounts.seconds_of(amounts.timestamp(seconds))


@pytest.mark.parametrize("text", ["", "yesterday", "2026-09-22T16:07:35", "2026-13-01T00:00:00Z"])
def test_no_times(text: str) -> None:
    """What is no time, or has no offset, is refused in a sentence."""
    with pytest.raises(UnreadableError, match="time"):
        amounts.seconds_of(text)


ratios = st.tuples(u64, st.integers(1, U64))


@given(price=ratios, supply=u64, base=decimals, quote=decimals)
def test_prices_of_reserves(price: tuple[int, int], supply: int, base: int, quote: int) -> None:
    """A price that is stated as reserves is their quotient, as exact as a square root's."""
    exact = Fraction(*price) * Fraction(10) ** (base - quote)
    cap = Fraction(*price) * supply / 10**quote
    text = curve.spot_price(price, base_decimals=base, quote_decimals=quote)

    assert nearest(exact, 21) == Fraction(text)
    assert nearest(cap, 21) == Fraction(curve.market_cap(price, supply, quote_decimals=quote))


roots = st.integers(1, U128).map(lambda root: curve.price_of(None, root))
prices = roots | st.tuples(st.integers(1, U64), st.integers(1, U64))


@given(now=prices, then=prices)
def test_price_change(now: tuple[int, int], then: tuple[int, int]) -> None:
    """A change is the ratio of the prices less one, to 4 decimals, however they are stated."""
    exact = Fraction(*now) / Fraction(*then) - 1

    assert float(exact) == pytest.approx(curve.price_change(now, then), abs=5.1e-5, rel=1e-12)
