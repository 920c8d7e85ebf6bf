"""Where an event stands: in the raw log (for the fence) and on the chain (for the order)."""

from schemas.base import Row
from schemas.fields import Signature, Slot

OUTER = -1
"""The inner index of an instruction that a transaction makes itself."""


class RawPosition(Row, frozen=True, array_like=True, order=True, gc=False):
    """Where the raw record stands that caused an event; rows are fenced by it.

    Positions of one raw partition compare as (epoch, offset, ordinal); positions of different
    partitions must not be compared. ``epoch`` is the creation time of the raw topic in
    microseconds since 2026-01-01; ``ordinal`` counts the events of one raw record.
    """

    partition: int
    epoch: int
    offset: int
    ordinal: int


class Place(Row, frozen=True, array_like=True, order=True, gc=False):
    """Where an event stands on the chain; places compare in chain order.

    ``index`` is the transaction's index in its block, ``outer`` and ``inner`` the instruction path
    (``inner`` is ``OUTER`` for an instruction of the transaction itself).
    """

    slot: Slot
    index: int
    outer: int
    inner: int
    signature: Signature

    @property
    def path(self) -> str:
        """The instruction path, ``outer.inner`` or ``outer``."""
        return str(self.outer) if self.inner == OUTER else f"{self.outer}.{self.inner}"

    @property
    def event_id(self) -> str:
        """The event's identity, ``slot:signature:path``; it does not depend on the index."""
        return f"{self.slot}:{self.signature}:{self.path}"
