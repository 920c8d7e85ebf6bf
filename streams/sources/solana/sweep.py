"""The sweep: reads every confirmed block that no stream brought, and so finds what streams missed.

After a lost connection, and after a restart, it is what fills the gap: there is one way of filling.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

import msgspec

from domain.decode.shapes import BoundedSlot
from schemas.fields import Slot
from streams.sources.pausing import pause
from streams.sources.solana import metrics
from streams.sources.solana.blocks import Block, Mentions, read_block
from streams.sources.solana.desk import Desk, signatures_of
from streams.sources.solana.listing import Listing
from streams.sources.solana.pool import Answered, Pool, UnansweredError
from streams.sources.solana.requests import get_block, get_blocks
from streams.sources.solana.rpc import Rpc

AHEAD = 64
"""Blocks asked for at a time: as many may wait for the first of them."""
AT_ONCE = 8
OPINIONS = 3
"""Most nodes that are asked for a block that lacks what was told of it."""
PATIENCE_S = 2.0
"""How long blocks of a stream are waited for: what is missing by then is asked for."""
FAILED_S, FAILED_LONGEST_S = 0.25, 10.0
TROUBLE = 3
"""So many failures in a row are said to people."""

_slots = msgspec.json.Decoder(list[BoundedSlot])

log = logging.getLogger(__name__)


class Sweep:
    """Follows the walk of a desk.

    *has_blocks* tells whether a node streams whole blocks just now; those are waited for a little.
    ``trouble``: why it does not get on.
    """

    def __init__(
        self,
        desk: Desk,
        pool: Pool,
        mentions: Mentions,
        *,
        every_s: float,
        has_blocks: Callable[[], bool] = lambda: False,
        until: Slot | None = None,
    ) -> None:
        self._desk, self._pool, self._mentions = desk, pool, mentions
        self._every_s, self._until = every_s, until
        self._has_blocks = has_blocks
        self.trouble: str | None = None
        self._reached_at = time.monotonic()
        self._reached: Slot = desk.walk.through
        self._refused: Slot | None = None
        self._idle: Rpc | None = None  # Whose last list brought nothing.
        self._asking = asyncio.Semaphore(AT_ONCE)
        self._listing = Listing(desk, pool)

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until *stop*, or until slot *until* is complete."""
        failures = 0
        while not stop.is_set() and not self.is_done:
            began = time.monotonic()
            try:
                more = await self._step()
                failures, self.trouble = 0, None
            except UnansweredError as error:
                failures, more = failures + 1, False
                # Just behind the head a node may not have yet what another one lists.
                self.trouble = str(error) if failures >= TROUBLE else None
                log.debug("The sweep is at slot %d: %s", self._desk.walk.through, error)
            if more:
                continue
            failed_s = min(FAILED_LONGEST_S, FAILED_S * 2 ** min(failures, 10)) if failures else 0
            await pause(stop, max(failed_s, 0.01, began + self._every_s - time.monotonic()))

    @property
    def is_done(self) -> bool:
        """Whether all is complete through the slot at which it ends."""
        return self._until is not None and self._desk.walk.through >= self._until

    async def _step(self) -> bool:
        """Ask for the blocks that come next; return whether there are likely to be more.

        Raises:
            UnansweredError: no node has one of them.
        """
        if not self._is_due():
            return False
        if self._until is None and self._pool.lacks("GetBlock", "GetBlocksWithLimit"):
            await self._desk.room()
            await self._listing.step()
            return False
        through = self._desk.walk.through
        slots = await self._next_slots()
        wanted = [slot for slot in slots if not self._desk.walk.has(slot)]
        await self._desk.room()
        found = await asyncio.gather(*(self._take(slot) for slot in wanted), return_exceptions=True)
        for slot, one in zip(wanted, found, strict=True):
            if isinstance(one, UnansweredError) and one.absent and slot == self._desk.walk.missing:
                self._desk.walk.doubt()
        if self._desk.walk.through > through:
            self._idle = None
        for one in found:
            if isinstance(one, BaseException):
                raise one
        return self._desk.walk.through > through and len(slots) >= AHEAD

    def _is_due(self) -> bool:
        """Say whether to ask: streams that bring whole blocks are waited for."""
        now, walk = time.monotonic(), self._desk.walk
        if walk.through > self._reached:
            self._reached, self._reached_at = walk.through, now
        is_late = now - self._reached_at >= PATIENCE_S
        return not self._has_blocks() or walk.missing is not None or is_late

    async def _next_slots(self) -> list[Slot]:
        """Return the slots of the next blocks: those a node lists, or the one known to be missing.

        Raises:
            UnansweredError: no node says.
        """
        walk = self._desk.walk
        missing = walk.missing
        first = walk.through + 1
        # A node that is behind lists nothing yet, so the one that has seen most is asked; but what
        # it says to have seen need not be so.
        head = max(node.head for node in self._pool.nodes)
        idle, self._idle = ([self._idle] if self._idle else []), None
        answer = await self._pool.ask(
            get_blocks(first, limit=AHEAD), _slots.decode, slot=head, unless=idle
        )
        if head > walk.through + AHEAD and len(self._pool.nodes) > 1:
            self._idle = answer.node
        slots = answer.value[:AHEAD]
        if missing is not None and missing not in slots:
            slots = [*slots, missing]
        return slots if self._until is None else _through(slots, self._until)

    async def _take(self, slot: Slot) -> None:
        async with self._asking:
            found = await self._block(slot)
        block = found.value
        if self._until is not None and slot > self._until:
            block = block._replace(ours=())  # It is there to show where the end is.
        for one in self._desk.take(block, node=found.node.node.name):
            metrics.CONTRADICTIONS.inc()
            found.node.doubt()
            if one.slot == self._refused:
                continue
            self._refused = one.slot
            log.error(
                "Block %d has %d as its parent, which is not the block behind slot %d: one of the "
                "nodes is on another fork. Nothing is complete beyond that until they agree.",
                one.slot, one.parent, self._desk.walk.through,
            )  # fmt: skip

    async def _block(self, slot: Slot) -> Answered[Block]:
        """Return a block from any node; where it lacks what was told, as most of them have it.

        Raises:
            UnansweredError: no node has it, or no two of them have the same.
        """
        first = await self._ask(slot)
        if not self._desk.lacking(first.value):
            return first
        metrics.CONTRADICTIONS.inc()
        found = [first]
        with suppress(UnansweredError):
            while len(found) < OPINIONS:
                found.append(await self._ask(slot, unless=[one.node for one in found]))
                if not self._desk.lacking(found[-1].value):
                    break
        return self._believed(found)

    def _believed(self, found: Sequence[Answered[Block]]) -> Answered[Block]:
        """Return the block that is to be believed: that which has all that was told, else most.

        Raises:
            UnansweredError: there is none.
        """
        *others, last = found
        if others and not self._desk.lacking(last.value):
            for one in others:
                one.node.doubt()
            return last
        slot = last.value.slot
        said = Counter(signatures_of(one.value) for one in found)
        names = ", ".join(one.node.node.name for one in found)
        (most, count), missing = said.most_common(1)[0], self._desk.lacking(last.value)
        if others and count == 1:
            raise UnansweredError(f"{names} do not agree on block {slot}")
        log.error(
            "Block %d of %s lacks what a node told of as confirmed, such as %s. It is taken as it "
            "is.", slot, names, min(missing),
        )  # fmt: skip
        return next(one for one in found if signatures_of(one.value) == most)

    async def _ask(self, slot: Slot, *, unless: Collection[Rpc] = ()) -> Answered[Block]:
        return await self._pool.ask(
            get_block(slot),
            lambda raw: read_block(slot, raw, self._mentions),
            slot=slot,
            unless=unless,
        )


def _through(slots: list[Slot], until: Slot) -> list[Slot]:
    """Return the slots up to *until*, and the first after it: only that one shows the end."""
    after = [slot for slot in slots if slot > until]
    return [*(slot for slot in slots if slot <= until), *after[:1]]
