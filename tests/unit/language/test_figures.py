"""Figures of quality against counting by hand; what a labelled file may look like."""

import pytest

from domain.errors import UsageError
from language.figures import accuracy, interval, macro_f1, rates
from language.labelled import read_labelled


def test_macro_f1_by_hand() -> None:
    """Classes with fewer than five examples are left out; found in vain counts against a class."""
    pairs = [("a", "a")] * 4 + [("a", "b")] + [("b", "b")] * 5 + [("c", "a")]

    assert pytest.approx((8 / 10 + 10 / 11) / 2, abs=1e-4) == macro_f1(pairs)
    assert 9 / 11 == accuracy(pairs)


def test_rates_by_hand() -> None:
    """Precision, recall and F1; nothing of nothing."""
    assert (0.75, 0.6, 0.6667) == rates(3, 4, 5)
    assert (None, None, None) == rates(0, 0, 0)


def test_intervals_hold_the_figure_and_shrink() -> None:
    """More rows, a narrower interval, alike each time."""
    few, many = [("a", "a"), ("a", "b")] * 10, [("a", "a"), ("a", "b")] * 200
    low, high = interval(few, accuracy)
    nearer, farther = interval(many, accuracy)

    assert low < 0.5 < high
    assert (low, high) == interval(few, accuracy)
    assert high - low > farther - nearer


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"category": "ai"}', b""])
def test_what_is_no_labelled_file(line: bytes) -> None:
    """One sentence says which line is wrong."""
    with pytest.raises(UsageError):
        read_labelled([line])
