"""What nodes say -> the desk, the fetching, and how each node stands."""

import time
from collections.abc import Sequence

from streams.sources.solana import metrics
from streams.sources.solana.blocks import Block
from streams.sources.solana.desk import Desk, Linked, signatures_of
from streams.sources.solana.fetching import Fetching, Wanted
from streams.sources.solana.notices import (
    BlockSeen,
    LogsSeen,
    Notice,
    SlotSeen,
    TransactionSeen,
)
from streams.sources.solana.standing import BEHIND, Race, Standing
from streams.sources.solana.timing import Timing, Told


class Hearing:
    """Takes every notice of every node. *final*: what streams tell is confirmed."""

    def __init__(
        self,
        desk: Desk,
        fetching: Fetching,
        timing: Timing,
        standings: Sequence[Standing],
        *,
        final: bool,
    ) -> None:
        self._desk, self._fetching, self._timing = desk, fetching, timing
        self._final = final
        self._standings = standings
        self._race = Race()
        desk.on_linked = self._link

    def hear(self, standing: Standing, notice: Notice) -> None:
        """Take what a node says."""
        match notice:
            case SlotSeen(slot, root):
                standing.advance(slot)
                metrics.FINALIZED.set(root)
            case LogsSeen(slot, signature, failed):
                self._race.hear(standing, slot, signature, time.monotonic())
                if not failed:  # It did nothing, so there is no hurry: the sweep brings it.
                    self._fetching.want(Wanted(slot, signature, standing.name))
            case TransactionSeen():
                self._transaction(standing, notice)
            case BlockSeen(block):
                self._block(standing, block)

    def _transaction(self, standing: Standing, seen: TransactionSeen) -> None:
        self._race.hear(standing, seen.slot, seen.signature, time.monotonic())
        if self._desk.wants(seen.slot, seen.signature, final=self._final):
            self._timing.take(Told(seen, standing.name))

    def _block(self, standing: Standing, block: Block) -> None:
        now = time.monotonic()
        for signature in signatures_of(block):
            self._race.hear(standing, block.slot, signature, now)
        self._desk.tell_block(block, node=standing.name)
        if not self._desk.lacking(block):  # Else the sweep asks how others have it.
            refused = self._desk.take(block, node=standing.name)
            metrics.CONTRADICTIONS.inc(len(refused))

    def _link(self, linked: Linked) -> None:
        metrics.COMPLETE.set(linked.slot)
        for standing in self._standings:
            standing.judge_later(linked)
        self._timing.forget(linked.slot)
        self._race.forget(linked.slot - BEHIND)
