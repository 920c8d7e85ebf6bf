"""A partition of ``events`` folded from scratch, against what the fold has made public."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from domain.audit.boundary import Boundary
from domain.audit.digests import digest
from domain.audit.essence import Essence, essence, is_judged, should_be_final
from domain.audit.findings import Finding, Kind
from domain.fold.partition import PartitionFold
from domain.fold.state import Folded, Publication, Tables
from schemas.chain_events import Launch
from schemas.event import Event, OnChain, Op
from schemas.fields import ChainTime, Mint, Slot
from schemas.progress import Progress
from schemas.topics import LIFECYCLE, TRADES


class Name(NamedTuple):
    """A key of a public topic, with the slot of the newest record that is about it."""

    topic: str
    key: str
    slot: Slot


def key_digest(topic: str, key: str) -> int:
    """Return what stands for a key of a topic."""
    return digest(topic.encode(), key.encode())


class FoldRecount:
    """The fold of one partition, with tables of its own, and what it would have made public.

    It needs what a worker needs for the partition, and some 300 bytes for each public key.
    *watched*: keys of which the names are wanted, by their digests.
    """

    def __init__(
        self,
        *,
        partition: int,
        raw_partitions: int,
        epoch: int,
        retention_s: int,
        boundary: Boundary,
        watched: AbstractSet[int] = frozenset(),
    ) -> None:
        self._tables = Tables()
        self._options: dict[str, int] = {
            "partition": partition,
            "raw_partitions": raw_partitions,
            "events_epoch": epoch,
            "retention_s": retention_s,
        }
        self._boundary, self._watched = boundary, watched
        self._launched = set[Mint]()
        self.told: dict[int, Essence] = {}
        self.excused = set[int]()
        self._watching: dict[int, tuple[Name, Any]] = {}
        self.progress = Progress(stage="fold", partition=partition)
        self.complete_time: ChainTime = 0
        self.reopen()

    def reopen(self) -> None:
        """Put back what a failed attempt may have touched."""
        self._fold = PartitionFold(self._tables, **self._options)

    def take(self, records: Sequence[tuple[int, Event | None]]) -> None:
        """Fold the next records; None is one that nobody could read."""
        folded = self._fold.fold(records)
        self._keep_rows(folded)
        for _, event in records:
            self._note_launch(event)
        for publication in folded.publications:
            self._note(publication)
        self.progress = folded.progress
        heads = next(iter(folded.clock.values())).heads
        self.complete_time = min((head.complete_time if head else 0 for head in heads), default=0)

    def excuse(self, event: Event | None) -> None:
        """Take note of an event behind what is judged: what is told of it may be there already."""
        if isinstance(event, OnChain):
            for topic in (TRADES, LIFECYCLE):
                self.excused.add(key_digest(topic.name, event.place.event_id))

    def is_whole(self, mint: Mint) -> bool:
        """Say whether everything about a token is kept."""
        return self._boundary.is_whole or mint in self._launched

    def _keep_rows(self, folded: Folded) -> None:
        for name, rows in folded.rows().items():
            table = getattr(self._tables, name)
            for key, row in rows.items():
                if row is None:
                    table.pop(key, None)
                else:
                    table[key] = row
        self._tables.clocks.update(folded.clock)  # type: ignore[attr-defined]  # Ours are dicts.

    def _note_launch(self, event: Event | None) -> None:
        if (
            isinstance(event, OnChain)
            and event.op is Op.APPLY
            and isinstance(event.event, Launch)
            and event.time > self._boundary.time
        ):
            self._launched.add(event.event.mint)

    def _note(self, publication: Publication) -> None:
        record = publication.value
        topic, key = publication.topic.name, identity(publication.key, record)
        at = key_digest(topic, key)
        self.told[at] = essence(record)
        if at in self._watched:
            self._watching[at] = Name(topic, key, publication.slot), record

    def names(self) -> list[Name]:
        """Return the names of those that were watched, of what is judged."""
        return [
            name
            for name, record in self._watching.values()
            if is_judged(record, self._boundary, is_whole=self.is_whole(record.mint))
        ]


def identity(key: str, record: Any) -> str:
    """Return what tells a record's subject: trades and milestones have an id, the others a key."""
    told: str = getattr(record, "id", key)
    return told


class Comparison:
    """What a recount would have made public, against what is there, topic after topic.

    Of a key the newest record counts that belongs to the judged part; what is newer only excuses
    its absence.
    """

    def __init__(self, recount: FoldRecount, boundary: Boundary) -> None:
        self._recount, self._boundary = recount, boundary
        self._seen = set[int]()
        self._later = set[int]()
        self._wrong: dict[int, tuple[Kind, Name]] = {}

    def see(self, topic: str, key: str, record: Any, *, is_later: bool) -> None:
        """Take in the next record of a topic; *is_later*: it is newer than what is judged."""
        name = identity(key, record)
        at = key_digest(topic, name)
        if is_later or at in self._recount.excused:
            self._later.add(at)
            return
        self._seen.add(at)
        kind = self._kind(at, record)
        if kind is None:
            self._wrong.pop(at, None)
        else:
            self._wrong[at] = kind, Name(topic, name, getattr(record, "slot", 0))

    @property
    def missing(self) -> set[int]:
        """Return the digests of the keys of which nothing is there."""
        return self._recount.told.keys() - self._seen - self._later

    def findings(self, partition: int, missing: Iterable[Name]) -> Iterator[Finding]:
        """Yield what is wrong; *missing* are the names of those that are."""
        wrong = [pair for at, pair in self._wrong.items() if at not in self._later]
        absent: list[tuple[Kind, Name]] = [("missing", name) for name in missing]
        for kind, name in sorted([*wrong, *absent], key=lambda pair: pair[1]):
            yield Finding(
                stage="fold",
                partition=partition,
                kind=kind,
                topic=name.topic,
                what=f"{name.key} {_SAID[kind]} {name.topic} {partition}",
                slots=(name.slot, name.slot) if name.slot else None,
            )

    def _kind(self, at: int, record: Any) -> Kind | None:
        is_whole = self._recount.is_whole(record.mint)
        if not is_judged(record, self._boundary, is_whole=is_whole):
            return None
        expected = self._recount.told.get(at)
        if expected is None:
            return "unexplained"
        is_due = should_be_final(record, complete_time=self._recount.complete_time)
        agrees = expected.agrees(essence(record), wholly=is_whole)
        return None if agrees and (not is_due or record.final) else "different"


_SAID: dict[Kind, str] = {
    "missing": "is not on",
    "different": "says something else on",
    "unexplained": "is explained by no event, on",
}
