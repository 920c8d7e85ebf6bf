"""What has been said so far, and so what must be seen: plain rules over all raw records at once.

Nothing of the product is asked. A transaction stands in a slot if somebody confirmed it there, or
if it was processed there and nobody took it back or confirmed it elsewhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from schemas.place import Place
from streams.partitioner import partition_of
from tests.simulation.broker import Record
from tests.simulation.sources import FOREIGN
from tests.simulation.world import HOUR_S, Instance, World
from tests.unit.fold.world import Happened

FINAL = frozenset("cx")
LETTERS = {b"processed": "p", b"retracted": "r", b"confirmed": "c", b"indexed": "x"}
Where = tuple[str, int]
"""A transaction and the position of one of its slots."""


@dataclass
class Partition:
    """One raw partition so far: its clock, and what became of its records."""

    unreadable: list[Record] = field(default_factory=list)
    time: int = 0
    complete: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Said:
    """Everything so far. ``standing`` by the index it was applied at; ``undone`` at some time."""

    world: World
    kinds: dict[Where, set[str]] = field(default_factory=dict)
    indexes: dict[Where, int] = field(default_factory=dict)
    corrected: dict[Where, int] = field(default_factory=dict)
    instances: dict[Where, Instance] = field(default_factory=dict)
    undone: set[Where] = field(default_factory=set)
    logged: dict[Where, int] = field(default_factory=dict)
    partitions: dict[int, Partition] = field(default_factory=dict)

    def hear(self, record: Record, meant: Mapping[bytes, Instance]) -> None:
        """Take a raw record, in the order of its partition."""
        part = self.partitions[record.partition]
        headers = dict(record.headers)
        if headers.get("bt_kind") == b"clock" and record.value != b'{"time":"x"}':
            tick = msgspec.json.decode(record.value)
            part.time = max(part.time, tick["time"])
            part.complete = max(part.complete, tick["complete"])
            return
        part.counts["seen"] += 1
        part.counts[self._outcome(record, headers, part, meant)] += 1

    def _outcome(
        self,
        record: Record,
        headers: Mapping[str, bytes],
        part: Partition,
        meant: Mapping[bytes, Instance],
    ) -> str:
        instance = meant.get(record.value)
        if instance is None and record.value.startswith(FOREIGN[:20]):
            return "not_ours"
        if instance is None:
            part.unreadable.append(record)
            return "dead_lettered"
        if record.key != instance.tx.signature.encode():
            return "not_ours"
        where = instance.tx.signature, instance.position
        kind, index = LETTERS[headers["bt_kind"]], int(headers.get("bt_index", b"0"))
        self.instances[where] = instance
        forgotten = part.time // HOUR_S * HOUR_S - self.world.retention_s
        if self.world.times[instance.position] < forgotten:
            if kind == "r":
                return "duplicate"
            part.counts["archived"] += 1
            self.logged[where] = index
            return "applied"
        return self._take(where, kind, index)

    def _take(self, where: Where, kind: str, index: int) -> str:
        others = [one for one in self.kinds if one[0] == where[0] and one != where]
        kinds = self.kinds.get(where, set[str]())
        if kind in kinds or (kind == "p" and any(self.kinds[one] & FINAL for one in others)):
            return "duplicate"
        self.kinds[where] = kinds
        stood = self.stands(where)
        kinds.add(kind)
        if kind == "x":
            self.corrected[where] = index
        if stood and not self.stands(where):
            self.undone.add(where)
        elif self.stands(where) and not stood:
            self.indexes[where] = index
        for one in others if kind in FINAL else ():
            if not self.kinds[one] & FINAL and "r" not in self.kinds[one]:
                if self.stands(one):
                    self.undone.add(one)
                self.kinds[one].add("r")
        return "applied"

    def stands(self, where: Where) -> bool:
        """Say whether a transaction counts in a slot."""
        kinds = self.kinds[where]
        return bool(kinds & FINAL) or ("p" in kinds and "r" not in kinds)

    @property
    def complete(self) -> int:
        """The slot through which every partition has been told that all was said."""
        return min(part.complete for part in self.partitions.values())

    @property
    def time(self) -> int:
        """The newest chain time that a clock has told."""
        return max(part.time for part in self.partitions.values())

    def standing(self) -> list[Happened]:
        """Return the events that count, in chain order."""
        indexes = {**self.indexes, **self.corrected}
        places = ((one, indexes[one]) for one in list(self.kinds) if self.stands(one))
        return happened(self.world, ((self.instances[one], index) for one, index in places))

    def archive(self) -> list[Happened]:
        """Return the events that were told too late to count."""
        return happened(self.world, ((self.instances[w], i) for w, i in self.logged.items()))


def happened(world: World, instances: Iterable[tuple[Instance, int]]) -> list[Happened]:
    """Return the events of transactions, each with its index in its block, in chain order."""
    return sorted(
        (
            Happened(
                Place(world.slot(position), index, outer, inner, tx.signature),
                world.times[position],
                event,
            )
            for (tx, position, _), index in instances
            for outer, inner, event in tx.found
        ),
        key=lambda one: one.place,
    )


def said(
    world: World, records: Iterable[Record], meant: Mapping[bytes, Instance], *, partitions: int
) -> Said:
    """Return what *records*, in the order of each partition, have said; some may be silent yet."""
    so_far = Said(world, partitions={number: Partition() for number in range(partitions)})
    for record in records:
        so_far.hear(record, meant)
    return so_far


def partition_of_mint(mint: str, partitions: int) -> int:
    """Return the partition in which all of a token happens."""
    return partition_of(mint.encode(), partitions)
