"""Finding tokens and posts by text: words, their fragments, a score, and what matched where.

A store looks up candidates by fragments; this module ranks them, so every store ranks alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

MAX_WORDS = 12
"""Words of a query beyond this are not looked at."""
LEAST_SCORE = 0.5
"""What scores less is not an answer."""
_MAX_LETTERS = 64
_WORD = re.compile(r"[^\W_]+")
_EDGE = "\u00b7"  # Marks the beginning of a word in a fragment; no word contains it.


@dataclass(frozen=True, slots=True)
class Field:
    """A text that can be searched, and how much a match in it counts (0 to 1)."""

    text: str
    weight: float


def fold(text: str) -> str:
    """Return *text* as it is compared: compatibility forms, case and accents removed."""
    wide = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in wide if not unicodedata.combining(letter))


def words(text: str) -> tuple[str, ...]:
    """Return the words of *text* in order, folded, each cut to 64 letters.

    >>> words("Lunar-Pulse ＄LUNPU né")
    ('lunar', 'pulse', 'lunpu', 'ne')
    """
    return tuple(word[:_MAX_LETTERS] for word in _WORD.findall(fold(text)))


def fragments(word: str) -> frozenset[str]:
    """Return the pairs of letters of a word, and its first letter as the beginning of a word.

    A word with one typing error shares about half of them with the right one.

    >>> sorted(fragments("kiwi"))
    ['iw', 'ki', 'wi', '·k']
    """
    return frozenset(a + b for a, b in zip(_EDGE + word, word, strict=False))


def begins(query: str, texts: Iterable[str | None]) -> bool:
    """Return whether each word of *query* begins a word of one of *texts*."""
    known = [word for text in texts if text for word in words(text)]
    return all(any(word.startswith(part) for word in known) for part in words(query))


def score(query: str, fields: Mapping[str, Field]) -> float:
    """Return how well *fields* answer *query*: the mean over its words of their best matches.

    1 is every word found as it is in the weightiest field; a word that only begins one, or needs a
    correction, counts less. Two words written as one (or the other way round) match too.
    """
    wanted = words(query)[:MAX_WORDS]
    if not wanted:
        return 0.0
    listed = [(words(field.text), field.weight) for field in fields.values()]
    single = sum(_best(word, listed) for word in wanted) / len(wanted)
    joined = [(("".join(found),), weight) for found, weight in listed if len(found) < MAX_WORDS]
    return max(single, _best("".join(wanted)[:_MAX_LETTERS], joined))


def highlights(query: str, fields: Mapping[str, Field]) -> dict[str, tuple[tuple[int, int], ...]]:
    """Return by field the spans, in code points, of the words that match a word of *query*."""
    wanted = words(query)[:MAX_WORDS]
    found = {name: tuple(_spans(wanted, field.text)) for name, field in fields.items()}
    return {name: spans for name, spans in found.items() if spans}


def _best(word: str, listed: Sequence[tuple[Sequence[str], float]]) -> float:
    return max(
        (_alike(word, other) * weight for others, weight in listed for other in others),
        default=0.0,
    )


def _alike(word: str, other: str) -> float:
    """Return 1 for equal words, up to 0.95 for a beginning, up to 0.85 with typing errors."""
    if word == other:
        return 1.0
    if other.startswith(word):
        return 0.8 + 0.15 * len(word) / len(other)
    errors = _errors_forgiven(word)
    if not errors:
        return 0.0
    distance = min(
        Levenshtein.distance(word, other, score_cutoff=errors),
        # The person may still be typing: the beginning of a longer word, with errors.
        Levenshtein.distance(word, other[: len(word)], score_cutoff=errors) + 0.5,
    )
    return 0.0 if distance > errors + 0.5 else 0.9 - 0.3 * distance / errors / 2


def _errors_forgiven(word: str) -> int:
    return 0 if len(word) < 3 else 1 if len(word) < 6 else 2


def _spans(wanted: Sequence[str], text: str) -> Iterable[tuple[int, int]]:
    """Yield where words of *text* match; words are found before folding, so spans hold in it."""
    for match in _WORD.finditer(text):
        if any(_alike(word, folded) for word in wanted for folded in words(match.group())):
            yield match.span()
