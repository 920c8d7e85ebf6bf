"""Signs that a text speaks about a command instead of giving one."""

import re

from domain.posts.vocabulary import VERB

BEHIND = 120
"""How many characters before a command are read for signs."""

_BEFORE = re.compile(
    r"(?:\b(?:should (?:i|we)|imagine|if you|what if|how to|example:?|e\.g\.|instead of)"
    r"(?:\s+\w+){0,3}"
    r"|\b(?:reply|replying|comment|tweet|post|tag)\b(?:[^.!?\n]{0,40}\b(?:with(?: just)?|is|are|was))?"
    r"|\bto launch|\bnobody|\bno one|\bjust write"
    r"|\bif (?:someone|somebody|anyone|they) \w+|\bif (?:i|we)(?: \w+)?"
    r"|\b(?:should|could|would|might|may|must|will|cannot|shall)(?:n'?t| not)?(?: \w+)?|\b(?<!as )(?:you|u|anyone) can(?: \w+)?|(?:'ll|\b(?:can|won)'?t)"
    r"|(?<!\btime )(?<!\bhad )(?<!\bhave )(?<!\bneed )(?<!\bgot )(?<!\bready )(?<!\bhere )(?<!\bproud )"
    r"(?<!\bhappy )(?<!\bexcited )(?<!\bdecided )(?<!\bthanks )\bto"
    r"|\b(?:why|when|where|how|who) (?:do|does|did|is|are|was|were|has|have)"
    r"|(?:\A|\b(?:now|is|are|just|went|goes)|'s) live (?:on|via)"
    r"|\b(?:new|now|launched|deployed|created|soon|trending|tomorrow|top) (?:on|via|by|through|from|with)"
    r"|\b(?:thanks|thank you)\b[^.!?\n]{0,40}|\bcongrat\w*\b[^.!?\n]{0,40}"
    r"|\b(?:people|guys|everyone|everybody|someone|somebody) (?:\w+ing|do|who)"
    r"|\b(?:example|screenshot|way|format|syntax|command|instructions?|template|tutorial|ex|eg)\W{0,3}"
    r"|\b(?:another|one more|every|any|like|than|about|of|was|were|doing|see|seeing|saw|seen|done|tired)"
    r"|\bwants? (?:me|us|someone|somebody) to"
    r"|\b(?:format|syntax|command) (?:is|was)(?: just| simply)?:?"
    r"|\bhow it works:?[^.!?\n]{0,40}"
    r"|\bdid (?:you|he|she|they|someone|somebody|anyone)(?: \w+)?|\b(?:did|do|do not|don'?t|dont|didn'?t|did not|never|stop|not|typing|typed|type|types|using"
    r"|wrote|write|writes|writing|says|saying|said|tweeted|tried|trying|commented|used|use"
    r"|replied|replies|replying|tweets|tweeting|posted|posts|posting|comments|tagged|tags|means?)"
    r"|\b(?:don'?t|do not|never|stop|please not|won'?t|not)\s+(?:even\s+)?(?:launch|reply|tag|deploy|create|call|buy)\w*)"
    r"\s*:?\s*[\"“‘«`']?\s*$"
    r"|\b(?:no (?:lo )?(?:hag|us|escrib)\w+|não (?:faç|us|escrev)\w+|nicht|ne \w+ pas|jangan"
    r"|не (?:надо|пиш|дела)\w*)\s*$"
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
_ON = re.compile(r"\b(?:on|via|by|through|from|with)\s*$", re.IGNORECASE)
"""What stands before the addressee where a ticker is talked about."""
_TOLD = re.compile(r"\b(?:launched|deployed|created|bought|sold|holding)\s*$", re.IGNORECASE)
"""What stands before a ticker that is told of."""
_QUOTES_SOMEBODY = re.compile(r"\bRT @\w+:", re.IGNORECASE)
_ASKS = re.compile(r"[^.!?\n:|,–—]{0,160}\?")
_REQUESTS = re.compile(
    rf"[\s,:!]*(?:hey|hi|please|pls)?\s*(?:can|could|would|will) (?:you|u|we|i)(?: (?:please|pls|plz|just))*\s+{VERB}",
    re.IGNORECASE,
)
"""A question that is a polite request."""
_PLACEHOLDER_TICKERS = frozenset(
    ("TICKER", "TICKERS", "SYMBOL", "YOURTICKER", "TICKERNAME", "TICKER_NAME")
)
_TRADED_TICKERS = frozenset(("SOL", "BTC", "ETH", "USDC", "USDT"))
"""Who names these names what everybody trades."""
_PLACEHOLDER_NAMES = frozenset(
    (
        "name",
        "your name",
        "coin name",
        "token name",
        "project name",
        "the name",
        "ticker name",
        "name here",
        "any name",
        "coin name here",
        "token name here",
    )
)


def is_hedged(
    text: str,
    *,
    start: int,
    end: int,
    ticker: str | None,
    name: str | None,
    at: int | None = None,
) -> bool:
    """Whether the command at *start* to *end* of *text* is quoted, asked, taught or refused.

    ``start`` is where the addressee begins, ``end`` where its handle ends, ``at`` where what is
    asked for begins if it does not follow the handle.
    """
    before = text[max(0, start - BEHIND) : start]
    return (
        _BEFORE.search(before) is not None
        or (name is None and _ON.search(before) is not None)
        or (at is not None and _is_told(text[max(0, at - BEHIND) : at]))
        or _QUOTES_SOMEBODY.search(text[:start]) is not None
        or (_ASKS.match(text, end) is not None and _REQUESTS.match(text, end) is None)
        or _AFTER.match(text[end:]) is not None
        or ticker in _PLACEHOLDER_TICKERS
        or ticker in _TRADED_TICKERS
        or (name or "").lower() in _PLACEHOLDER_NAMES
        or (name or "").lower().startswith("your ")
    )


def _is_told(before: str) -> bool:
    return _BEFORE.search(before) is not None or _TOLD.search(before) is not None
