"""The text that the grammar reads."""

import pytest

from domain.posts.normalise import LONGEST, normalise
from domain.posts.tickers import cashtags


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("R&amp;D &lt;now&gt;", "R&D <now>"),
        ("\uff04FULLW\u3000\uff0b Full", "$FULLW + Full"),
        ("$MO\u200bON\u200f\ufeff", "$MOON"),
        ("Lumie\u0300re", "Lumi\u00e8re"),
        ("\u30bf\u30cc\u30ad \uff76", "\u30bf\u30cc\u30ad \uff76"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("a\ud800b\udfff", "ab"),
    ],
)
def test_unescaped_narrow_visible_composed(text: str, read: str) -> None:
    """Escapes, full width, invisible characters, decomposed letters are undone; kana stay."""
    assert read == normalise(text)


def test_cashtags_are_words_and_not_amounts() -> None:
    """Letters of any script and digits count; money does not, nor what stands in a word."""
    text = "$moon $C0FFEE $\u041d\u041e\u0420\u0410 $20 $60k $1.4m $100x A$AP $MOON"

    assert ("MOON", "C0FFEE", "\u041d\u041e\u0420\u0410") == cashtags(text)


def test_of_long_texts_the_beginning_is_read() -> None:
    """X's posts have up to 25,000 characters, escaped ones up to five times as many."""
    assert "a" * LONGEST == normalise("a" * 10_000_000)
    assert "&" * LONGEST == normalise("&amp;" * 3 * LONGEST)
