"""How a replay looks to a person: a bar while it runs, a sentence when it has ended."""

import sys
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.topics import DLQ_SUFFIX, RAW_CHAIN, RAW_X
from streams.sources.frames import Cursor


class ReplayBar:
    """A bar of the chain lines replayed, where there is a terminal for it."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("Replaying"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            disable=not sys.stdout.isatty(),
        )
        self._task = self._bar.add_task("lines", total=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def hear(self, cursor: Cursor, lines: int | None) -> None:
        """Show how far the replay is."""
        self._bar.start()
        self._bar.update(self._task, completed=cursor.chain.seen, total=lines)


def told(cursor: Cursor) -> str:
    """Return what a replay has done, in a sentence or two."""
    chain, posts = cursor.chain, cursor.posts
    sent = (
        f"Replayed {chain.seen - chain.broken:,} transactions, {posts.seen - posts.broken:,} posts "
        f"and {cursor.documents:,} documents."
    )
    broken = [
        f"Broken lines: {tally.broken:,}, now in {topic.name}{DLQ_SUFFIX}."
        for tally, topic in ((chain, RAW_CHAIN), (posts, RAW_X))
        if tally.broken
    ]
    return " ".join([sent, *broken])
