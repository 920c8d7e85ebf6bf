"""A whole rebuild: a fresh store beside the old one, compared, and put into its place."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from btracker.audit.store import Stated, end_of, stated_by
from btracker.rebuild.beside import Beside, beside
from btracker.rebuild.comparison import Comparison, Kind
from btracker.rebuild.refill import TOPICS, Refill, Spans
from domain.errors import UnreadableError, UnusableStoreError
from schemas.base import Record
from schemas.kafka import Kafka
from schemas.topics import EVENTS, PROGRESS
from streams import epochs
from streams.log import Log, Span, open_log
from views.index.reading import NOUNS, Noun, read
from views.replacing import Replaceable
from views.scan import documents
from views.writes import Batch, Document, Write

LOOK_S = 0.2

Hear = Callable[[str, int], None]
"""Is told how many records there are to be read in ``all``, and how many were ``read``."""


class Rebuilt(Record, frozen=True, kw_only=True, rename="camel"):
    """What a rebuild found. ``was_there``: there was a store to compare with.

    ``set_aside`` is where one is kept now that could not be read, and so not be compared.
    """

    kinds: tuple[Kind, ...]
    was_there: bool
    notes: tuple[str, ...] = ()
    set_aside: str | None = None

    @property
    def is_equal(self) -> bool:
        """Whether nothing was other than it should be."""
        differs = self.was_there and any(kind.different for kind in self.kinds)
        return not differs and self.set_aside is None


async def run_rebuild(
    kafka: Kafka, store: str, *, trade_days: int, wait_s: float, hear: Hear
) -> Rebuilt:
    """Make the store anew from the topics and put it into the place of the old one if they differ.

    The old one answers all the while; the index process waits while they are compared. A store
    that has yet to say how far it is gets *wait_s* seconds for that. One that is damaged or of
    another version is set aside.

    Raises:
        UsageError: it cannot be rebuilt, somebody else rebuilds it, or Kafka has no topics.
        StoreError: the store cannot be opened.
        BtrackerError: Kafka does not answer.
    """
    async with open_log(kafka) as log, beside(store, trade_days=trade_days) as stores:
        rebuild = Rebuild(log, await epochs.known(kafka), stores.fresh, hear)
        await rebuild.fill()
        try:
            return await _put_in_place(rebuild, stores, wait_s=wait_s)
        except UnusableStoreError as error:
            if stores.set_aside is None:
                raise
            aside = stores.set_aside()
            made = await _put_in_place(rebuild, stores._replace(was_there=False), wait_s=0)
            return replace(made, notes=(str(error), *made.notes), set_aside=str(aside))


async def _put_in_place(rebuild: "Rebuild", stores: Beside, *, wait_s: float) -> Rebuilt:
    """Compare the old store, if one was there, and make it what the topics say."""
    was_there = stores.was_there
    async with stores.old() as old:
        if was_there:
            await old.check()
        stated = await rebuild.stated(old, wait_s=wait_s if was_there else 0)
        async with old.alone():
            kinds, notes = await rebuild.compare(old, stated)
            found = Rebuilt(kinds=kinds, was_there=was_there, notes=notes if was_there else ())
            if not (was_there and found.is_equal):
                await rebuild.replace(old)
        return found


class Rebuild:
    """A fresh store while it is made."""

    def __init__(self, log: Log, epochs: Mapping[str, int], fresh: Replaceable, hear: Hear) -> None:
        self._log, self._epochs, self._fresh, self._hear = log, epochs, fresh, hear
        self._refill = Refill(log, epochs, lambda count: hear("read", count))
        self._spans: Spans = {}

    async def fill(self) -> None:
        """Write all that the topics have."""
        self._spans = await self._now()
        self._hear("all", sum(span.end - span.start for span in self._spans.values()))
        await self._refill.fill(self._fresh, self._spans)

    async def stated(self, old: Replaceable, *, wait_s: float) -> Stated:
        """Return what the old store says of itself, once it says something of every topic."""
        until = time.monotonic() + wait_s
        while True:
            stated = stated_by(self._epochs, await old.progress())
            if not self._unstated(stated) or time.monotonic() >= until:
                return stated
            await asyncio.sleep(LOOK_S)

    async def compare(
        self, old: Replaceable, stated: Stated
    ) -> tuple[tuple[Kind, ...], tuple[str, ...]]:
        """Bring both stores to the end of the topics, then return how they differ.

        What *old* does not yet claim to have is written into it, as the index process would.
        """
        now = await self._now()
        behind = {
            place: Span(max(span.start, end), span.end)
            for place, span in now.items()
            if (end := end_of(stated, place)) is not None
        }
        ahead = {place: Span(self._spans[place].end, span.end) for place, span in now.items()}
        await self._refill.fill(old, behind)
        await self._refill.fill(self._fresh, ahead)
        self._spans = now
        nouns = [noun for noun in NOUNS if noun.topic is not PROGRESS]
        kinds = [await Comparison(noun).run(old, self._fresh, self._is_older) for noun in nouns]
        notes = [
            f"The store never said how much of {topic} it has, so all of it was compared."
            for topic in sorted(self._unstated(stated))
        ]
        return tuple(kinds), tuple(notes)

    async def replace(self, old: Replaceable) -> None:
        """Put the fresh store into the place of the old one, which says how far it is."""
        said = [write async for one in documents(old, "progress") if (write := _progress(one))]
        if said:
            await self._fresh.write(Batch(progress=said))
        else:
            await self._refill.fill_progress(self._fresh, self._spans)
        await old.become(self._fresh)

    def _is_older(self, noun: Noun, document: Document) -> bool:
        """Say whether a document is from before all that its topic still has."""
        topic = noun.topic.name
        starts = [span.start for place, span in self._spans.items() if place[0] == topic]
        # Of what is marked deleted the tombstone goes after a while.
        if document.body is None:
            return True
        # Tokens, minutes and balances are versions of the events that told them.
        floor = self._epochs[EVENTS.name] if noun.version else self._epochs[topic] + max(starts)
        return document.version < floor

    def _unstated(self, stated: Stated) -> set[str]:
        return {
            place[0]
            for place, span in self._spans.items()
            if span.end > span.start and end_of(stated, place) is None
        }

    async def _now(self) -> Spans:
        return await self._log.spans(self._log.places(TOPICS))


def _progress(document: Document) -> Write[Any] | None:
    """Return a progress record as a write, None where it cannot be read."""
    try:
        return read(PROGRESS.name, None, document.body or b"", at=document.version)
    except UnreadableError:
        return None
