"""claims -> links, facts about tokens, and how far both are complete."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from domain.amounts import timestamp
from domain.match.book import EARLY_MS
from domain.match.clocks import counted, hear, joined, newest, slowest
from domain.match.known import Known
from domain.match.links import links
from domain.match.wordings import wording
from schemas.chain_events import Config
from schemas.claim import Claim, LaunchClaim, SourceClock
from schemas.claim_rows import ClaimRow, LinkRow, MatchRow
from schemas.event import About, Clock, Op
from schemas.fields import Mint, Slot
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.post import PostClaim, PostGone
from schemas.progress import Counts, Progress
from schemas.wording import TokenWording

CLOCKS = "clocks"
"""The key of the row with clocks and counts."""


class Matched(NamedTuple):
    """What a run of claims caused.

    ``clock`` is the row to write after everything else. ``links`` are what was said of mints, for
    the public; ``facts`` say the same and more to the fold, in order. ``wordings``: what
    describes the tokens of these facts now. ``joined``: links and
    documents of slots up to it stand before it; None where no clock was among the claims.
    """

    rows: dict[str, ClaimRow | None]
    clock: MatchRow
    facts: list[About]
    links: list[LinkRow]
    wordings: list[TokenWording]
    joined: Slot | None
    progress: Progress


class Matcher:
    """Joins launches, posts, documents and configurations; rebuilt from its rows at any time.

    The links are a function of the set of claims: in whatever order and however often they come,
    the same set ends in the same links. Only deletions and undone launches have to follow what
    they take back, and claims that belong together have to come while they are kept (``ledger``).

    A redelivered claim changes nothing. What it or a later one changed is said again, under the
    revision of that change: the epoch of the claims topic plus an offset, so revisions grow.
    """

    def __init__(
        self,
        rows: Mapping[str, ClaimRow],
        *,
        raw_partitions: int,
        claims_epoch: int,
        early_ms: int = EARLY_MS,
    ) -> None:
        clock = rows.get(CLOCKS)
        self._clock = clock if isinstance(clock, MatchRow) else MatchRow()
        self._known = Known(
            {key: row for key, row in rows.items() if key != CLOCKS}, early_ms=early_ms
        )
        self._withdrawn = set[Mint]()
        self._raw_partitions = raw_partitions
        self._epoch = claims_epoch
        self._restored = max((row.revision for row in self._links()), default=-1)

    def match(self, records: Sequence[tuple[int, Claim | None]]) -> Matched:
        """Take in *records*, (offset, claim) in the order of offsets, and say what follows.

        None in a claim's place is a record that went to the dead letters, to be counted.
        """
        facts, affected = list[About](), set[Mint]()
        for offset, claim in records:
            mints, about = self._take(claim, revision=self._epoch + offset)
            affected |= mints
            facts += about
            self._clock = counted(self._clock, (self._epoch, offset), is_readable=claim is not None)
        first, last = (records[0][0], records[-1][0]) if records else (0, -1)
        changed = self._relink(affected, revision=self._epoch + last)
        said = changed if self._epoch + first > self._restored else self._said_since(first)
        self._known.expire(slowest(self._clock, raw_partitions=self._raw_partitions))
        return self._matched(records, facts, said)

    def _take(self, claim: Claim | None, *, revision: int) -> tuple[set[Mint], list[About]]:
        """Return the mints that *claim* affects and the facts that follow at once."""
        known = self._known
        match claim:
            case LaunchClaim():
                affected = known.take_launch(claim) if claim.op is not Op.LOG else set()
                return affected, self._config_facts([claim.launch.mint], revision)
            case Metadata():
                affected = known.take_document(claim)
                return affected, [About(claim.mint, revision, known.book.documents[claim.mint])]
            case PostClaim():
                return known.take_post(claim.post), []
            case PostGone():
                affected = known.take_deletion(claim.post_id, at=newest(self._clock))
                return affected | self._let_go(claim.mints), []
            case Config():
                users = known.take_config(claim, at=newest(self._clock))
                return set(), self._config_facts(sorted(users), revision)
            case Clock() | SourceClock():
                self._clock = hear(self._clock, claim)
        return set(), []

    def _let_go(self, mints: Iterable[Mint]) -> set[Mint]:
        """Withdraw the links of those *mints* whose launches are forgotten; return them."""
        old = {mint for mint in mints if mint not in self._known.book.launches}
        self._withdrawn |= old
        return old

    def _config_facts(self, mints: Iterable[Mint], revision: int) -> list[About]:
        found = ((mint, self._known.config(mint)) for mint in mints)
        return [About(mint, revision, config) for mint, config in found if config]

    def _relink(self, mints: set[Mint], *, revision: int) -> list[LinkRow]:
        """Decide the links of *mints* anew; return the rows that changed, by mint."""
        gone = {mint: Link(mint, "withdrawn") for mint in mints & self._withdrawn}
        decided = gone | links(self._known.book, mints)
        self._withdrawn -= mints
        return [
            row
            for mint in sorted(mints)
            if (row := self._changed(mint, decided.get(mint), revision=revision))
        ]

    def _changed(self, mint: Mint, link: Link | None, *, revision: int) -> LinkRow | None:
        known, old = self._known, self._known.link(mint)
        new = link or (Link(mint, "withdrawn") if old else None)
        if new is None or (old and old.link == new):
            return None
        launch = known.book.launches.get(mint)
        time, slot = (launch.time, launch.place.slot) if launch else (newest(self._clock), 0)
        row = LinkRow(max(revision, old.revision if old else 0), time, slot, new)
        known.ledger.put(f"link:{mint}", row)
        return row

    def _links(self) -> list[LinkRow]:
        return [row for _, row in self._known.ledger.items() if isinstance(row, LinkRow)]

    def _said_since(self, first: int) -> list[LinkRow]:
        """Return what was last changed by the claim at offset *first* or a later one."""
        since = self._epoch + first
        return sorted((row for row in self._links() if row.revision >= since), key=_by_revision)

    def _matched(
        self,
        records: Sequence[tuple[int, Claim | None]],
        facts: list[About],
        said: list[LinkRow],
    ) -> Matched:
        clocks = any(isinstance(claim, Clock | SourceClock) for _, claim in records)
        slot = joined(self._clock, raw_partitions=self._raw_partitions)
        return Matched(
            rows=self._known.ledger.take_changes(),
            clock=self._clock,
            facts=[*facts, *(About(row.link.mint, row.revision, row.link) for row in said)],
            links=said,
            wordings=self._wordings(
                [
                    *(f.mint for f in facts if isinstance(f.fact, Metadata)),
                    *(row.link.mint for row in said),
                ]
            ),
            joined=slot if clocks else None,
            progress=_progress(self._clock, joined_slot=slot),
        )

    def _wordings(self, mints: Iterable[Mint]) -> list[TokenWording]:
        known = self._known
        return [
            wording(
                mint,
                row.link if (row := known.link(mint)) else None,
                known.book.documents.get(mint),
            )
            for mint in dict.fromkeys(mints)
        ]


def _by_revision(row: LinkRow) -> tuple[int, Mint]:
    return row.revision, row.link.mint


def _progress(row: MatchRow, *, joined_slot: Slot) -> Progress:
    epoch, offset = row.through
    time = newest(row)
    return Progress(
        stage="match",
        partition=0,
        epoch=epoch,
        offset=offset,
        head_slot=max((heard.slot for heard in row.heads.values()), default=0),
        chain_time=timestamp(time) if time else None,
        joined_through_slot=joined_slot,
        counts=Counts(seen=row.seen, applied=row.applied, dead_lettered=row.dead_lettered),
    )
