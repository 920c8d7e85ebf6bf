"""The event at hand while a call of the fold goes through its events."""

from domain.fold.fence import Mark, is_applied, mark_of
from schemas.event import OnChain, Op
from schemas.fields import Slot
from schemas.rows import Fence

SIGN = {Op.APPLY: 1, Op.UNDO: -1, Op.REINDEX: 0}
"""What an event adds to a sum, times its amount."""


class Turn:
    """The event at hand, as the rows that it touches look at it.

    ``is_dropped``: a row that is missing was dropped. ``is_plain``: the event is settled and to be
    applied, so that it replaces what it comes after. ``complete`` is the slot through which nothing
    changes any more.
    """

    __slots__ = ("complete", "event", "is_dropped", "is_plain", "mark", "partition", "sign")

    event: OnChain
    partition: int
    mark: Mark
    sign: int
    is_dropped: bool
    is_plain: bool
    complete: Slot

    def begin(self, event: OnChain, *, dropped_through: Fence, complete: Slot) -> None:
        """Turn to another event; what is missing through a fence was dropped."""
        raw = event.raw
        self.event = event
        self.partition, self.mark = raw.partition, mark_of(raw)
        self.sign = SIGN[event.op]
        self.is_dropped = is_applied(dropped_through, self.partition, self.mark)
        self.is_plain = event.settled and event.op is Op.APPLY
        self.complete = complete
