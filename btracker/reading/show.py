"""A reading for people, in colour, and as one JSON object."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.posts.analysis.scams import score
from domain.posts.analysis.spans import Found
from domain.posts.tickers import TICKER
from language.reader import TOP, Reading

_MARKS = ((r"@\w+", "cyan"), (f"(?i){TICKER}", "bold green"), (r"https?://\S+", "blue underline"))
TIERS = {
    "A": "a full form",
    "B": "a loose form",
    "C": "half a command",
}


def as_object(reading: Reading) -> dict[str, Any]:
    """Return all of a reading but its vector."""
    return {
        "text": reading.text,
        "command": msgspec.to_builtins(reading.command),
        "isLaunch": reading.is_launch,
        "handles": reading.handles,
        "cashtags": reading.cashtags,
        "mints": reading.mints,
        "links": reading.links,
        "project": msgspec.to_builtins(reading.project),
        "signals": [_found(reading, one) | {"weight": one.weight} for one in reading.signals],
        "scores": {name: round(value, 4) for name, value in reading.verdict.scores.items()},
        "words": [{"category": hit.category, "word": hit.word} for hit in reading.verdict.words],
    }


def show(reading: Reading) -> None:
    """Print a reading to a terminal."""
    console = Console()
    console.print(_marked(reading))
    console.print()
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _lines(reading):
        table.add_row(Text(name, style="dim"), value)
    console.print(table)


def _marked(reading: Reading) -> Text:
    text = Text(reading.text)
    for pattern, style in _MARKS:
        text.highlight_regex(pattern, style)
    for one in reading.features:
        text.stylize("yellow", one.start, one.end)
    for one in reading.signals:
        text.stylize("bold red", one.start, one.end)
    return text


def _lines(reading: Reading) -> Iterator[tuple[str, Text]]:
    command = reading.command
    if command is None:
        yield "command", Text("none")
    else:
        style = "green" if reading.is_launch else "yellow"
        tier = f"tier {command.tier}, {TIERS[command.tier]}, {command.confidence:.2f}"
        said = f"{command.launcher}: {command.ticker or '-'} / {command.name or '-'} ({tier})"
        yield "command", Text(said if reading.is_launch else f"{said}: does not count", style)
    for number, (name, share) in enumerate(list(reading.verdict.scores.items())[:TOP]):
        words = [hit.word for hit in reading.verdict.words if hit.category == name]
        why = f"model and words {reading.verdict.points[name]:.2f}"
        yield (
            "" if number else "category",
            Text(f"{name} {share:.0%}  ({why}; {', '.join(words) or 'no words'})"),
        )
    if reading.verdict.category not in reading.verdict.scores:
        yield "", Text(f"taken for {reading.verdict.category}: no project to speak of", "yellow")
    for one in reading.features:
        yield "feature", Text(f"{one.name}: “{_words(reading, one)}”", "yellow")
    for one in reading.signals:
        yield "signal", Text(f"{one.name} +{one.weight}: “{_words(reading, one)}”", "red")
    verdict = "counts as spam" if reading.is_spam else "no spam"
    yield "spam", Text(f"{score(reading.signals):.1f}, {verdict}")
    yield "mints", Text(", ".join(reading.mints) or "none")
    yield "language", Text(reading.language)
    yield "sentiment", Text(f"{reading.sentiment:+.2f} (weak evidence)")
    degraded = " (degraded: no model)" if reading.vector is None else ""
    yield "read by", Text(f"{reading.engine} {reading.version}{degraded}", "dim")


def _found(reading: Reading, one: Found) -> dict[str, Any]:
    return {"name": one.name, "span": (one.start, one.end), "text": _words(reading, one)}


def _words(reading: Reading, one: Found) -> str:
    return reading.text[one.start : one.end]
