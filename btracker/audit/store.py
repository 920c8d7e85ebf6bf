"""The store against the public topics, as far as it says that it has taken them in."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from aiokafka import ConsumerRecord

from domain.audit.findings import Finding, Judged
from domain.audit.storing import SLICE_KEYS, StoreComparison
from domain.errors import UnreadableError
from schemas.progress import Counts, Progress
from schemas.topics import CLAIMS, EMBEDDINGS, ENGAGEMENTS, EVENTS, LINKS, POSTS, PROGRESS, RAW_X
from streams.audit.case import Case
from streams.lines import Place
from streams.log import Span
from streams.standing import place_of
from views.contract import Views
from views.index.own import own_place
from views.index.reading import NOUNS, Noun, read
from views.scan import documents
from views.writes import Write

LOOK_S = 0.2
CAUSES = {
    POSTS.name: RAW_X.name,
    LINKS.name: CLAIMS.name,
    EMBEDDINGS.name: EMBEDDINGS.name,
    ENGAGEMENTS.name: ENGAGEMENTS.name,
}
"""Of which input the progress tells how much of a topic is in the store; else of events.

Of vectors and engagement the index process tells it itself."""

Stated = Mapping[Place, Progress]
"""What a store says of an input: the newest progress that is visible in it."""


async def audit_store(
    case: Case, views: Views, *, wait_s: float, hear: Callable[[int], None]
) -> None:
    """Find what of the public records is not in the store, or not as it came."""
    stated = await _caught_up(case, views, until=time.monotonic() + wait_s, hear=hear)
    spans = await _stated_spans(case, stated)
    keys, wrong = Counter[int](), Counter[int]()
    letters = _set_aside(case, spans)
    for noun in NOUNS:
        if noun.topic is PROGRESS:
            continue  # It is said again and again, and shown when what it speaks of is there.
        mine = {place: span for place, span in spans.items() if place[0] == noun.topic.name}
        async for comparison in _comparisons(case, views, noun, mine):
            keys.update(comparison.judged())
            for finding in comparison.findings():
                case.found.add(finding)
                wrong[finding.partition] += 1
    for finding in _silent(case, stated):
        case.found.add(finding)
    for partition in sorted(keys | letters):
        count, dead = keys[partition], letters[partition]
        counts = Counts(seen=count + dead, applied=count - wrong[partition], dead_lettered=dead)
        case.found.judge(Judged(stage="store", partition=partition, counts=counts))


def _set_aside(case: Case, spans: Mapping[Place, Span]) -> Counter[int]:
    """Return how many records of some spans the indexer has set aside, by partition."""
    found = Counter[int]()
    for place, span in spans.items():
        found[place[1]] += sum(span.start <= one < span.end for one in case.letters.get(place, ()))
    return found


async def _comparisons(
    case: Case, views: Views, noun: Noun, spans: Mapping[Place, Span]
) -> AsyncIterator[StoreComparison]:
    """Yield a noun compared, so many keys at a time as fit into memory."""
    slices = 1 + sum(span.end - span.start for span in spans.values()) // SLICE_KEYS
    for number in range(slices):
        comparison = StoreComparison(noun.topic.name, number=number, slices=slices)
        async for write, (_, partition) in _writes(case, spans):
            comparison.expect(
                write.key,
                write.version,
                write.body,
                partition=partition,
                slot=getattr(write.record, "slot", 0),
            )
        async for document in documents(views, noun.field):
            comparison.see(document.key, document.version, document.body or b"")
        if not comparison.is_settled:
            async for write, _ in _writes(case, await case.log.spans(spans)):
                comparison.look(write.key, write.version)
        yield comparison


async def _writes(
    case: Case, spans: Mapping[Place, Span]
) -> AsyncIterator[tuple[Write[object], Place]]:
    """Yield the writes that the records of some spans stand for, as the indexer reads them."""
    for place, span in spans.items():
        async for records in case.log.read(place, span):
            for record in records:
                if write := _write(case, record):
                    yield write, place
            case.hear(len(records))


def _write(case: Case, record: ConsumerRecord) -> Write[object] | None:
    """Return a record's write, None if the indexer has set it aside."""
    if record.offset in case.letters.get((record.topic, record.partition), ()):
        return None
    try:
        at = case.epochs[record.topic] + record.offset
        return read(record.topic, record.key, record.value, at=at)
    except UnreadableError:
        return None


async def _stated_spans(case: Case, stated: Stated) -> dict[Place, Span]:
    """Return the parts of the public topics of which the store says that it has them."""
    places = case.log.places(noun.topic.name for noun in NOUNS if noun.topic is not PROGRESS)
    return {
        place: Span(span.start, max(span.start, min(span.end, end_of(stated, place) or 0)))
        for place, span in (await case.log.spans(places)).items()
    }


def end_of(stated: Stated, place: Place) -> int | None:
    """Return up to where a store says that it has a public topic; None: it says nothing."""
    topic, partition = place
    progress = stated.get((CAUSES.get(topic, EVENTS.name), partition))
    return progress.outputs.get(topic, 0) if progress else None


async def _caught_up(
    case: Case, views: Views, *, until: float, hear: Callable[[int], None]
) -> Stated:
    """Return what the store says once it has all that is judged, or time is out."""
    while True:
        stated = stated_by(case.epochs, await views.progress())
        behind = sum(_behind(case, stated).values())
        if not behind or time.monotonic() >= until:
            return stated
        hear(behind)
        await asyncio.sleep(LOOK_S)


def stated_by(epochs: Mapping[str, int], visible: Iterable[Progress]) -> Stated:
    """Return what a store says of each input, of topics as they are now."""
    found = {}
    for progress in visible:
        place = place_of(progress) or own_place(progress)
        if place and progress.epoch == epochs.get(place[0]):
            found[place] = progress
    return found


def _behind(case: Case, stated: Stated) -> dict[Place, int]:
    """Return how many records of each input the store says nothing of yet."""
    filling = {EVENTS.name, *CAUSES.values()}
    ends = {
        place: part.span.end
        for place, part in case.cut.items()
        if place[0] in filling and part.span.end > part.span.start
    }
    known = {place: stated[place].offset + 1 if place in stated else 0 for place in ends}
    return {place: end - known[place] for place, end in ends.items() if end > known[place]}


def _silent(case: Case, stated: Stated) -> list[Finding]:
    """Return the inputs of which the store says nothing at all."""
    return [
        Finding(
            stage="store",
            partition=place[1],
            kind="silent",
            topic=place[0],
            what=f"it was never told how far {place[0]} {place[1]} is: perhaps no indexer runs",
        )
        for place in _behind(case, stated)
        if place not in stated
    ]
