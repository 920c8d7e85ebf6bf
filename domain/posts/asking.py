"""The forms in which people ask for a token, best first: patterns over the text at a handle."""

import re

from domain.posts.forms import Form, Tier
from domain.posts.names import EMOJI
from domain.posts.tickers import TICKER
from domain.posts.vocabulary import (
    CALLED,
    LEAD,
    NAME_LABEL,
    OBJECT,
    SPACE,
    TICKER_LABEL,
    VERB,
)

_ASK = rf"(?:(?:turn|{VERB}){OBJECT}{SPACE})"
_MAYBE_ASK = rf"{_ASK}?(?:(?:the\s+)?{TICKER_LABEL}\s*(?:is\b|[:=])?\s*)?"
_IS = r"[\"”']?\s*(?:\bis\b|[:=-])\s*[\"“']?"
_BARE = r"\$?(?P<ticker>(?=\w*[^\W\d_])\w{1,20})(?!\w)"
_LABEL = rf"(?<!\w){TICKER_LABEL}"
_NAME_LABEL = rf"(?<!\w){NAME_LABEL}"
_CAPITALS = r"(?-i:(?P<ticker>[A-Z][A-Z0-9]{1,11}))"
_TEXT = r"(?P<name>[^\n$]{1,80}?)"
_MARKED = TICKER.replace(r"\$", r"(?:\${1,3} ?|#)", 1)
"""A ticker before a plus, where a number sign or a blank leaves no doubt."""
_QUOTED = r"[\"“«](?P<name>[^\"“”»\n]{1,64})[\"”»]"
_TITLE = r"(?-i:(?P<name>[^\W\d_a-z][\w'’&.-]*(?:\s+(?:[^\W\d_a-z]|\d|of |the |and |de )[\w'’&.-]*){0,4}))"
_APART = r"(?:\s*[,/|–—-]\s*|\s+)"
_STOP = r"(?=\s*(?:[.!,|\n–—-]|https?://|[\U0001f000-\U0001fbff]|$))"
_STOP_OR_BRACKET = _STOP.replace("[.!", "[)\\].!", 1)
_WITH_TICKER = (
    r"[\s,(]+(?:(?:with|and|using|con|com|y|e|mit|und|et)\s+)?(?:el\s+|o\s+)?(?:the\s+)?"
    rf"(?:{_LABEL}\s*(?:is\b|[:=])?\s*{_BARE}|{TICKER.replace('?P<ticker>', '?P<other>')})"
)
_OVER = r"[\s,;|/\"”']+(?:and\s+)?[\"“']?"
"""What stands between what two labels say."""
_WORDS = r"(?P<name>\w[\w'’&.-]*(?:\s+[\w'’&.-]+){0,4}?)"


def _form(
    tier: Tier,
    pattern: str,
    *,
    named: bool = True,
    plain: bool = False,
    kin: bool = False,
    bare: bool = False,
    free: bool = False,
    signs: str = "",
) -> Form:
    return Form(tier, re.compile(pattern, re.IGNORECASE), named, plain, kin, bare, free, signs)


_NOT_NEWS = (
    r"(?!\s+(?:is|was|are|were|has|had|just|will|when|vs|chart|price|looks?|went|dev|already"
    r"|holders?|founder|team|ca)\b)"
)
_NOT_TOLD = (
    r"(?!\s+(?:(?:is|was|are)(?:n'?t| not| down| up| live| now| at| dead| gone| trending| pumping"
    r"| dumping| mooning)|has|had|just|hit|went|chart|price|dev|founder|team|holders?|ca)\b)"
)
"""What does not follow a request, but what is told of a token."""
_ASKED_OUT = (
    r"(?=\s*(?:[^\w\s%(]|\n|$|https?://|(?:on|for|please|pls|plz|now|asap|today|as|to|by|at|with|token"
    r"|coin|thanks?|ty|lfg|and|from|in|por favor|bitte|stp)\b))"
)
"""What may follow a ticker on whose heels no name comes."""
_NOT_SERVICE = (
    r"(?![^\n$]{0,40}\b(?:fees?|docs|pages?|charts?|price|airdrop|support|listing|trending|verif\w+"
    r"|refund\w*|better|failed)\b)"
)
"""What is asked of a launcher besides a launch."""

DIRECT = (
    _form(
        "A",
        rf"{LEAD}{_MAYBE_ASK}\+?\s*{_MARKED}[\s{EMOJI}]*(?:[+➕]+|plus\b)\s*"
        rf"(?:\$(?=[^\W\d]\w*(?:\s*(?:\n|$)|\s+(?-i:[A-Z]))))?",
    ),
    _form("A", rf"{LEAD}{_ASK}?\$(?P<ticker>\d{{2,8}})\s*\+\s*(?=(?-i:[A-Z]))"),
    _form(
        "A",
        rf"{LEAD}{_MAYBE_ASK}{TICKER}\s*[(\[{{]\s*(?:{NAME_LABEL}\s*[:=]\s*)?(?P<name>[^()\[\]{{}}\n]{{1,80}})[)\]}}]{_NOT_TOLD}",
    ),
    _form("A", rf"{_NAME_LABEL}{_IS}(?P<name>.{{1,80}}?){_OVER}{_LABEL}{_IS}{_BARE}"),
    _form("A", rf"{_LABEL}{_IS}{_BARE}\.?{_OVER}{_NAME_LABEL}{_IS}"),
    _form("A", rf"{LEAD}{_MAYBE_ASK}{TICKER}\s*(?=[\"“«])"),
    _form("B", rf"{LEAD}{_MAYBE_ASK}{TICKER}(?:\s+for\s+(?:me|us))?[\s,.!?]*{CALLED}\s+"),
    _form(
        "B",
        rf"\b(?:called|named|name|call\s+it|name\s+it|llamad[oa]|chamad[oa]|nommée?|namens)\s+{_TEXT}{_WITH_TICKER}",
        plain=True,
    ),
    _form("B", rf"{LEAD}{_ASK}{_TEXT}[\s,]{_LABEL}\s*(?:is\b|[:=])?\s*{_BARE}", plain=True),
    _form("A", rf"{LEAD}{_ASK}?{_QUOTED}[\s,(+]*{TICKER}"),
    _form("B", rf"{LEAD}{_ASK}?\+?\s*{_WORDS}\s*\+\s*{TICKER}"),
    _form("B", rf"{LEAD}{_ASK}?{_WORDS}\s*[(\[]\s*{TICKER}\s*[)\]]{_NOT_NEWS}"),
    _form("B", rf"{LEAD}{_ASK}{_WORDS}\s*\(\s*{_CAPITALS}\s*\)"),
    _form("B", rf"{LEAD}{_WORDS}\s*[(\[]\s*{_CAPITALS}\s*[)\]]{_STOP}", kin=True),
    _form("B", rf"{LEAD}\+\s*{_WORDS}\s+{TICKER}"),
    _form("B", rf"{LEAD}{_TITLE}{_APART}{TICKER}{_STOP}", plain=True, kin=True),
    _form("B", rf"{LEAD}{_TITLE}{_APART}{_CAPITALS}{_STOP}", plain=True, kin=True),
    _form(
        "B",
        rf"{LEAD}{_CAPITALS}\s*(?:[(\[–—:|/,-]|\s)\s*{_TITLE}{_STOP_OR_BRACKET}",
        plain=True,
        kin=True,
    ),
    _form("B", rf"{LEAD}{_MAYBE_ASK}{TICKER}\s+(?:is|for)\s+{_TITLE}", plain=True, kin=True),
    _form("B", rf"{LEAD}{_MAYBE_ASK}{TICKER}\s+for\s+(?=(?-i:[A-Z]))", bare=True),
    _form(
        "B",
        rf"{LEAD}{_ASK}[\"“]?{_WORDS}[\"”]?[\s,]+(?:as\s+|with\s+)?{TICKER}(?!\s*\+)",
        plain=True,
    ),
    _form("B", rf"{LEAD}{_MAYBE_ASK}{TICKER}\s*(?:[-–—|/:=~,&→]|->|\n)+\s*", plain=True, bare=True),
    _form("B", rf"{LEAD}{_ASK}(?:{_LABEL}\s*)?{TICKER}[ \t]+(?=(?-i:[^\W\d_a-z]))", plain=True),
    _form("B", rf"{LEAD}{_MAYBE_ASK}{TICKER}[ \t]+(?![(\[])", plain=True, bare=True),
    _form("B", rf"{LEAD}{_ASK}?{_CAPITALS}\s*\+"),
    _form("B", rf"{LEAD}{_LABEL}\s+{_CAPITALS}[\s,]+{_NAME_LABEL}\s+"),
    _form("B", rf"{LEAD}{_TITLE}[\s,]+{_LABEL}{_IS}{_BARE}", plain=True, kin=True),
    _form("B", rf"{LEAD}(?P<ticker>(?=\w*[^\W\d_])\w{{2,12}})\s*\+\s*(?=(?-i:[A-Z]))", kin=True),
    _form(
        "B",
        rf"{LEAD}(?P<ticker>(?=\w*[^\W\d_])\w{{2,12}})\s*\+\s*(?=\w[\w ]{{1,40}}[.!]*\s*\Z)",
        kin=True,
    ),
    _form("A", rf"{LEAD}{_ASK}?[\[({{<]\s*{TICKER}\s*[\])}}>][\s\[({{<+]*", plain=True),
)
"""Forms that stand right after the handle, or label what they say."""

ANYWHERE = (
    _form(
        "A",
        rf"(?:{_NAME_LABEL}|(?<!\w)(?:project|coin|token))\s*[:=]\s*(?P<name>.{{1,80}}?)"
        rf"[\s,;|/]+{_LABEL}\s*[:=]\s*{_BARE}",
        signs=":=",
    ),
    _form("A", rf"{_LABEL}\s*[:=]\s*{_BARE}[\s,;|/.]+{_NAME_LABEL}\s*[:=]\s*", signs=":="),
    _form("B", rf"{TICKER}\s*\+", free=True, signs="$"),
)
"""Forms that are commands wherever they stand in a post that addresses a launcher."""

BEFORE = (
    _form("B", rf"(?:\A|\n)\s*{TICKER}\s+{_TITLE}\s*\Z", plain=True, kin=True),
    _form("B", rf"(?:\A|\n)\s*{_TITLE}[\s,(]+{TICKER}\)?\s*\Z", plain=True, kin=True),
)
"""Forms that stand before the handle, where nothing comes after it."""

SHORT = (
    _form(
        "C", rf"{LEAD}{_ASK}{_NOT_SERVICE}(?:[^\n$.!?]{{0,40}}\s)?{TICKER}{_ASKED_OUT}", named=False
    ),
    _form(
        "C",
        rf"{LEAD}{_LABEL}(?:\s*[:=]\s*|{_IS}(?=\$|(?-i:[A-Z\d]{{2,}}(?!\w)))){_BARE}",
        named=False,
    ),
    _form("C", rf"{LEAD}{_ASK}{SPACE}{_LABEL}\s+(?:is\s+)?\$?{_CAPITALS}(?!\w)", named=False),
    _form(
        "C",
        rf"{LEAD}{TICKER}(?=(?:\s+(?:please|pls|plz|now|asap|go|thanks?|thx|ty|lfg|por favor|bitte)\b)*"
        r"\s*(?:[.!]*\s*$|\n|https?://|[\U0001f000-\U0001fbff]))",
        named=False,
    ),
    _form("C", rf"\A\s*{_ASK}?\+\s*(?=[^\s\d@])(?![^\n]*(?:[=+]|\b(?:is|are)\b))", plain=True),
    _form("C", rf"{LEAD}{_ASK}(?:called|named|llamad[oa]|chamad[oa])\s+(?=\S)"),
    _form("C", rf"{LEAD}{_NAME_LABEL}\s*[:=]\s*{_TITLE}{_STOP}"),
    _form("C", rf"{LEAD}{_ASK}(?-i:(?=[A-Z][\w']+ [A-Z][\w']+[ .!]*(?:\n|$)))", plain=True),
)
"""Ticker only, or name only."""
