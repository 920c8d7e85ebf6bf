"""Numbers as texts that order like the numbers, exactly: for sorting and bounding in any store."""

from decimal import Decimal, InvalidOperation

from domain.errors import UsageError

_BIAS = 500
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def order_key(number: Decimal | str | float) -> str:
    """Return a text that compares to other such texts as *number* compares to other numbers.

    Exact for any number of digits; a float counts as the shortest decimal that denotes it. Beyond
    10^±499 all numbers of one sign are one.

    >>> order_key("0.5") < order_key(1) < order_key("1.0000000000000000001") < order_key(10)
    True
    >>> order_key(-10) < order_key(-1) < order_key("-0.5") < order_key("0.0")
    True

    Raises:
        UsageError: *number* is no finite number.
    """
    try:
        sign, figures, exponent = Decimal(str(number)).as_tuple()
    except InvalidOperation:
        raise UsageError(f"{number!r} is no number.") from None
    if not isinstance(exponent, int):
        raise UsageError(f"{number!r} is no finite number.")
    if not any(figures):
        return "1"
    magnitude = max(0, min(2 * _BIAS - 1, len(figures) + exponent + _BIAS))
    key = f"{magnitude:03d}{''.join(map(str, figures)).rstrip('0')}"
    return "2" + key if not sign else "0" + key.translate(_COMPLEMENT) + "~"


def number_of(key: str) -> Decimal:
    """Return the number of an order key."""
    if key == "1":
        return Decimal(0)
    text = key[1:] if key[0] == "2" else key[1:-1].translate(_COMPLEMENT)
    digits = text[3:]
    sign = 0 if key[0] == "2" else 1
    return Decimal((sign, tuple(map(int, digits)), int(text[:3]) - _BIAS - len(digits)))


def descending(key: str) -> str:
    """Return the order key of the number with the other sign: sorted by it, the greatest is first.

    >>> descending(order_key("1.5")) == order_key("-1.5")
    True
    """
    if key == "1":
        return key
    turned = key[1:].rstrip("~").translate(_COMPLEMENT)
    return f"0{turned}~" if key[0] == "2" else f"2{turned}"
