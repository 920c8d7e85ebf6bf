"""Where a token's name ends in a text that goes on."""

# ruff: noqa: RUF001 - The patterns meet the typography that people use.

import re

from domain.posts.vocabulary import TICKER_LABEL

NAME_LENGTH = 64
WITHIN = 200
"""Characters in which a name and its end are looked for."""
LONG_WORDS = 5
"""A name of more words is taken for a name and the beginning of a sentence."""

EMOJI = "\U0001f000-\U0001fbff\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f"
_END = re.compile(
    r"\n|https?://|www\.|\bt\.co/"
    rf"|[{EMOJI}]"
    r"|(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bvs)[.!?…]+(?=[\s\"”»)]|$)"
    r"|\s+[-–—|/•·~>=]+(?=\s)|[-–—]{2,}|\s[–—](?=\w)"
    r"|[:,;](?=\s)|[:,]$|\s[(\[{]|[)\]}]"
    r"|(?:\s(?:by|via|from|cc|for)\s+)?(?<!\w)[@$#](?=\w)|\s\+\s*(?=\$)"
    r"|[。！？、，：；「」（）【】]"
    r"|\s[\w-]+\.[a-z]{2,}(?![\w.])"
    rf"|\s+(?:(?:with|and|con|com|mit|y|und|et|и)\s+)?(?:the\s+|el\s+)?{TICKER_LABEL}"
    r"(?=\s*[:=]|\s+is\s|\s+(?-i:[A-Z0-9]{2,})\b|\s+\$)"
    r"|\s+(?:description|desc|website|image)\s*[:=]",
    re.IGNORECASE,
)
_LEADING = re.compile(rf"[\s{EMOJI}:=*_-]+")
_QUOTED = re.compile(r"[\"“”«「'‘*]([^\"“”»」\n]{1,64}?)[\"“”»」'’*](?!\w)")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TAIL = re.compile(
    r"(?:\s+(?:(?:with|using|as|under|con|com|mit|avec)(?:\s+(?:the|el|la|o|le))?"
    r"|for (?:me|us)|please|pls|plz|thanks|thx|ty|lfg|stp|svp|bitte|por favor|lütfen))+\Z"
)
"""What leads over from a name to its ticker, and politeness behind it; small letters only."""
_JOINING = frozenset(
    (
        "a",
        "an",
        "and",
        "at",
        "by",
        "de",
        "for",
        "from",
        "in",
        "la",
        "of",
        "on",
        "or",
        "the",
        "to",
        "&",
    )
)


def name_at(text: str) -> str | None:
    """Return the name that begins at the start of *text*, or None where none does.

    It ends at a line break, URL, sentence end, ``|``, dash, colon, comma, bracket, emoji, or the
    next ``@``, ``$`` or ``#``; in CJK text at the first space.
    """
    text = text[:WITHIN]
    lead = _LEADING.match(text)
    rest = text[lead.end() :] if lead else text
    quoted = _QUOTED.match(rest)
    return _tidy(quoted[1] if quoted else _until_end(rest))


def _until_end(rest: str) -> str:
    end = _END.search(rest)
    name = rest[: end.start()] if end else rest
    if _UNSPACED.match(name):
        return name.split(maxsplit=1)[0]
    words = name.split()
    if _runs_on(words):
        return " ".join(_title(words))
    return name


def _runs_on(words: list[str]) -> bool:
    """Whether a name has run into the sentence behind it, with nothing to end it."""
    title = len(_title(words))
    if len(words) > LONG_WORDS:
        return words[0][:1].isupper()
    return title > 1 and len(words) - title > 2 and words[title].lower() not in _JOINING


def _title(words: list[str]) -> list[str]:
    """Return the leading words of a title: capitalised ones, and the small ones between them."""
    last = 0
    for at, word in enumerate(words):
        if word[:1].isupper() or word[:1].isdigit():
            last = at
        elif word.lower() not in _JOINING:
            break
    return words[: last + 1]


def _tidy(name: str) -> str | None:
    tidy = _TAIL.sub("", " ".join(name.split())).strip("\"“”'‘’*_ ")
    return tidy[:NAME_LENGTH].rstrip() if re.search(r"\w", tidy) else None
