"""Dollar prices as exact decimals, and for how long one is good."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.curve import market_cap, spot_price
from domain.dollar_feed import pointer, quoted
from domain.dollars import Worth, first_look, in_dollars, is_good, look_again, worth, worth_of
from domain.errors import UnreadableError
from schemas.dollars import DollarPrice

GOOD_S = 600
mints = st.text("ABCDEFGH123456", min_size=1, max_size=12)
prices = st.builds(
    DollarPrice,
    mint=st.just("SOL"),
    units=st.integers(1, 10**24),
    scale=st.integers(0, 18),
    time=st.integers(1_790_000_000, 1_790_010_000),
    good_s=st.just(GOOD_S),
    source=st.just("feed"),
)


def dollars_of(price: DollarPrice) -> Fraction:
    """Return a price as a fraction."""
    return Fraction(price.units, 10**price.scale)


@given(price=prices, units=st.integers(0, 2**64), decimals=st.integers(0, 9))
def test_what_an_amount_is_worth_is_exact(price: DollarPrice, units: int, decimals: int) -> None:
    """An amount in dollars is the exact product, whatever its length."""
    expected = Fraction(units, 10**decimals) * dollars_of(price)

    assert expected == Fraction(worth(units, decimals, price))


@given(price=prices, quote=st.integers(1, 2**128), base=st.integers(1, 2**128))
def test_prices_are_rounded_once(price: DollarPrice, quote: int, base: int) -> None:
    """A price in dollars, and a market cap, differ from the exact ones by half a digit of 21."""
    exact = Fraction(quote * 10**6, base * 10**9) * dollars_of(price)
    in_usd = in_dollars((quote, base), price)
    said = Fraction(spot_price(in_usd, base_decimals=6, quote_decimals=9))
    cap = Fraction(market_cap(in_usd, 10**15, quote_decimals=9))

    assert abs(said - exact) <= exact / (2 * 10**20)
    assert abs(cap - exact * 10**9) <= exact * 10**9 / (2 * 10**20)


@pytest.mark.parametrize(
    ("said", "units", "scale"),
    [
        ("143.25", 14325, 2), ("1", 1, 0), ("1.000", 1, 0), ("1e2", 100, 0), ("0.10", 1, 1),
        (Decimal("0.0000000000000000015"), 2, 18), ("999999999999", 999999999999, 0),
    ],
)  # fmt: skip
def test_prices_that_are_some(said: str | Decimal, units: int, scale: int) -> None:
    """A price is kept digit by digit, to 18 places, half even."""
    assert Worth(units, scale) == worth_of(said)


@pytest.mark.parametrize(
    "said", ["", "0", "-1", "NaN", "Infinity", "1e12", "1e999999", "1e-999999", "1e-19", "12,5"]
)
def test_prices_that_are_none(said: str) -> None:
    """What is no number, not positive, beyond all bounds or nothing when rounded is refused."""
    with pytest.raises(UnreadableError):
        worth_of(said)


@given(mint=mints, price=prices, offsets=st.lists(st.integers(-2000, 2000), min_size=1))
def test_what_is_told_is_looked_at_before_it_is_too_old(
    mint: str, price: DollarPrice, offsets: list[int]
) -> None:
    """Followed from one look to the next, a token is never in dollars that are no longer good.

    Looks come to an end: a price that nothing replaces is looked at twice at most.
    """
    at, looks = price.time + offsets[0], 0
    while (due := look_again(mint, price, at)) is not None:
        if is_good(price, at):
            assert due <= price.time + price.good_s + 1
        assert due > at
        at, looks = due, looks + 1

    assert not is_good(price, at)
    assert at > price.time
    assert looks <= 3


def test_tokens_are_spread() -> None:
    """A thousand tokens told in one second are told again all over half of the good time."""
    price = DollarPrice("SOL", 1, 0, 1_790_000_000, GOOD_S, "feed")
    again = [look_again(f"mint{n}", price, price.time) or 0 for n in range(1000)]
    first = [first_look(f"mint{n}", price, price.time) for n in range(1000)]

    for dues, start in ((again, price.time + GOOD_S // 2), (first, price.time)):
        assert start <= min(dues) < start + 20
        assert start + GOOD_S // 2 - 20 < max(dues) <= start + GOOD_S // 2
        assert max(dues.count(due) for due in dues) < 20


def test_a_feeds_answer_is_read_digit_by_digit() -> None:
    """Numbers keep their digits; times are seconds, milliseconds or RFC 3339."""
    body = (
        b'{"data":[{"p/r":143.123456789012345678,"s":"1.5"}],"at":1790000000123,'
        b'"iso":"2026-09-21T14:13:20Z","sec":1790000000.5}'
    )
    price = pointer("/data/0/p~1r")

    assert Worth(143123456789012345678, 18) == quoted(body, price=price, time=None).worth
    assert Worth(15, 1) == quoted(body, price=pointer("/data/0/s"), time=None).worth
    for name in ("/at", "/iso", "/sec"):
        assert 1_790_000_000 == quoted(body, price=price, time=pointer(name)).time


@pytest.mark.parametrize(
    ("body", "time"),
    [
        (b"", None), (b"<html>", None), (b"{}", None), (b'{"p":null}', None), (b'{"p":[1]}', None),
        (b'{"p":true}', None), (b'{"p":NaN}', None), (b'{"p":-1}', None), (b"[" * 100_000, None),
        (b'{"p":' + b"9" * 90_000 + b"}", None), (b'{"p":1e99999999999}', None), (b"\xff", None),
        (b'{"p":1}', "/t"), (b'{"p":1,"t":"soon"}', "/t"), (b'{"p":1,"t":1e30}', "/t"),
        (b'{"p":1,"t":-5}', "/t"), (b'{"p":1,"t":{}}', "/t"),
    ],
)  # fmt: skip
def test_an_answer_that_says_nothing(body: bytes, time: str | None) -> None:
    """What is no JSON, or has no price or no time where it should be, is refused, never guessed."""
    with pytest.raises(UnreadableError):
        quoted(body, price=pointer("/p"), time=pointer(time) if time else None)
