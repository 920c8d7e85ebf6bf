"""The model's scores and the words of a text -> its class, with the reasons."""

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from domain.posts.analysis.classes import OTHER, PROTOTYPES
from domain.posts.analysis.keywords import Hit, hits, weights

WORD = 0.1
"""What a word adds to a model's score, a cosine; fixed before any of the figures was taken."""
WORDS_MOST = 2.0
FOREIGN_WORD = 0.25
"""The same where the model cannot read the language: words are nearly all there is."""
JOKE = 0.12
"""What a launch without a word on a project gains as a meme."""
JOKE_BELOW = 0.35
PROJECT_FROM = 0.30
MARGIN = 0.10
"""How much more a post without a command must sound like a project than like chatter."""
TEMPERATURE = 0.05
"""Of the softmax. At this one, of real project texts 0.81 have a score that is right in 0.80."""

_LETTERS = re.compile(r"\w{2,}")


class Evidence(NamedTuple):
    """What is known of a text before it is classed.

    ``model``: cosine per class, None without a model; ``chatter``: that to posts about nothing.
    ``about_project``: it describes one for certain, as the document of a token does.
    """

    text: str
    is_english: bool
    is_launch: bool
    is_spam: bool
    model: Mapping[str, float] | None = None
    chatter: float = 0.0
    about_project: bool = False


class Verdict(NamedTuple):
    """``scores``: 0 to 1, they sum to 1, highest first; ``points`` before that, by class."""

    category: str
    scores: Mapping[str, float]
    points: Mapping[str, float]
    words: tuple[Hit, ...]


def verdict(evidence: Evidence, classes: frozenset[str] | None = None) -> Verdict:
    """Return the class of a text; *classes*: choose among these only, and never ``other``."""
    words = tuple(hits(evidence.text))
    points = _points(evidence, weights(list(words)))
    if classes is not None:
        points = {name: value for name, value in points.items() if name in classes}
    scores = dict(sorted(softmax(points).items(), key=lambda item: -item[1]))
    best = next(iter(scores))
    is_other = classes is None and _is_other(evidence, points[best], found=bool(words))
    return Verdict(OTHER if is_other else best, scores, points, words)


def softmax(points: Mapping[str, float]) -> dict[str, float]:
    """Return shares that sum to 1."""
    top = max(points.values())
    raised = {name: math.exp((value - top) / TEMPERATURE) for name, value in points.items()}
    total = sum(raised.values())
    return {name: value / total for name, value in raised.items()}


def _points(evidence: Evidence, words: Mapping[str, float]) -> dict[str, float]:
    per_word = WORD if evidence.is_english else FOREIGN_WORD
    model = evidence.model or {}
    points = {
        name: model.get(name, 0.0) + per_word * min(words.get(name, 0.0), WORDS_MOST)
        for name in PROTOTYPES
    }
    if evidence.is_launch and not words and max(points.values()) < JOKE_BELOW:
        points["meme"] += JOKE
    return points


def _is_other(evidence: Evidence, best: float, *, found: bool) -> bool:
    if not _LETTERS.search(evidence.text):
        return True
    if evidence.is_launch:
        return False
    if evidence.about_project:
        return best <= 0
    if evidence.model is None:
        return not found or evidence.is_spam
    weak = best < PROJECT_FROM or best - evidence.chatter < MARGIN
    return evidence.is_spam or not found or weak
