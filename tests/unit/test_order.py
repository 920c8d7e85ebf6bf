"""Order keys compare like the numbers that they stand for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.order import descending, number_of, order_key

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40)


@given(NUMBERS, NUMBERS)
def test_keys_order_as_numbers(one: Decimal, other: Decimal) -> None:
    """For any two numbers their keys are less, equal or greater just as they are."""
    assert (one < other, one == other) == (
        order_key(one) < order_key(other),
        order_key(one) == order_key(other),
    )


@given(NUMBERS)
def test_a_key_holds_its_number(number: Decimal) -> None:
    """Nothing is rounded, and the notation makes no difference."""
    assert number == number_of(order_key(number)) == number_of(order_key(f"{number:f}"))


@given(NUMBERS)
def test_descending_is_the_other_sign(number: Decimal) -> None:
    """Sorted by descending keys the greatest number comes first."""
    assert order_key(number.copy_negate()) == descending(order_key(number))


@pytest.mark.parametrize("text", ["", "cheap", "NaN", "Infinity", "1,5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """Only finite numbers have an order."""
    with pytest.raises(UsageError):
        order_key(text)
