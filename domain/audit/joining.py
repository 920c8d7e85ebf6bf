"""``claims`` matched from scratch, and what of it stands among the events and on ``links``."""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.audit.boundary import Boundary
from domain.audit.digests import digest
from domain.audit.emitted import encode
from domain.audit.findings import Finding, Kind
from domain.fold.keys import fact_key
from domain.match.matcher import CLOCKS, Matcher
from domain.match.record import link_record
from schemas.claim import Claim, LaunchClaim
from schemas.claim_rows import ClaimRow
from schemas.event import About, Event, Joined
from schemas.fields import Mint, Slot
from schemas.link import LinkRecord
from schemas.progress import Progress
from schemas.topics import EVENTS, LINKS

WITHDRAWN = 0
"""Stands for a link that is there no more."""


class FactsSeen:
    """What the matcher told the fold: of each kind of fact the newest, and how far it was joined.

    *before*: the revision from which on facts are newer than what is judged.
    """

    def __init__(self, before: int) -> None:
        self._before = before
        self._newest: dict[str, tuple[int, int]] = {}
        self.joined: dict[int, Slot] = {}

    def see(self, partition: int, event: Event | None) -> None:
        """Take in the next event of a partition."""
        if isinstance(event, Joined):
            self.joined[partition] = max(event.complete, self.joined.get(partition, 0))
        if not isinstance(event, About) or event.revision >= self._before:
            return
        key = fact_key(event.mint, type(event.fact))
        if event.revision >= self._newest.get(key, (-1, 0))[0]:
            self._newest[key] = event.revision, digest(encode(event.fact))

    def of(self, key: str) -> int | None:
        """Return what stands for the newest fact of a kind about a mint."""
        return self._newest.get(key, (0, None))[1]


class MatchRecount:
    """The matcher with a table of its own. It needs what a worker needs, and 200 bytes a fact."""

    def __init__(self, *, raw_partitions: int, epoch: int, early_ms: int) -> None:
        self._rows: dict[str, ClaimRow] = {}
        self._options: dict[str, int] = {
            "raw_partitions": raw_partitions,
            "claims_epoch": epoch,
            "early_ms": early_ms,
        }
        self._launches: dict[Mint, tuple[int, Slot]] = {}
        self.facts: dict[str, tuple[Mint, int]] = {}
        self.links: dict[Mint, int] = {}
        self.progress = Progress(stage="match", partition=0)
        self.reopen()

    def reopen(self) -> None:
        """Put back what a failed attempt may have touched."""
        self._matcher = Matcher(self._rows, **self._options)

    def take(self, records: Sequence[tuple[int, Claim | None]]) -> None:
        """Match the next claims; None is one that nobody could read."""
        matched = self._matcher.match(records)
        for key, row in matched.rows.items():
            if row is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = row
        self._rows[CLOCKS] = matched.clock
        for _, claim in records:
            if isinstance(claim, LaunchClaim):
                self._launches[claim.launch.mint] = claim.time, claim.place.slot
        for about in matched.facts:
            key = fact_key(about.mint, type(about.fact))
            self.facts[key] = about.mint, digest(encode(about.fact))
        for said in matched.links:
            self.links[said.link.mint] = link_digest(link_record(said.link))
        self.progress = matched.progress

    def slot_of(self, mint: Mint) -> Slot:
        """Return the slot of a token's launch, 0 where it was not seen."""
        return self._launches.get(mint, (0, 0))[1]

    def is_judged(self, mint: Mint, boundary: Boundary) -> bool:
        """Say whether all that may have been said for a token is kept."""
        return boundary.is_whole or self._launches.get(mint, (0, 0))[0] > boundary.time


def link_digest(record: LinkRecord | None) -> int:
    """Return what stands for a link."""
    return WITHDRAWN if record is None else digest(encode(record))


def facts_compared(recount: MatchRecount, seen: FactsSeen, boundary: Boundary) -> Iterator[Finding]:
    """Yield the facts that the fold was not told, or told otherwise."""
    for key, (mint, what) in recount.facts.items():
        found = seen.of(key)
        if recount.is_judged(mint, boundary) and found != what:
            kind: Kind = "missing" if found is None else "different"
            yield _finding(kind, EVENTS.name, key, recount.slot_of(mint))


def joins_compared(recount: MatchRecount, seen: FactsSeen, partitions: int) -> Iterator[Finding]:
    """Yield the partitions of events that were not told how far links and documents are."""
    for partition in range(partitions):
        joined = recount.progress.joined_through_slot
        if seen.joined.get(partition, 0) < joined:
            what = f"how far links and documents are ({EVENTS.name} {partition})"
            yield _finding("missing", EVENTS.name, what, joined)


class LinksSeen:
    """The newest links on their topic, against those of a recount."""

    def __init__(self, recount: MatchRecount) -> None:
        self._recount = recount
        self._newest: dict[Mint, int] = {}
        self._later = set[Mint]()

    def see(self, mint: Mint, record: LinkRecord | None, *, is_later: bool) -> None:
        """Take in the next record; *is_later*: it is newer than what is judged."""
        if is_later:
            self._later.add(mint)
        else:
            self._newest[mint] = link_digest(record)

    def findings(self, boundary: Boundary) -> Iterator[Finding]:
        """Yield the links that are not there, or say something else."""
        for mint, what in self._recount.links.items():
            if mint in self._later or not self._recount.is_judged(mint, boundary):
                continue
            # A tombstone goes after a while.
            found = self._newest.get(mint, WITHDRAWN if what == WITHDRAWN else None)
            if found != what:
                kind: Kind = "missing" if found in {None, WITHDRAWN} else "different"
                yield _finding(kind, LINKS.name, mint, self._recount.slot_of(mint))


_SAID: dict[Kind, str] = {"missing": "is not on", "different": "says something else on"}


def _finding(kind: Kind, topic: str, what: Any, slot: Slot) -> Finding:
    return Finding(
        stage="match",
        partition=0,
        kind=kind,
        topic=topic,
        what=f"{what} {_SAID[kind]} {topic}",
        slots=(slot, slot) if slot else None,
    )
