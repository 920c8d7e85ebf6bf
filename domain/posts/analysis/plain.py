"""A post without what is addressed to machines: the text that a language model reads."""

import re

from domain.posts.tickers import TICKER

_URL = re.compile(
    r"https?://\S+|\bt\.co/\S+|\b(?:\w[\w-]{0,40}\.){1,6}[a-z]{2,20}/\S*", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<![\w@])@\w{1,32}")
_SIGNS = re.compile(rf"{TICKER}|(?<!\w)\+(?!\d)|(?<=\s)[|/•·]+(?=\s)|#(?=\w)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b[1-9A-HJ-NP-Za-km-z]{32,90}\b|\b0x[0-9a-fA-F]{40}\b")
_RETWEET = re.compile(r"\ART @\w+:\s*")

_PATTERNS = (("RT @", _RETWEET), ("/", _URL), ("", _ADDRESS), ("@", _HANDLE), ("", _SIGNS))
"""What is taken out, and a sign without which it is not there: looking for that costs nothing."""


def plain(text: str) -> str:
    """Return a normalised *text* without URLs, handles, tickers, addresses and the plus sign."""
    for sign, pattern in _PATTERNS:
        if sign in text:
            text = pattern.sub(" ", text)
    return " ".join(text.split())
