"""How a backfill looks to a person: a bar while it runs."""

import sys
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.cursor import SourceCursor
from streams.sources.solana.backfill import Span


class BackfillBar:
    """A bar of the slots that are complete, where there is a terminal for it."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._bar = Progress(
            TextColumn("Backfilling"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("slots", total=span.last - span.first + 1)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def hear(self, cursor: SourceCursor) -> None:
        """Show how far it is."""
        done = min(cursor.through, self._span.last) - self._span.first + 1
        self._bar.update(self._task, completed=max(0, done))
