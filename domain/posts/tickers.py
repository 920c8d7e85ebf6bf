"""Tickers in a text: a dollar sign and letters, unless it is an amount of money."""

import re

TICKER_LENGTH = 20

TICKER = (
    r"(?<![\w$])\$"
    r"(?!\d+(?:[.,]\d+)*(?:[kmbtx]|bn|mm|mil|usd|usdc|sol|eth)?(?!\w))"
    rf"(?P<ticker>(?=\w*[^\W\d_])\w{{1,{TICKER_LENGTH}}})(?!\w)"
)
"""A ticker with its dollar sign: $MOON, $C0FFEE, Cyrillic ones; not $20, $60k, $1.4m.

X itself tags only one to six Latin letters, so its entities miss many.
"""

_TICKER = re.compile(TICKER, re.IGNORECASE)


def cashtags(text: str) -> tuple[str, ...]:
    """Return the tickers of a normalised text, upper case, in order, each once."""
    found = (match["ticker"].upper() for match in _TICKER.finditer(text))
    return tuple(dict.fromkeys(found))
