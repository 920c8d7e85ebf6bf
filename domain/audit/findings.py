"""What an audit says: the counts of every stage and partition, and what is wrong there."""

from collections import defaultdict
from typing import Literal

from msgspec.structs import replace

from schemas.base import Record
from schemas.fields import Slot
from schemas.progress import Counts, Progress

Kind = Literal["missing", "different", "unexplained", "counts", "late", "silent"]
"""missing: it should be there. different: something else is. unexplained: nothing caused it.
counts: a stage counts otherwise than its log. late: it came after all up to its slot was said to be
there. silent: a stage has never said how far it is."""


ORDER = ("read x", "read metadata", "decode", "match", "fold", "store")
"""The stages, as the data flows."""


class Finding(Record, frozen=True, kw_only=True, rename="camel"):
    """Something that is wrong, in one partition of one stage.

    ``topic``: where it should be. ``input`` is the topic that should have caused it, ``offsets``
    and ``slots`` (first, last) where that stands, as far as that is known.
    """

    stage: str
    partition: int
    kind: Kind
    topic: str
    what: str
    input: str | None = None
    offsets: tuple[int, int] | None = None
    slots: tuple[Slot, Slot] | None = None
    count: int = 1

    def __str__(self) -> str:
        cause = f"{self.input} {self.partition} " if self.input else ""
        parts = [_span(f"{cause}offset", self.offsets), _span("slot", self.slots)]
        where = ", ".join(filter(None, parts))
        return f"{self.stage} {self.partition}: {self.what}" + (f" ({where})" if where else "")


def _span(name: str, span: tuple[int, int] | None) -> str:
    if span is None:
        return ""
    first, last = span
    return f"{name} {first:,}" if first == last else f"{name}s {first:,} to {last:,}"


class Judged(Record, frozen=True, kw_only=True, rename="camel"):
    """One stage in one partition: its counts, and how much of what it should have made is missing.

    ``from_slot``: what is older is no longer kept whole and was not judged (0: all was).
    ``through_offset``: how far of its input; ``behind``: so many records it has not come to yet.
    """

    stage: str
    partition: int
    counts: Counts = Counts()
    missing: int = 0
    from_slot: Slot = 0
    through_offset: int = -1
    behind: int = 0


class Report(Record, frozen=True, kw_only=True, rename="camel"):
    """An audit. ``findings`` are the first of ``wrong``; ``notes`` say what was not looked at."""

    stages: tuple[Judged, ...]
    findings: tuple[Finding, ...]
    wrong: int
    notes: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


class Gathering:
    """Findings as they come: all are counted, the first *most* are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[Finding] = []
        self._judged: list[Judged] = []
        self._wrong = 0
        self._missing = defaultdict[tuple[str, int], int](int)

    def add(self, finding: Finding) -> None:
        """Take a finding in."""
        self._wrong += finding.count
        self._missing[finding.stage, finding.partition] += finding.count
        if len(self._kept) < self._most:
            self._kept.append(finding)

    def judge(self, judged: Judged) -> None:
        """Take note of a stage that was looked at."""
        self._judged.append(judged)

    def report(self, *notes: str) -> Report:
        """Return all of it."""
        return Report(
            stages=tuple(
                replace(one, missing=self._missing[one.stage, one.partition])
                for one in sorted(self._judged, key=lambda one: ORDER.index(one.stage))
            ),
            findings=tuple(self._kept),
            wrong=self._wrong,
            notes=notes,
        )


COUNTED = ("seen", "applied", "duplicate", "not_ours", "dead_lettered")
STATELESS = ("seen", "not_ours", "dead_lettered")
"""Counts that depend on nothing that came before what is counted."""


def adds_up(counts: Counts) -> bool:
    """Say whether what became of the records is all that was seen."""
    parts = (counts.applied, counts.duplicate, counts.not_ours, counts.dead_lettered)
    return counts.seen == sum(parts)


def since(counts: Counts, before: Counts) -> Counts:
    """Return what was counted after *before*."""
    names = Counts.__struct_fields__
    return Counts(**{name: getattr(counts, name) - getattr(before, name) for name in names})


def differences(stated: Counts, recounted: Counts, names: tuple[str, ...]) -> list[str]:
    """Return in words which counts are not what a recount gives."""
    return _differing(stated, recounted, names)


def slips(stated: Progress, recounted: Progress) -> list[str]:
    """Return in words how far a stage is not where it says."""
    return _differing(stated, recounted, ("complete_through_slot", "joined_through_slot"))


def _differing(stated: object, recounted: object, names: tuple[str, ...]) -> list[str]:
    pairs = ((name, getattr(stated, name), getattr(recounted, name)) for name in names)
    return [
        f"{name.replace('_', ' ')} {said:,} instead of {found:,}"
        for name, said, found in pairs
        if said != found
    ]
