"""The tables of one partition as plain dictionaries, and what a fold made public of them."""

from collections.abc import Sequence
from typing import Any

from domain.fold.partition import PartitionFold
from domain.fold.state import Folded, Tables
from schemas.base import Record
from schemas.event import Event
from schemas.topics import TRADES

EVENTS_EPOCH = 1_000_000
RAW_PARTITIONS = 4
RETENTION_S = 48 * 3600


class Store:
    """Keeps rows and the newest public records as their readers do, by version."""

    def __init__(self, *, raw_partitions: int = RAW_PARTITIONS) -> None:
        self.tables = Tables()
        self.raw_partitions = raw_partitions
        self.public: dict[tuple[str, str], Record] = {}
        self.deleted: set[tuple[str, str]] = set()

    def open(self) -> PartitionFold:
        """Return a fold made from the rows alone."""
        return PartitionFold(
            self.tables,
            partition=0,
            raw_partitions=self.raw_partitions,
            events_epoch=EVENTS_EPOCH,
            retention_s=RETENTION_S,
        )

    def feed(self, events: Sequence[Event | None], *, chunk: int = 1000) -> PartitionFold:
        """Fold all *events* from offset 0 in chunks; return the fold."""
        fold = self.open()
        records = list(enumerate(events))
        for start in range(0, len(records), chunk):
            self.keep(fold.fold(records[start : start + chunk]))
        return fold

    def keep(self, folded: Folded) -> None:
        """Store everything a call gave back."""
        self.keep_rows(folded)
        self.keep_public(folded)
        self.tables.clocks.update(folded.clock)

    def keep_rows(self, folded: Folded, *, only: Any = None) -> None:
        """Store the rows of a call, or those of which *only* says so, all but the clock's."""
        for name, rows in folded.rows().items():
            table = getattr(self.tables, name)
            for key, row in rows.items():
                if only is not None and not only(name, key):
                    continue
                if row is None:
                    table.pop(key, None)
                else:
                    table[key] = row

    def keep_public(self, folded: Folded) -> None:
        """Store the public records of a call; an older version overwrites nothing."""
        for told in folded.publications:
            at = told.topic.name, f"{told.value.id}" if told.topic is TRADES else told.key
            old = self.public.get(at)
            if old is not None and version(old) > version(told.value):
                continue
            self.public[at] = told.value
            (self.deleted.add if told.op == "d" else self.deleted.discard)(at)

    def of(self, topic: str) -> dict[str, Any]:
        """Return the live records of ``btracker.<topic>`` by key."""
        name = f"btracker.{topic}"
        return {
            key: value
            for (where, key), value in self.public.items()
            if where == name and (where, key) not in self.deleted
        }


def version(record: Any) -> int:
    """Return what orders the records of one key; 0 where the last one counts."""
    return getattr(record, "version", getattr(record, "rev", 0))
