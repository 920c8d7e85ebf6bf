"""Frames of the live chain -> journal, Kafka, and the cursor behind what is safe there."""

import asyncio
from collections import deque
from typing import NamedTuple

from schemas.cursor import SourceCursor
from schemas.fields import Slot
from streams.sources.cursors import CursorWriter
from streams.sources.frames import Cursor, Frame, Position
from streams.sources.journal import Journal
from streams.sources.pausing import pause
from streams.sources.publisher import Publisher, Settled
from streams.sources.solana.desk import Desk

LOOK_S = 0.25
JOURNAL_SLOTS = 150
"""Slots without anything of ours after which the journal is told all the same: a minute."""


class Mark(NamedTuple):
    """Where the raw topic ended when nothing of later slots than ``head`` had been published."""

    head: Slot
    offsets: dict[int, int]


class Outlet:
    """Publishes what is on a desk, in order; ``settled`` is to hear of each frame that is safe."""

    def __init__(
        self,
        desk: Desk,
        publisher: Publisher,
        journal: Journal,
        cursors: CursorWriter,
        *,
        doubtful: Slot,
        offsets: dict[int, int],
        nodes: tuple[str, ...],
    ) -> None:
        self._desk, self._publisher = desk, publisher
        self._journal, self._cursors = journal, cursors
        self._journaled: Slot = 0
        self._doubtful, self._offsets, self._nodes = doubtful, offsets, nodes
        self._marks = deque[Mark]()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until *stop*; cancelled, it would lose the frame that it is about to publish.

        Raises:
            BtrackerError: Kafka did not take a record.
        """
        while not stop.is_set():
            await self.flush()
            await pause(self._desk.has_news, LOOK_S)

    async def flush(self) -> None:
        """Publish what there is; when it is all there was, wait until it is safe."""
        while frame := self._desk.frame():
            await self._publisher.hand_on(frame, self._keep)
        if not self._desk.has_news.is_set():
            await self._publisher.drain()

    def _keep(self, frame: Frame) -> Position | None:
        return self._journal.append(frame) if self._is_worth_it(frame) else None

    def _is_worth_it(self, frame: Frame) -> bool:
        """Say whether a frame goes into the journal: most have nothing but a later cursor."""
        slot = frame.cursor.slot
        if not frame.entries and slot < self._journaled + JOURNAL_SLOTS:
            return False
        self._journaled = slot
        return True

    def settled(self, frame: Settled) -> None:
        """Take note that all up to a frame is in Kafka."""
        cursor = frame.cursor
        while self._marks and self._marks[0].head <= cursor.slot:
            self._offsets = self._marks.popleft().offsets
        # Somebody before us may have published of slots that we have not heard of.
        head = max(cursor.line_slot, self._doubtful)
        if self._marks and self._marks[-1].head == head:
            self._marks.pop()
        self._marks.append(Mark(head, dict(self._publisher.reached)))
        self.note(cursor)

    def note(self, cursor: Cursor) -> None:
        """Let a cursor be written."""
        self._cursors.note(
            SourceCursor(
                through=cursor.slot,
                time=cursor.time,
                published=cursor.chain.seen,
                offsets=self._offsets,
                nodes=self._nodes,
                cluster=cursor.cluster,
            )
        )
