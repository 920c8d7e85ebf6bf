"""What tickers and names are compared by."""

import re
import unicodedata

SYMBOL_LENGTH = 10
"""Characters of a symbol that reach the chain.

Source: Metaplex token metadata, ``MAX_SYMBOL_LENGTH``.
"""

_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/\w+/(?:web/)?status/(\d{1,19})"
)


def ticker_key(ticker: str) -> str:
    """Return *ticker* in upper case as it can stand on the chain; lookalikes stay different."""
    return unicodedata.normalize("NFC", ticker.strip().lstrip("$")).upper()[:SYMBOL_LENGTH]


def name_key(name: str) -> str:
    """Return *name* without case and with single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def post_id_of(url: str | None) -> str | None:
    """Return the id of the post a URL leads to, or None where it leads elsewhere."""
    match = _STATUS.match(url or "")
    return match[1] if match else None
