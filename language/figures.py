"""Labels and what was read -> figures of quality, with intervals by the bootstrap."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
SAMPLES = 1_000
SEED = 20_261_128
FEWEST = 5
"""A class with fewer examples says nothing, so it is left out of a mean over classes."""

Pairs = Sequence[tuple[str, str]]
"""Label and what was read, one per row."""


class Rates(NamedTuple):
    """Of one kind of thing: how many found are right, and how many of what there is are found."""

    precision: float | None
    recall: float | None
    f1: float | None


def rates(right: int, found: int, there: int) -> Rates:
    """Return the rates of *right* among *found* and *there*; None where there is nothing."""
    return Rates(ratio(right, found), ratio(right, there), ratio(2 * right, found + there))


def ratio(part: int, whole: int) -> float | None:
    """Return a share to four places, None of nothing."""
    return round(part / whole, 4) if whole else None


def by_class(pairs: Pairs) -> dict[str, tuple[int, Rates]]:
    """Return, per label, how many there are and its rates."""
    there = Counter(label for label, _ in pairs)
    found = Counter(read for _, read in pairs)
    right = Counter(label for label, read in pairs if label == read)
    return {
        name: (count, rates(right[name], found[name], count))
        for name, count in sorted(there.items())
    }


def macro_f1(pairs: Pairs, classes: Sequence[str] | None = None) -> float:
    """Return the mean F1 over *classes*; over those with at least 5 examples if not given."""
    known = by_class(pairs)
    chosen = large(pairs) if classes is None else classes
    scores = [known[name][1].f1 or 0.0 for name in chosen if name in known]
    return sum(scores) / len(scores) if scores else 0.0


def large(pairs: Pairs) -> list[str]:
    """Return the classes with enough examples."""
    return [name for name, (count, _) in by_class(pairs).items() if count >= FEWEST]


def accuracy(pairs: Pairs) -> float:
    """Return the share of pairs that agree."""
    return sum(label == read for label, read in pairs) / len(pairs) if pairs else 0.0


def interval(rows: Sequence[T], figure: Callable[[Sequence[T]], float]) -> tuple[float, float]:
    """Return the 95 % interval of *figure*, by drawing *rows* anew 1,000 times, always alike."""
    draw = np.random.default_rng(SEED)
    drawn = (
        figure([rows[at] for at in draw.integers(0, len(rows), len(rows))]) for _ in range(SAMPLES)
    )
    low, high = np.percentile(list(drawn), (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)
