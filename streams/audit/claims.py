"""``claims`` and ``launches``: all that decoders and readers should have said, and who joins it."""

from typing import NamedTuple

from aiokafka import ConsumerRecord

from domain.audit.boundary import MATCH_MARGIN_S, NEVER
from domain.audit.decoding import Said
from domain.audit.digests import digest
from domain.audit.emitted import encode
from domain.audit.findings import Finding, Judged
from domain.audit.joining import (
    FactsSeen,
    LinksSeen,
    MatchRecount,
    facts_compared,
    joins_compared,
)
from domain.windows import DAY_S
from schemas.claim import Claim, LaunchClaim
from schemas.fields import ChainTime
from schemas.link import LinkRecord
from schemas.topics import CLAIMS, EVENTS, LAUNCHES, LINKS
from streams.attempts import attempt, unread
from streams.audit.case import Case, boundary_of, clock_of, value_of
from streams.audit.counting import counting
from streams.audit.cut import Part
from streams.audit.letters import check_letters
from streams.chunks import CHUNK_RECORDS
from streams.lines import Place
from streams.log import Records
from streams.standing import stage_of


class ClaimsRead(NamedTuple):
    """What stands on the topics of claims, as digests: some 60 bytes a claim.

    ``since``: of each input partition the first offset all of whose claims are kept.
    ``launches_since``: the same of launches, by chain time.
    """

    what: dict[str, set[int]]
    since: dict[Place, int]
    launches_since: ChainTime
    match: MatchRecount

    def check(self, case: Case, part: Part, said: Said) -> None:
        """Find what the record of an input partition should have said there, and did not."""
        if said.what in self.what[said.topic] or not self._is_judged(part, said):
            return
        case.found.add(
            Finding(
                stage=stage_of(part.place).name,
                partition=part.place[1],
                kind="missing",
                topic=said.topic,
                what=f"what a record says is not on {said.topic}",
                input=part.place[0],
                offsets=(said.offset, said.offset),
                slots=(said.slot, said.slot) if said.slot else None,
            )
        )

    def _is_judged(self, part: Part, said: Said) -> bool:
        if said.topic == LAUNCHES.name:
            return said.time > self.launches_since
        return said.offset >= self.since.get(part.place, NEVER)


async def read_claims(case: Case) -> ClaimsRead:
    """Read all claims once, and match them anew."""
    match = MatchRecount(
        raw_partitions=case.raw_partitions,
        epoch=case.epochs[CLAIMS.name],
        early_ms=int(case.settings.match_early_s * 1000),
    )
    part = case.cut[CLAIMS.name, 0]
    since: dict[Place, int] = dict.fromkeys(case.cut, 0) if part.is_whole else {}
    claims = await _match(case, part, match, since)
    launches, launches_since = await _launches(case)
    what = {CLAIMS.name: claims, LAUNCHES.name: launches}
    return ClaimsRead(what, since, launches_since, match)


async def audit_match(case: Case, facts: FactsSeen, match: MatchRecount) -> None:
    """Find what the matcher should have said to the fold and to the public, and did not."""
    part = case.cut[CLAIMS.name, 0]
    boundary = await boundary_of(case, part, margin_s=MATCH_MARGIN_S)
    links = await _links(case, part, match)
    partitions = case.log.partitions(EVENTS.name)
    for finding in (
        *facts_compared(match, facts, boundary),
        *joins_compared(match, facts, partitions),
        *links.findings(boundary),
    ):
        case.found.add(finding)
    case.found.judge(
        Judged(
            stage="match",
            partition=0,
            counts=match.progress.counts,
            from_slot=max(0, boundary.slot),
            through_offset=part.span.end - 1,
            behind=part.behind,
        )
    )


async def _match(case: Case, part: Part, match: MatchRecount, since: dict[Place, int]) -> set[int]:
    """Have all claims matched; return what stands for each, and note *since* when they are kept."""
    found = set[int]()
    counts = await counting(case, part)
    async for judged, behind in case.read(part):
        for run in counts.runs(judged, lambda: match.progress.counts):
            _take(case, part, match, run)
        for record in (*judged, *behind):
            found.add(_what(record))
            if clock := clock_of(record):
                # Of one chunk the clocks stand behind all else.
                since.setdefault(clock.source, clock.offset + CHUNK_RECORDS)
    await counts.check(match.progress)
    return found


def _take(case: Case, part: Part, match: MatchRecount, run: Records) -> None:
    claims = [(record.offset, _claim(case, part, record)) for record in run]
    _, bad = attempt(match.take, claims, again=match.reopen, instead=unread)
    unreadable = [offset for offset, claim in claims if claim is None]
    check_letters(case, part, [*unreadable, *(one.item[0] for one in bad)])


def _claim(case: Case, part: Part, record: ConsumerRecord) -> Claim | None:
    """Return a claim, None if it cannot be read, or was set aside."""
    if record.offset in case.letters_of(part):
        return None
    claim: Claim | None = value_of(record, Claim)
    return claim


def _what(record: ConsumerRecord) -> int:
    """Return what stands for a claim, however the release that wrote it did that."""
    return digest(record.key or b"", encode(value_of(record, Claim)))


async def _launches(case: Case) -> tuple[set[int], ChainTime]:
    """Return what stands for each launch, and the chain time since when they are kept."""
    found, since = set[int](), -1
    for place, span in (await case.log.spans(case.log.places([LAUNCHES.name]))).items():
        async for records in case.log.read(place, span):
            first = value_of(records[0], LaunchClaim)
            if span.start and not found and isinstance(first, LaunchClaim):
                since = (
                    first.time + DAY_S
                )  # Decoders are not equally far, in a fast replay by hours.
            found.update(map(_what, records))
    return found, since


async def _links(case: Case, part: Part, match: MatchRecount) -> LinksSeen:
    seen = LinksSeen(match)
    before = case.epochs[CLAIMS.name] + part.span.end
    for place, span in (await case.log.spans(case.log.places([LINKS.name]))).items():
        async for records in case.log.read(place, span):
            for record in records:
                mint, link = (record.key or b"").decode(), value_of(record, LinkRecord)
                seen.see(mint, link, is_later=_revision(record) >= before)
    return seen


def _revision(record: ConsumerRecord) -> int:
    """Return because of which claim a link was told: the end of its event id."""
    revision = dict(record.headers).get("ce_id", b"").rpartition(b":")[2]
    return int(revision) if revision.isdigit() else 0
