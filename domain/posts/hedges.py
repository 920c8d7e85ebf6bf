"""Signs that a text speaks about a command instead of giving one."""

import re

_BEFORE = re.compile(
    r"(?:\b(?:should (?:i|we)|imagine|if you|what if|how to|example:?|e\.g\.|instead of)"
    r"(?:\s+\w+){0,3}"
    r"|\b(?:reply|replying|comment|tweet|post|tag)\b(?:[^.!?\n]{0,40}\bwith(?: just)?)?"
    r"|\bto launch|\bsome(?:one|body) (?:did|does|replies|types|tweets)|\bnobody|\bno one|\bjust write"
    r"|\bif (?:someone|somebody|anyone|they) \w+"
    r"|\bwants? (?:me|us|someone|somebody) to"
    r"|\b(?:format|syntax|command) (?:is|was)(?: just| simply)?:?"
    r"|\bhow it works:?[^.!?\n]{0,40}"
    r"|\b(?:did|do|do not|don'?t|dont|didn'?t|did not|never|stop|not|typing|typed|type|types|using"
    r"|wrote|write|writes|writing|says|saying|said|tweeted|tried|trying|commented|used))"
    r"\s*:?\s*[\"“‘«`']?\s*$"
    r"|[\"“‘«`]$",
    re.IGNORECASE,
)
"""What stands right before the addressee."""

_AFTER = re.compile(
    r"[^$+\n]{0,60}\b(?:don'?t|do not|did not|didn'?t|never|delete|remove|cancel|undo|why|failed|stop"
    r"|wrong|you launched|my launch|instead of|already launched)\b[^$+\n]{0,40}[$+]",
    re.IGNORECASE,
)
"""What stands between the addressee and what looks like a command."""
_QUOTES_SOMEBODY = re.compile(r"\bRT @\w+:", re.IGNORECASE)
_ASKS = re.compile(r"[^.!?\n:|–—]{0,160}\?")
_PLACEHOLDER_TICKERS = frozenset(
    ("TICKER", "TICKERS", "SYMBOL", "YOURTICKER", "TICKERNAME", "TICKER_NAME")
)
_PLACEHOLDER_NAMES = frozenset(
    ("name", "your name", "coin name", "token name", "project name", "the name", "ticker name")
)


def is_hedged(text: str, *, start: int, end: int, ticker: str | None, name: str | None) -> bool:
    """Whether the command at *start* to *end* of *text* is quoted, asked, taught or refused.

    ``start`` is where the addressee begins, ``end`` where its handle ends.
    """
    return (
        _BEFORE.search(text[max(0, start - 120) : start]) is not None
        or _QUOTES_SOMEBODY.search(text[:start]) is not None
        or _ASKS.match(text[end:]) is not None
        or _AFTER.match(text[end:]) is not None
        or ticker in _PLACEHOLDER_TICKERS
        or (name or "").lower() in _PLACEHOLDER_NAMES
        or (name or "").lower().startswith("your ")
    )
