"""Signs that a text speaks about a command instead of giving one."""

import re

from domain.posts.lexicon import Lexicon
from domain.posts.vocabulary import VERB

BEHIND = 120
"""How many characters before a command are read for signs."""

_SOMEBODY = r"(?:some(?:one|body)|any(?:one|body)|every(?:one|body)|people|guys)"
_TALK = (
    r"(?:should (?:i|we)|imagine|if you|what if|how to|e\.g\.|instead of)(?:\s+\w+){0,3}",
    (r"(?:reply|replying|comment|tweet|post|tag)\b"
    r"(?:[^.!?\n]{0,40}\b(?:with(?: just)?|is|are|was))?"),
    r"to launch", r"nobody", r"no one", r"just write", r"wants? (?:me|us|someone|somebody) to",
    rf"if (?:{_SOMEBODY}|they) \w+", r"if (?:i|we)(?: \w+)?",
    r"(?:should|could|would|might|may|must|will|cannot|shall)(?:n'?t| not)?(?: \w+)?",
    r"(?:can|won)'?t", r"\w+'ll", r"(?<!as )(?:you|u|anyone) can(?: \w+)?",
    (r"(?<!time )(?<!had )(?<!have )(?<!need )(?<!got )(?<!ready )(?<!here )(?<!proud )"
    r"(?<!happy )(?<!excited )(?<!decided )(?<!thanks )to"),
    r"(?:why|when|where|how|who) (?:do|does|did|is|are|was|were|has|have)",
    r"(?:now|is|are|just|went|goes|\w+'s) live (?:on|via)",
    (r"(?:new|now|launched|deployed|created|soon|trending|tomorrow|top)"
    r" (?:on|via|by|through|from|with)"),
    r"(?:thanks|thank you|congrat\w*)\b[^.!?\n]{0,40}", rf"{_SOMEBODY} (?:\w+ing|do|who)",
    r"(?:example|screenshot|way|format|syntax|command|instructions?|template|tutorial|ex|eg)\W{0,3}",
    r"(?:another|one more|every|any|like|than|about|of|was|were|doing|see|seeing|saw|seen|done|tired)",
    r"(?:format|syntax|command) (?:is|was)(?: just| simply)?", r"how it works:?[^.!?\n]{0,40}",
    rf"did (?:you|he|she|they|{_SOMEBODY})(?: \w+)?",
    r"(?:did|do|do not|don'?t|didn'?t|did not|never|stop|not|used|use|using|means?)",
    r"(?:typ(?:e|es|ed|ing)|write|writes|wrote|writing|say|says|said|saying|try|tried|trying)",
    r"(?:replied|replies|tweet(?:s|ed|ing)|post(?:s|ed|ing)|comment(?:s|ed)|tag(?:s|ged))",
    (r"(?:don'?t|do not|never|stop|won'?t|not)\s+(?:even\s+)?"
    r"(?:launch|reply|tag|deploy|create|call|buy)\w*"),
    r"(?:no (?:lo )?(?:hag|us|escrib)\w+|não (?:faç|us|escrev)\w+|nicht|ne \w+ pas|jangan)",
    r"не (?:надо|пиш|дела)\w*",
    r"(?:fake|scam|fraud|hoax|beware|warning|careful|(?:remember|back) when)\W{0,3}",
)  # fmt: skip
_BEFORE = Lexicon({"talk": [rf"(?:{words})\s*:?\s*[\"“‘«`']?\s*$" for words in _TALK]})
"""What stands right before the addressee."""

_AFTER = re.compile(
    r"[^$+\n]{0,60}\b(?:don'?t|do not|did not|didn'?t|never|delete|remove|cancel|undo|why|failed|stop"
    r"|wrong|you launched|my launch|instead of|already launched)\b[^$+\n]{0,40}[$+]",
    re.IGNORECASE,
)
"""What stands between the addressee and what looks like a command."""
_DISOWNED = re.compile(
    r"\b(?:(?:is|was)(?: not|n'?t)|not) (?:me|mine|ours)\b|\b(?:never|didn'?t|did not) ask(?:ed)?\b"
    r"|\bis (?:a )?(?:fake|scam)\b",
    re.IGNORECASE,
)
"""What says, behind a command, that it was somebody else's."""
DISOWNED_WITHIN = 200
_QUOTED_LINE = re.compile(r"(?:\A|\n)\s*>\s*\Z")
_QUOTES = ('"', "“", "‘", "«", "`")
_ON = re.compile(r"\b(?:on|via|by|through|from|with)\s*$", re.IGNORECASE)
"""What stands before the addressee where a ticker is talked about."""
_TOLD = re.compile(r"\b(?:launched|deployed|created|bought|sold|holding)\s*$", re.IGNORECASE)
"""What stands before a ticker that is told of."""
_QUOTES_SOMEBODY = re.compile(r"\bRT @\w+:", re.IGNORECASE)
_ASKS = re.compile(r"[^.!?\n:|,–—]{0,160}\?")
_REQUESTS = re.compile(
    r"[\s,:!]*(?:hey|hi|please|pls)?\s*(?:can|could|would|will) (?:you|u|we|i)"
    rf"(?: (?:please|pls|plz|just))*\s+(?:{VERB}|(?:get|have)\b)",
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
        _is_talk(before)
        or (name is None and _ON.search(before) is not None)
        or (at is not None and _is_told(text[max(0, at - BEHIND) : at]))
        or _DISOWNED.search(text, end, end + DISOWNED_WITHIN) is not None
        or _QUOTES_SOMEBODY.search(text[:start]) is not None
        or _is_asked(text, end, at)
        or _AFTER.match(text[end:]) is not None
        or ticker in _PLACEHOLDER_TICKERS
        or ticker in _TRADED_TICKERS
        or (name or "").lower() in _PLACEHOLDER_NAMES
        or (name or "").lower().startswith("your ")
    )


def _is_asked(text: str, end: int, at: int | None) -> bool:
    """Whether what follows the addressee is a question; one that ends before *at* is another's."""
    asks = _ASKS.match(text, end)
    if asks is None or (at is not None and asks.end() <= at):
        return False
    return _REQUESTS.match(text, end) is None


def _is_talk(before: str) -> bool:
    if before.endswith(_QUOTES) or _QUOTED_LINE.search(before):
        return True
    return next(_BEFORE.matches(before.lower()), None) is not None


def _is_told(before: str) -> bool:
    return _is_talk(before) or _TOLD.search(before) is not None
