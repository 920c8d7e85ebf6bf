"""A reader off the event loop: one thread, a few texts at a time, the model opened at the first."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Literal

from language.engines import Choice
from language.reader import Reader, Reading, Text
from language.wordings import Failed

AT_ONCE = 8
"""Texts that are read before the loop is heard again: 0.1 s with the model."""
REMEMBERED = 1_000
"""A token's post is read when it comes, and asked for again when its token does."""


class Desk:
    """Reads texts for one event loop. What waits, waits where it came from: nothing is queued."""

    def __init__(self, choice: Choice | Literal["nothing"], head: Path | None) -> None:
        self._choice: Choice = "keywords" if choice == "nothing" else choice
        self._head = head
        self._thread = ThreadPoolExecutor(1, "reader")
        self._read = lru_cache(REMEMBERED)(self._read_now)
        self._reader: Reader | None = None

    async def read(self, texts: Sequence[Text | None]) -> list[Reading | Failed | None]:
        """Return a reading of each text, or what it made us fail with; None of None."""
        loop, found = asyncio.get_running_loop(), list[Reading | Failed | None]()
        for at in range(0, len(texts), AT_ONCE):
            some = self._attempted(texts[at : at + AT_ONCE])
            found += await loop.run_in_executor(self._thread, list, some)
        return found

    def _attempted(self, texts: Sequence[Text | None]) -> Iterator[Reading | Failed | None]:
        for text in texts:
            try:
                yield None if text is None else self._read(text)
            except Exception as error:  # noqa: BLE001  # It is pinned on the text.
                yield Failed(error)

    def _read_now(self, text: Text) -> Reading:
        if self._reader is None:
            self._reader = Reader(self._choice, head=self._head)
        return self._reader.read(text)
