"""The text of a post as it is read: unescaped, one width, nothing invisible, NFC."""

import html
import re
import unicodedata

LONGEST = 25_000
"""Characters of the longest post of X."""
ESCAPED = 5
"""Characters of an escaped one, at most."""

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INVISIBLE = re.compile(
    "[\ud800-\udfff\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
"""Also halves of surrogate pairs, which no encoding takes."""
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")


def unescape(text: str) -> str:
    """Return the text as its author wrote it; X escapes ``&``, ``<`` and ``>``."""
    return html.unescape(text)


def normalise(text: str) -> str:
    """Return *text* as the grammar reads it: ASCII width, no invisible characters, NFC.

    Of a longer text the first 25,000 characters. NFC and not NFKC: the latter would rewrite kana,
    Hangul and emoji.
    """
    narrow = unescape(text[: ESCAPED * LONGEST])[:LONGEST].translate(_WIDE)
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", _INVISIBLE.sub("", narrow)))
