"""A partition of ``events`` folded anew, and the public topics beside it."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from aiokafka import ConsumerRecord

from domain.audit.boundary import Boundary
from domain.audit.findings import Judged
from domain.audit.folding import Comparison, FoldRecount, Name
from schemas.event import Event
from schemas.fields import Slot
from schemas.topics import CANDLES, EVENTS, HOLDERS, LIFECYCLE, TOKENS, TRADES, Topic
from streams.attempts import attempt, unread
from streams.audit.case import Case, boundary_of, value_of
from streams.audit.counting import Counting, counting
from streams.audit.cut import Part
from streams.audit.letters import check_letters
from streams.lines import Place
from streams.log import Records, Span

PUBLIC: tuple[Topic, ...] = (TOKENS, TRADES, CANDLES, HOLDERS, LIFECYCLE)
VERSIONS = {TOKENS.name: "version", CANDLES.name: "rev", HOLDERS.name: "version"}
"""The field that says because of which event a record was told."""
SLOTS_PER_HOUR = 9_000

Hear = Callable[[ConsumerRecord, Event | None], None]
"""Is told each record of events, and what it says (None: nobody can read it)."""


async def audit_fold(case: Case, part: Part, hear: Hear, *, public: Mapping[Place, Span]) -> None:
    """Fold a partition of events and find what of it is not *public*."""
    boundary = await boundary_of(case, part)
    recount = FoldRecount(boundary=boundary, **_options(case, part))
    counts = await counting(case, part)
    await _refold(case, part, recount, counts=counts, hear=hear)
    await counts.check(recount.progress)
    comparison = Comparison(recount, boundary)
    since = {topic.name: await _compare(case, part, topic, public, comparison) for topic in PUBLIC}
    names = await _names(case, part, boundary, comparison.missing)
    missing = [name for name in names if name.slot > since[name.topic]]
    for finding in comparison.findings(part.place[1], missing):
        case.found.add(finding)
    case.found.judge(
        Judged(
            stage="fold",
            partition=part.place[1],
            counts=recount.progress.counts,
            from_slot=max(0, boundary.slot),
            through_offset=part.span.end - 1,
            behind=part.behind,
        )
    )


async def _refold(
    case: Case, part: Part, recount: FoldRecount, *, counts: Counting | None, hear: Hear
) -> None:
    """Have all events folded; those that cannot be must be among the dead letters."""
    async for judged, behind in case.read(part):
        for run in counts.runs(judged, lambda: recount.progress.counts) if counts else [judged]:
            _take(case, part, recount, run, hear)
        for record in behind:
            event = value_of(record, Event)
            hear(record, event)
            recount.excuse(event)


def _take(case: Case, part: Part, recount: FoldRecount, run: Records, hear: Hear) -> None:
    events = [(record, _event(case, part, record)) for record in run]
    for record, event in events:
        hear(record, event)
    _, bad = attempt(
        recount.take,
        [(record.offset, event) for record, event in events],
        again=recount.reopen,
        instead=unread,
    )
    unreadable = [record.offset for record, event in events if event is None]
    check_letters(case, part, [*unreadable, *(one.item[0] for one in bad)])


def _event(case: Case, part: Part, record: ConsumerRecord) -> Event | None:
    """Return an event, None if it cannot be read, or was set aside."""
    if record.offset in case.letters_of(part):
        return None
    event: Event | None = value_of(record, Event)
    return event


async def _names(
    case: Case, part: Part, boundary: Boundary, wanted: AbstractSet[int]
) -> list[Name]:
    """Return the names of keys by their digests; folds all of it once more, if there are any."""
    if not wanted:
        return []
    again = FoldRecount(boundary=boundary, watched=wanted, **_options(case, part))
    await _refold(case, part, again, counts=None, hear=lambda *_: None)
    return again.names()


async def _compare(
    case: Case,
    part: Part,
    topic: Topic,
    public: Mapping[Place, Span],
    comparison: Comparison,
) -> Slot:
    """Compare a public topic; return the slot since which it is kept, -1 if all of it is."""
    place = topic.name, part.place[1]
    span = public[place]
    oldest: Slot | None = None
    async for records in case.log.read(place, span):
        for record in records:
            value = value_of(record, topic.value)
            if value is None:
                continue  # The indexer sets it aside; what it should have been is missing.
            is_later = _is_later(case, part, topic, record, value)
            comparison.see(topic.name, (record.key or b"").decode(), value, is_later=is_later)
            if oldest is None:
                oldest = getattr(value, "slot", 0) + SLOTS_PER_HOUR
    return -1 if span.start == 0 or topic.cleanup == "compact" else oldest or 0


def _is_later(case: Case, part: Part, topic: Topic, record: ConsumerRecord, value: Any) -> bool:
    """Say whether a public record was told because of events that are not judged."""
    outputs = part.progress.outputs if part.progress else {}
    field = VERSIONS.get(topic.name)
    last = case.epochs[EVENTS.name] + part.span.end - 1
    if field and getattr(value, field) > last:
        return True
    return bool(record.offset >= outputs.get(topic.name, 0))


def _options(case: Case, part: Part) -> dict[str, Any]:
    return {
        "partition": part.place[1],
        "raw_partitions": case.raw_partitions,
        "epoch": case.epochs[EVENTS.name],
        "retention_s": case.settings.retention_hours * 3_600,
    }
