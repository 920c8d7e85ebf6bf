"""The forms in which people ask for a token, best first: patterns over the text at a handle."""

# ruff: noqa: RUF001 - The patterns meet the typography that people use.

import re
from typing import Literal, NamedTuple

from domain.posts.names import name_at
from domain.posts.tickers import TICKER

Tier = Literal["A", "B", "C"]
CONFIDENCE: dict[Tier, float] = {"A": 0.95, "B": 0.7, "C": 0.5}


class Asked(NamedTuple):
    """What one form found."""

    tier: Tier
    ticker: str | None
    name: str | None


class Form(NamedTuple):
    """One way to ask. ``pattern`` names a group ``ticker``, ``name`` or both.

    Where it has no group ``name``, the name begins at its end. ``named``: no name, no command.
    ``plain``: the name may not begin like the rest of an ordinary sentence.
    """

    tier: Tier
    pattern: re.Pattern[str]
    named: bool = True
    plain: bool = False


_SPACE = r"[\s,:;.!>👉👇–—-]*"
_LEAD = (
    rf"\A{_SPACE}(?:(?:@\w+|please|pls|plz|hey|yo|gm|gn|hi|can you|could you|kindly|now|just|go"
    rf"|let'?s|let us|i want to|i wanna|we want to|time to)\b{_SPACE})*"
)
_VERB = r"(?:launch|deploy|create|mint|make|coin|tokeni[sz]e|issue|start|ship|drop|list)\b"
_OBJECT = (
    r"(?:\s+(?:this|that|it|him|her|them|me|us|a|an|the|my|our|new|as|into|idea|coin|token"
    r"|memecoin|meme|for|with|ticker|symbol|please)\b)*"
)
_ASK = rf"(?:(?:turn|{_VERB}){_OBJECT}{_SPACE})"
_MAYBE_ASK = rf"{_ASK}?(?:(?:the\s+)?(?:ticker|symbol)\s*(?:is\b|[:=])?\s*)?"
_IS = r"\s*(?:\bis\b|[:=-])\s*"
_BARE = r"\$?(?P<ticker>(?=\w*[^\W\d_])\w{1,20})(?!\w)"
_LABEL = r"(?<!\w)(?:ticker|symbol)"
_NAME_LABEL = r"(?<!\w)(?:(?:token|coin|project)\s+)?name"
_CALLED = r"(?:called|named|(?:with\s+)?(?:the\s+)?name(?:\s+is\b|\s*[:=-])?|aka)"
_CAPITALS = r"(?-i:(?P<ticker>[A-Z][A-Z0-9]{1,11}))"
_TEXT = r"(?P<name>[^\n$]{1,80}?)"
_WITH_TICKER = (
    r"[\s,(]+(?:(?:with|and|using)\s+)?(?:the\s+)?"
    rf"(?:{_LABEL}\s*(?:is\b|[:=])?\s*{_BARE}|{TICKER.replace('?P<ticker>', '?P<other>')})"
)
_WORDS = r"(?P<name>\w[\w'’&.-]*(?:\s+[\w'’&.-]+){0,4}?)"


def _form(tier: Tier, pattern: str, *, named: bool = True, plain: bool = False) -> Form:
    return Form(tier, re.compile(pattern, re.IGNORECASE), named, plain)


_NOT_NEWS = (
    r"(?!\s+(?:is|was|are|were|has|had|just|will|when|vs|chart|price|looks?|went|dev"
    r"|holders?|ca)\b)"
)

DIRECT = (
    _form("A", rf"{_LEAD}{_MAYBE_ASK}\+?\s*{TICKER}\s*(?:\+|plus\b)\s*(?:\$(?=\w+\s*(?:\n|$)))?"),
    _form(
        "A", rf"{_LEAD}{_MAYBE_ASK}{TICKER}\s*[(\[{{]\s*(?P<name>[^()\[\]{{}}\n]{{1,80}})[)\]}}]"
    ),
    _form("A", rf"{_NAME_LABEL}{_IS}(?P<name>.{{1,80}}?)[\s,;|/]+(?:and\s+)?{_LABEL}{_IS}{_BARE}"),
    _form("A", rf"{_LABEL}{_IS}{_BARE}[\s,;|/.]+(?:and\s+)?{_NAME_LABEL}{_IS}"),
    _form("A", rf"{_LEAD}{_MAYBE_ASK}{TICKER}\s*(?=[\"“«])"),
    _form("B", rf"{_LEAD}{_MAYBE_ASK}{TICKER}[\s,]*{_CALLED}\s+"),
    _form("B", rf"\b(?:called|named|name)\s+{_TEXT}{_WITH_TICKER}", plain=True),
    _form("B", rf"{_LEAD}{_ASK}{_TEXT}[\s,]{_LABEL}\s*(?:is\b|[:=])?\s*{_BARE}", plain=True),
    _form("B", rf"{_LEAD}{_ASK}?{_WORDS}\s*\+\s*{TICKER}"),
    _form("B", rf"{_LEAD}{_ASK}?{_WORDS}\s*[(\[]\s*{TICKER}\s*[)\]]"),
    _form("B", rf"{_LEAD}{_ASK}{_WORDS}\s*\(\s*{_CAPITALS}\s*\)"),
    _form("B", rf"{_LEAD}{_ASK}[\"“]?{_WORDS}[\"”]?[\s,]+(?:as\s+|with\s+)?{TICKER}", plain=True),
    _form("B", rf"{_LEAD}{_MAYBE_ASK}{TICKER}\s*(?:[-–—|/:=~,&]|\n)+\s*", plain=True),
    _form("B", rf"{_LEAD}{_MAYBE_ASK}{TICKER}[ \t]+", plain=True),
    _form("B", rf"{_LEAD}{_ASK}?{_CAPITALS}\s*\+"),
)
"""Forms that stand right after the handle, or label what they say."""

ANYWHERE = (_form("B", rf"{TICKER}\s*\+"),)
"""Forms that are commands wherever they stand in a post that addresses a launcher."""

SHORT = (
    _form("C", rf"{_LEAD}{_ASK}(?:[^\n$.!?]{{0,40}}\s)?{TICKER}{_NOT_NEWS}", named=False),
    _form("C", rf"{_LEAD}{_LABEL}{_IS}{_BARE}", named=False),
    _form(
        "C",
        rf"{_LEAD}{TICKER}(?=\s*(?:[.!]*\s*$|\n|https?://|[\U0001f000-\U0001fbff]))",
        named=False,
    ),
    _form("C", rf"{_LEAD}{_ASK}?\+\s*(?=[^\s\d])"),
)
"""Ticker only, or name only."""

_SENTENCE_GOES_ON = frozenset(
    """a about again ain't am an and any are army as asap at bags be because been bought but
    buy by ca can chart coin community could crew dev devs did do does doesn't down dumping
    fam family fees for from gang gets go goes going gone graduated had has have he here hit
    hits holder holders how i i'm if in is isn't it it's its just keeps launched let's lets
    live lmao lol looking looks many me mooning more my nice no not now of off ok on only or
    our over please pls plz price pumping sell sending she should so sold soon still team
    than thank thanks that that's the then there they this to today token tomorrow tonight
    too up vs was we went were what when where which who why will with would you your
    """.split()  # noqa: SIM905 - A list of words is clearest as a text.
)


def read_form(form: Form, text: str) -> Asked | None:
    """Return what *form* finds in the *text* that follows a handle, or None."""
    match = form.pattern.search(text)
    if match is None:
        return None
    groups = match.groupdict()
    name = name_at(groups.get("name") or text[match.end() :])
    if form.plain and name is not None and _goes_on(name):
        name = None
    if form.named and name is None:
        return None
    ticker = groups.get("ticker") or groups.get("other")
    return Asked(form.tier, ticker.upper() if ticker else None, name if form.named else None)


def _goes_on(name: str) -> bool:
    """Whether a name begins like the rest of an ordinary sentence."""
    words = name.split()
    return words[0].lower() in _SENTENCE_GOES_ON or (len(words) > 4 and not words[0][:1].isupper())
