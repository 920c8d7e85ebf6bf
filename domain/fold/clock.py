"""The clock of one partition of events: chain time, completeness, and the counts."""

from collections import deque

from domain.amounts import timestamp
from domain.fold.fence import mark_of, widened
from schemas.chain_events import Trade
from schemas.event import Clock, Event, OnChain, Op
from schemas.fields import ChainTime, Slot
from schemas.progress import Counts, Progress
from schemas.rows import ClockRow, Fence, Head

_MARK_EVERY_S = 10
"""How finely chain times are remembered until their slots are complete."""
_MARKS = 48 * 3600 // _MARK_EVERY_S


class PartitionClock:
    """The clock row of a partition while it is being written; ``row`` gives the next one.

    ``time`` and ``slot`` are the newest head clock's over all raw partitions, ``complete`` and
    ``complete_time`` the least over all of them (0 until each has spoken).
    """

    def __init__(self, row: ClockRow | None, *, raw_partitions: int, events_epoch: int) -> None:
        row = row or ClockRow(())
        missing = raw_partitions - len(row.heads)
        self._heads: list[Head | None] = [*row.heads, *(None,) * missing]
        self._marks: list[deque[tuple[Slot, ChainTime]]] = [
            deque(maxlen=_MARKS) for _ in self._heads
        ]
        self._epoch = events_epoch
        self._fence = list(widened(row.fence, len(self._heads)))
        # Offsets of an older events topic say nothing of this one's.
        self._offset = row.through[1] if row.through[0] == events_epoch else -1
        self.joined = row.joined
        self.seen, self.applied, self.duplicate = row.seen, row.applied, row.duplicate
        self.trades, self.dead_lettered = row.trades, row.dead_lettered
        self._sum_up()

    def tick(self, clock: Clock) -> bool:
        """Take a head clock; return whether it was news."""
        raw = clock.raw
        old = self._heads[raw.partition]
        if old is not None and (raw.epoch, raw.offset) <= (old.epoch, old.offset):
            return False
        head = old or Head(0, -1, 0, 0, 0)
        complete = max(head.complete, clock.complete)
        self._heads[raw.partition] = Head(
            raw.epoch,
            raw.offset,
            max(head.time, clock.time),
            max(head.slot, clock.slot),
            complete,
            max(head.complete_time, self._completed(clock, complete)),
        )
        self._sum_up()
        return True

    def fence(self) -> Fence:
        """Return the highest raw position counted, per raw partition."""
        return tuple(self._fence)

    def join(self, complete: Slot) -> None:
        """Take how far links and documents are."""
        self.joined = max(self.joined, complete)

    def count(self, offset: int, event: Event | None) -> bool:
        """Count one record of events, once however often it is delivered; return whether it is new.

        *event* None is a record that went to the dead letters. What has no position on the chain
        is always new: that an older one came later, only rows know, which may be ahead of the
        counts after a crash.
        """
        if offset <= self._offset:
            return False
        self._offset = offset
        self.seen += 1
        is_new = event is not None and self._is_first(event)
        if event is None:
            self.dead_lettered += 1
        elif is_new:
            self.applied += 1
        else:
            self.duplicate += 1
        return is_new

    def row(self) -> ClockRow:
        """Return the row to write after everything else."""
        return ClockRow(
            tuple(self._heads),
            self.joined,
            (self._epoch, self._offset),
            self.seen,
            self.applied,
            self.duplicate,
            self.trades,
            self.dead_lettered,
            self.fence(),
        )

    def progress(self, *, partition: int, tokens: int) -> Progress:
        """Return how far the fold of *partition* is."""
        return Progress(
            stage="fold",
            partition=partition,
            epoch=self._epoch,
            offset=self._offset,
            head_slot=self.slot,
            chain_time=timestamp(self.time) if self.time else None,
            complete_through_slot=self.complete,
            joined_through_slot=self.joined,
            counts=Counts(
                seen=self.seen,
                applied=self.applied,
                duplicate=self.duplicate,
                dead_lettered=self.dead_lettered,
                trades=self.trades,
                tokens=tokens,
            ),
        )

    def _is_first(self, event: Event) -> bool:
        """Say whether the event's position is a new one, and count its trade if so."""
        if type(event) is not OnChain and type(event) is not Clock:
            return True
        partition, mark = event.raw.partition, mark_of(event.raw)
        highest = self._fence[partition]
        if highest is not None and mark <= highest:
            return False
        self._fence[partition] = mark
        if type(event) is OnChain and type(event.event) is Trade:
            self.trades += _TRADES[event.op]
        return True

    def _completed(self, clock: Clock, complete: Slot) -> ChainTime:
        # Blocks after a slot are not older than it: once the slot of a head clock is complete,
        # so is every second before that clock's time.
        marks = self._marks[clock.raw.partition]
        if complete >= clock.slot:
            marks.clear()
            return clock.time
        if not marks or clock.time >= marks[-1][1] + _MARK_EVERY_S:
            marks.append((clock.slot, clock.time))
        time = 0
        while marks and marks[0][0] <= complete:
            time = marks.popleft()[1]
        return time

    def _sum_up(self) -> None:
        spoken = [head for head in self._heads if head is not None]
        self.time: ChainTime = max((head.time for head in spoken), default=0)
        self.slot: Slot = max((head.slot for head in spoken), default=0)
        silent = len(spoken) < len(self._heads)
        self.complete: Slot = 0 if silent else min(head.complete for head in spoken)
        self.complete_time: ChainTime = 0 if silent else min(head.complete_time for head in spoken)


_TRADES = {Op.APPLY: 1, Op.UNDO: -1, Op.REINDEX: 0, Op.LOG: 0}
