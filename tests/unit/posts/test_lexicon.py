"""Many patterns over one text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posts.analysis.features import _PATTERNS
from domain.posts.analysis.scams import _SIGNALS
from domain.posts.analysis.spans import lower
from domain.posts.lexicon import Lexicon, first_characters

NAMED = {**_PATTERNS, **{name: patterns for name, (_, patterns) in _SIGNALS.items()}}
ALL = {name: re.compile("|".join(patterns)) for name, patterns in NAMED.items()}
LEXICON = Lexicon(NAMED)
PIECES = st.sampled_from(
    (
        *" \n.,!?:/$@'-_",
        *("claim", "https://a.io", "live", "12", "2.1k", "users", "seed phrase", "buy back"),
        *("audited", "dm", "t.me/vip", "is", "first 100 only", "İ", "ß", "official", "✅"),
    )
)


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        ("seed", "s"),
        ("(?:a|be|(?:c|d)e) x", "abcd"),
        ("(?<!no )(?<!x)road|map", "rm"),
        ("a?b", None),
        ("(?:a|b)?c", None),
        (r"\d+x", None),
        ("[ab]c", None),
        ("(?:a|[|(]b)c", None),
    ],
)
def test_first_characters(pattern: str, begins: str | None) -> None:
    """A pattern begins with a character of its branches, or with any where one cannot tell."""
    assert (None if begins is None else frozenset(begins)) == first_characters(pattern)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_it_finds_what_the_patterns_find_where_words_begin(text: str) -> None:
    """It is the same as trying every pattern at every character behind no letter or digit."""
    lowered = lower(text)
    wanted = [
        (name, match.span())
        for at, char in enumerate(lowered)
        if not char.isspace() and not re.match(r"\w", lowered[at - 1 : at])
        for name, pattern in ALL.items()
        if (match := pattern.match(lowered, at))
    ]

    assert sorted(wanted) == sorted((n, m.span()) for n, m in LEXICON.matches(lowered))
