"""Finding tokens and posts by text: words, their fragments, a score, and what matched where.

A store looks up candidates by fragments; this module ranks them, so every store ranks alike.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

MAX_WORDS = 12
"""Words of a query beyond this are not looked at."""
LEAST_SCORE = 0.5
"""What scores less is not an answer."""
_LEAST_LETTERS = 4
_TWO_ERRORS = 8
"""One typing error is forgiven in words of 4 letters, two in words of 8; none in the first."""
_ANY_ORDER = 0.99  # Words in the order asked for are a little better than in another.
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Field:
    """A text that can be searched, and how much a match in it counts (0 to 1).

    ``forgiving``: typing errors are forgiven. In scripts that write words together the inside of
    a word is a match, too.
    """

    text: str
    weight: float
    forgiving: bool = False


def fold(text: str) -> str:
    """Return *text* as it is compared: compatibility forms, case and accents removed."""
    if text.isascii():
        return text.lower()
    wide = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in wide if not unicodedata.combining(letter))


def words(text: str) -> tuple[str, ...]:
    """Return the words of *text* in order, folded.

    >>> words("Lunar-Pulse $LUNPU né")
    ('lunar', 'pulse', 'lunpu', 'ne')
    """
    return tuple(_WORD.findall(fold(text)))


def fragments(word: str) -> frozenset[str]:
    """Return the fragments under which a word is filed: pairs of letters, led by its first one.

    In scripts that write words together the pairs stand alone, since any letter may begin a word.

    >>> sorted(fragments("kiwi"))
    ['k', 'kiw', 'kki', 'kwi']
    """
    pairs = frozenset(a + b for a, b in itertools.pairwise(word))
    return frozenset(word[0] + pair for pair in pairs) | {word[0]} if word.isascii() else pairs


def wanted_fragments(word: str) -> frozenset[str]:
    """Return the fragments by which to look for a word and what is forgiven as it.

    A word with as many errors as are forgiven shares at least one of them with the right word;
    of four letters only the first may be left, under which much is filed.
    """
    if not word.isascii() or len(word) <= _LEAST_LETTERS:
        return fragments(word)
    return fragments(word) - {word[0]}


def indexed_fragments(fields: Iterable[Field]) -> frozenset[str]:
    """Return the fragments by which a store must find a document with these fields."""
    return frozenset(
        fragment
        for field in fields
        for word in words(field.text)
        if field.forgiving or not word.isascii()
        for fragment in fragments(word)
    )


def begins(query: str, texts: Iterable[str | None]) -> bool:
    """Return whether each word of *query* begins a word of one of *texts*."""
    known = [word for text in texts if text for word in words(text)]
    return all(any(word.startswith(part) for word in known) for part in words(query))


def score(query: str, fields: Mapping[str, Field]) -> float:
    """Return how well *fields* answer *query*: the mean over its words of their best matches.

    1 is every word found as it is in the weightiest field; a word that only begins one, or needs a
    correction, counts less. Words written as one, or one written as two, match too. 3 decimals.
    """
    wanted = words(query)[:MAX_WORDS]
    if not wanted:
        return 0.0
    listed = [(words(field.text), field) for field in fields.values()]
    single = sum(_best(word, listed) for word in wanted) / len(wanted)
    together = [(("".join(found),), field) for found, field in listed if field.forgiving]
    return round(
        max(single * (_ANY_ORDER if wanted[1:] else 1), _best("".join(wanted), together)), 3
    )


def highlights(query: str, fields: Mapping[str, Field]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return by field the spans, in code points, of the words that match a word of *query*."""
    wanted = words(query)[:MAX_WORDS]
    found = {name: tuple(_spans(wanted, field)) for name, field in fields.items()}
    return {name: spans for name, spans in found.items() if spans}


def _best(word: str, listed: Iterable[tuple[Sequence[str], Field]]) -> float:
    return max(
        (
            _alike(word, other, forgiving=field.forgiving) * field.weight
            for others, field in listed
            for other in others
        ),
        default=0.0,
    )


def _alike(word: str, other: str, *, forgiving: bool) -> float:
    """Return 1 for equal words, above 0.8 for a beginning or an inside, less with typing errors."""
    if word == other:
        return 1.0
    if other.startswith(word):
        return 0.8 + 0.15 * len(word) / len(other)
    if not word.isascii() and len(word) > 1 and word in other:
        return 0.9
    if not forgiving or len(word) < _LEAST_LETTERS or word[0] != other[0]:
        return 0.0
    return _nearly(word, other) if word.isascii() == other.isascii() else 0.0


def _nearly(word: str, other: str) -> float:
    """Return up to 0.85 for a word with typing errors, less for the beginning of one."""
    errors = 1 if len(word) < _TWO_ERRORS else 2
    whole = OSA.distance(word, other, score_cutoff=errors)
    # The person may still be typing: the beginning of a longer word, with errors.
    start = OSA.distance(word, other[: len(word)], score_cutoff=errors)
    distance = min(whole, start + 0.5)
    return 0.0 if min(whole, start) > errors else 0.85 - 0.15 * (distance - 1)


def _spans(wanted: Sequence[str], field: Field) -> Iterable[tuple[int, int]]:
    """Yield where words of a field match; they are found before folding, so spans hold in it."""
    for match in _WORD.finditer(field.text):
        if any(
            _alike(word, other, forgiving=field.forgiving)
            for word in wanted
            for other in words(match.group())
        ):
            yield match.span()
