"""A labelled file and its readings -> how good these are, beside what needs no reading at all."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from domain.posts.analysis.classes import OTHER
from domain.posts.analysis.keywords import hits, weights
from domain.posts.analysis.plain import plain
from language.engines import Choice
from language.figures import (
    Pairs,
    accuracy,
    by_class,
    interval,
    large,
    macro_f1,
    rates,
    ratio,
)
from language.labelled import CLASSES, Labelled, Row
from language.reader import Reader, Reading

Judged = Sequence[tuple[Row, Reading]]


def evaluate(labelled: Labelled, choice: Choice, **options: Any) -> dict[str, Any]:
    """Return the figures of a file as they are printed.

    Rows of projects have a class for certain, one of the file's: among these the reader chooses.
    """
    closed = None if labelled.is_posts else _labels(labelled) & CLASSES
    reader = Reader(choice, classes=closed or None, **options)
    began = time.process_time()
    readings = reader.read_all([row.said for row in labelled.rows])
    spent = time.process_time() - began
    judged = list(zip(labelled.rows, readings, strict=True))
    parts = _posts(judged) if labelled.is_posts else {}
    return {
        **parts,
        "category": _category([pair for pair in judged if pair[0].category], closed=closed),
        "n": len(judged),
        "engine": reader.engine,
        "version": reader.version,
        "postsPerSecond": round(len(judged) / spent, 1),
    }


def _labels(labelled: Labelled) -> frozenset[str]:
    return frozenset(row.category for row in labelled.rows if row.category)


def _posts(judged: Judged) -> dict[str, Any]:
    spam = [(row, reading) for row, reading in judged if row.spam is not None]
    mints = [row.mints == reading.mints for row, reading in judged if row.mints is not None]
    return {
        "command": _command(judged),
        "mints": {"exact": ratio(sum(mints), len(mints)), "n": len(mints)},
        "spam": _spam(spam),
        "language": _language(judged),
        "features": _features(judged),
    }


def _command(judged: Judged) -> dict[str, Any]:
    both = [(row, reading) for row, reading in judged if row.asks and reading.is_launch]
    found, there = sum(r.is_launch for _, r in judged), sum(row.asks for row, _ in judged)
    named = [(row.command, r.command) for row, r in both if row.command and r.command]
    tickers = [(a.ticker or "").upper() == (b.ticker or "") for a, b in named]
    names = [(a.name or "") == (b.name or "") for a, b in named]
    said = rates(len(both), found, there)
    outcomes = [(row.asks, reading.is_launch) for row, reading in judged]
    return {
        "precision": said.precision,
        "recall": said.recall,
        "tickerExact": ratio(sum(tickers), len(tickers)),
        "nameExact": ratio(sum(names), len(names)),
        "falseLaunches": found - len(both),
        "n": there,
        "precisionInterval": interval(outcomes, lambda some: _share(some, 1)),
        "recallInterval": interval(outcomes, lambda some: _share(some, 0)),
    }


def _share(outcomes: Sequence[tuple[bool, bool]], of: int) -> float:
    """Return how many of those whose member *of* is true are true in both; 1 of none."""
    whole = [outcome for outcome in outcomes if outcome[of]]
    return sum(map(all, whole)) / len(whole) if whole else 1.0


def _spam(judged: Judged) -> dict[str, Any]:
    right = sum(bool(row.spam) and reading.is_spam for row, reading in judged)
    found, there = sum(r.is_spam for _, r in judged), sum(bool(row.spam) for row, _ in judged)
    return {**rates(right, found, there)._asdict(), "n": there}


def _language(judged: Judged) -> dict[str, Any]:
    pairs = [(row.lang, reading.language) for row, reading in judged if row.lang]
    other = [pair for pair in pairs if pair[0] != "en"]
    return {
        "accuracy": round(accuracy(pairs), 4) if pairs else None,
        "notEnglish": round(accuracy(other), 4) if other else None,
        "n": len(pairs),
    }


def _features(judged: Judged) -> dict[str, Any]:
    there: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row, reading in judged:
        if row.features is not None:
            labels, read = set(row.features), {one.name for one in reading.features}
            there.update(labels)
            found.update(read)
            right.update(labels & read)
    return {
        name: {**rates(right[name], found[name], count)._asdict(), "n": count}
        for name, count in sorted(there.items())
    }


def _category(judged: Judged, *, closed: frozenset[str] | None) -> dict[str, Any]:
    pairs = [(row.category or "", reading.verdict.category) for row, reading in judged]
    if not pairs:
        return {}
    chosen = large(pairs)
    usual = Counter(label for label, _ in pairs).most_common(1)[0][0]
    words = [(row.category or "", _by_words(r, closed=closed)) for row, r in judged]
    return {
        "macroF1": round(macro_f1(pairs, chosen), 4),
        "accuracy": round(accuracy(pairs), 4),
        "classes": {
            name: {**said._asdict(), "n": count} for name, (count, said) in by_class(pairs).items()
        },
        "macroF1Interval": interval(pairs, lambda some: macro_f1(some, chosen)),
        "accuracyInterval": interval(pairs, accuracy),
        "top3": ratio(sum(_among(row, reading) for row, reading in judged), len(judged)),
        "choice": "labels of the file" if closed else "all classes",
        "baselines": {
            "majority": _baseline([(label, usual) for label, _ in pairs], chosen),
            "keywords": _baseline(words, chosen),
        },
    }


def _baseline(pairs: Pairs, chosen: Sequence[str]) -> dict[str, float]:
    return {
        "macroF1": round(macro_f1(pairs, chosen), 4),
        "accuracy": round(accuracy(pairs), 4),
    }


def _by_words(reading: Reading, *, closed: frozenset[str] | None) -> str:
    """Return the class with the most words, ``other`` where there is no word."""
    found = weights(hits(plain(reading.text)))
    allowed = {name: n for name, n in found.items() if closed is None or name in closed}
    return max(allowed, key=lambda name: allowed[name]) if allowed else OTHER


def _among(row: Row, reading: Reading) -> bool:
    return row.category in (reading.verdict.category, *list(reading.verdict.scores)[:3])
