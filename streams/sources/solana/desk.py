"""Where everything that nodes tell comes together: what goes out, and how far all is complete.

Streams are quick and may miss anything; blocks that follow each other miss nothing. So what streams
tell goes out at once, and each confirmed block then says the rest: what was missed, what stands at
another place, what was never confirmed. Only behind the blocks the clock may pass.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from domain.signatures import Kind
from schemas.fields import ChainTime, Signature, Slot
from streams.sources.frames import Cursor, Entry, Frame, Tally, Tick
from streams.sources.solana import metrics
from streams.sources.solana.blocks import Block
from streams.sources.solana.entries import broken_entry, chain_entry, fits
from streams.sources.solana.sent import Copy, Sent
from streams.sources.solana.walk import Walk

SOURCE = "solana"
"""All nodes tell of one chain, so they are one source, with one cursor."""
FRAME_ENTRIES = 500
log = logging.getLogger(__name__)

WAITING_MAX = 20_000
"""Most records that wait for Kafka; beyond that streams are not listened to, the sweep has it."""


class Linked(NamedTuple):
    """A block that was reached: what to count of it."""

    slot: Slot
    signatures: tuple[Signature, ...]


class Desk:
    """Takes what nodes tell, hands on frames; each call but ``room`` is one step.

    Slots through *doubtful* may have been published from before, by a collector whose indexes
    nobody remembers: there every transaction is said again with its own.
    """

    def __init__(self, cursor: Cursor, *, doubtful: Slot, bytes_max: int) -> None:
        self.walk = Walk(cursor.slot)
        self.has_news = asyncio.Event()
        self._drained = asyncio.Event()
        self.on_linked: Callable[[Linked], None] = lambda _: None
        self._sent = Sent()
        self._doubtful, self._bytes_max = doubtful, bytes_max
        self._entries: list[Entry] = []
        self._cursor = cursor
        self.filled = self.retracted = 0
        self._tick = Tick(cursor.time, cursor.slot, cursor.slot)

    @property
    def waiting(self) -> int:
        """How many records wait to go out."""
        return len(self._entries)

    @property
    def head(self) -> Slot:
        """The newest slot from which something came."""
        return self._tick.slot

    @property
    def time(self) -> ChainTime:
        """The newest block time."""
        return self._tick.time

    async def room(self) -> None:
        """Return when few enough records wait for Kafka that more may come."""
        while len(self._entries) >= WAITING_MAX:
            self._drained.clear()
            await self._drained.wait()

    def recall(self, slot: Slot, signature: Signature, copy: Copy) -> None:
        """Take note of a processed copy that went out before this process began."""
        if slot > self.walk.through:
            self._sent.note(slot, signature, copy)

    def wants(self, slot: Slot, signature: Signature, *, final: bool) -> bool:
        """Say whether a copy of a transaction need go out."""
        if slot <= self.walk.through or len(self._entries) >= WAITING_MAX:
            return False
        if not final and self._sent.is_full:
            return False
        return self._sent.index_of(slot, signature, final=final) is not None

    def tell(
        self,
        slot: Slot,
        signature: Signature,
        value: bytes,
        *,
        final: bool,
        node: str,
        time: ChainTime | None,
        place: int | None = None,
    ) -> bool:
        """Let a transaction go out that a stream told of; return whether it was news.

        *place* is its index in the block, None where nobody says. Nothing is sure to be in order.
        """
        if not self.wants(slot, signature, final=final):
            return False
        index = self._sent.index_of(slot, signature, final=final) if place is None else place
        copy = Copy(index or 0, place is not None, final, value)
        kind = _kind(final=final, exact=copy.exact)
        self._send(signature, value, kind=kind, copy=copy, node=node)
        self._sent.note(slot, signature, copy)
        self._see(slot, time)
        return True

    def tell_block(self, block: Block, *, node: str) -> None:
        """Let the transactions of a block go out that a stream told of, before it is reached."""
        for one in block.ours:
            if one.signature is not None:
                self.tell(
                    block.slot, one.signature, one.value,
                    final=True, node=node, time=block.time, place=one.place,
                )  # fmt: skip

    def take(self, block: Block, *, node: str) -> tuple[Block, ...]:
        """Take a confirmed block; once it is reached, let go out what was not said of it.

        Returns blocks that cannot be on the chain behind others that were taken.
        """
        steps = self.walk.take(block)
        for linked in steps.linked:
            self._say_rest(linked, node=node)
        if steps.linked:
            self._settle(steps.linked)
        return steps.refused

    def lacking(self, block: Block) -> frozenset[Signature]:
        """Return what was told as confirmed of a block's slot, and does not stand in the block."""
        if block.slot <= self.walk.through:
            return frozenset()
        return self._sent.confirmed_in(block.slot) - set(signatures_of(block))

    def take_listed(self, blocks: Sequence[Block], through: Slot, *, node: str) -> None:
        """Take all there is through a slot, in order, as nodes list it that have no blocks."""
        for block in blocks:
            self._say_rest(block, node=node)
        self.walk.skip(through)
        self._see(through, None)
        self._settle(blocks)

    def confirmed(self, through: Slot) -> frozenset[Signature]:
        """Return what went out as confirmed of the slots through one that are not complete."""
        return self._sent.confirmed(through)

    def place_of(self, slot: Slot, signature: Signature) -> int | None:
        """Return the place of a transaction of which all was said; None: some is to be said."""
        return None if slot <= self._doubtful else self._sent.place_of(slot, signature)

    def frame(self) -> Frame | None:
        """Return what waits to go out, in order, some at a time; None: nothing is new."""
        entries, self._entries = self._entries[:FRAME_ENTRIES], self._entries[FRAME_ENTRIES:]
        seen = Tally(self._cursor.chain.seen + len(entries), self._cursor.chain.broken)
        # What is on its way may be of slots up to the head's.
        cursor = replace(self._cursor, chain=seen, time=self._tick.time, line_slot=self._tick.slot)
        tick = None
        if not self._entries:
            # All that was said of the slots behind the walk is in this frame or before it.
            tick = replace(self._tick, complete=self.walk.through)
            cursor = replace(cursor, slot=self.walk.through)
            self.has_news.clear()
        if len(self._entries) < WAITING_MAX:
            self._drained.set()
        if not entries and cursor == self._cursor:
            return None
        self._cursor = cursor
        return Frame(SOURCE, SOURCE, tuple(entries), tick, cursor)

    def _say_rest(self, block: Block, *, node: str) -> None:
        readable = [(one.signature, one.place) for one in block.ours if one.signature is not None]
        unsaid = self._sent.unsaid(block.slot, readable, is_doubtful=block.slot <= self._doubtful)
        for one in block.ours:
            if one.signature is None:
                self._break(one.value, "its bytes are no transaction", node)
            elif one.signature in unsaid:
                if not self._sent.knows(block.slot, one.signature):
                    self.filled += 1
                    metrics.FILLED.inc()
                copy = Copy(one.place, exact=True, final=True, value=None)
                self._send(one.signature, one.value, kind=Kind.INDEXED, copy=copy, node=node)
        self._see(block.slot, block.time)

    def _settle(self, linked: Sequence[Block]) -> None:
        """Forget what is complete, and take back what is not on the chain."""
        kept = frozenset(
            (block.slot, signature) for block in linked for signature in signatures_of(block)
        )
        for signature, copy in self._sent.settle(self.walk.through, kept):
            self._take_back(signature, copy)
        for block in linked:
            self.on_linked(Linked(block.slot, signatures_of(block)))
        self.has_news.set()

    def _take_back(self, signature: Signature, copy: Copy) -> None:
        """Take back what is in no block of its slot, be it that a node said it was confirmed."""
        if copy.final:
            log.error(
                "%s was told as confirmed and is in no block: a node is on a fork, or lies. It is "
                "%s.", signature, "kept" if copy.value is None else "taken back",
            )  # fmt: skip
        if copy.value is not None:
            self.retracted += 1
            metrics.RETRACTED.inc()
            kind = Kind.WITHDRAWN if copy.final else Kind.RETRACTED
            self._send(signature, copy.value, kind=kind, copy=copy, node=SOURCE)

    def _send(
        self, signature: Signature, value: bytes, *, kind: Kind, copy: Copy, node: str
    ) -> None:
        if not fits(value, bytes_max=self._bytes_max):
            self._break(value, f"{len(value):,} bytes are more than a record may have", node)
            return
        self._entries.append(
            chain_entry(signature, value, kind=kind, index=copy.place, exact=copy.exact, node=node)
        )
        self.has_news.set()

    def _break(self, value: bytes, error: str, node: str) -> None:
        self._entries.append(broken_entry(value, error, bytes_max=self._bytes_max, node=node))
        self.has_news.set()

    def _see(self, slot: Slot, time: ChainTime | None) -> None:
        self._tick = Tick(max(self._tick.time, time or 0), max(self._tick.slot, slot), 0)


def signatures_of(block: Block) -> tuple[Signature, ...]:
    """Return the signatures of a block's transactions that can be read."""
    return tuple(one.signature for one in block.ours if one.signature is not None)


def _kind(*, final: bool, exact: bool) -> Kind:
    """Return the kind of a record: an index of the block's own corrects whatever came before."""
    if not final:
        return Kind.PROCESSED
    return Kind.INDEXED if exact else Kind.CONFIRMED
