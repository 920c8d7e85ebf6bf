"""How far the live feed is, from the progress of every stage; pure."""

from schemas.base import Record
from schemas.fields import Slot, Timestamp
from schemas.progress import Progress


class ChainHead(Record, frozen=True, kw_only=True, rename="camel"):
    """The data of the status channel."""

    head_slot: Slot = 0
    chain_time: Timestamp | None = None
    complete_through_slot: Slot = 0
    joined_through_slot: Slot = 0


class Heads:
    """The newest progress of each part; minima are 0 until every fold partition has spoken."""

    def __init__(self, *, partitions: int) -> None:
        self._partitions = partitions
        self._newest: dict[tuple[str, int, str | None], Progress] = {}

    def take(self, progress: Progress) -> None:
        """Take a record, which is newer than those of its part before."""
        self._newest[progress.stage, progress.partition, progress.source] = progress

    def head(self) -> ChainHead:
        """Return how far everything is."""
        folds = [p for (stage, _, _), p in self._newest.items() if stage == "fold"]
        whole = len(folds) >= self._partitions
        return ChainHead(
            head_slot=max((p.head_slot for p in self._newest.values()), default=0),
            chain_time=max((p.chain_time for p in folds if p.chain_time), default=None),
            complete_through_slot=min((p.complete_through_slot for p in folds if whole), default=0),
            joined_through_slot=min((p.joined_through_slot for p in folds if whole), default=0),
        )
