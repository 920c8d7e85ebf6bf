"""The store against the public topics, as far as it says that it has taken them in."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import NamedTuple

from aiokafka import ConsumerRecord

from domain.audit.findings import Finding, Judged
from domain.audit.storing import SLICE_KEYS, StoreComparison
from domain.errors import UnreadableError
from schemas.progress import Counts, Progress
from schemas.topics import EVENTS, LINKS, POSTS, PROGRESS, RAW_X
from streams.audit.case import Case
from streams.lines import Place
from streams.log import Span
from streams.standing import FOLD, READ_X, STAGES, Stage
from views.contract import Views
from views.index.reading import NOUNS, Noun, read
from views.writes import Document, Write

PAGE = 2_000
LOOK_S = 0.2


class Stated(NamedTuple):
    """What a store says of a stage: the newest progress that is visible in it."""

    offset: int
    outputs: Mapping[str, int]


async def audit_store(
    case: Case, views: Views, *, wait_s: float, hear: Callable[[int], None]
) -> None:
    """Find what of the public records is not in the store, or not as it came."""
    stated = await _caught_up(case, views, until=time.monotonic() + wait_s, hear=hear)
    for finding in _silent(case, stated):
        case.found.add(finding)
    spans = await _spans(case, stated)
    judged, wrong = defaultdict[int, int](int), defaultdict[int, int](int)
    for noun in NOUNS:
        if noun.topic is not PROGRESS:
            await _compare(case, views, noun, spans, judged, wrong)
    for partition, count in sorted(judged.items()):
        case.found.judge(
            Judged(
                stage="store",
                partition=partition,
                counts=Counts(seen=count, applied=count - wrong[partition]),
            )
        )


async def _compare(
    case: Case,
    views: Views,
    noun: Noun,
    spans: Mapping[Place, Span],
    judged: dict[int, int],
    wrong: dict[int, int],
) -> None:
    """Compare one noun, so many keys at a time that they fit into memory."""
    mine = {place: span for place, span in spans.items() if place[0] == noun.topic.name}
    slices = 1 + sum(span.end - span.start for span in mine.values()) // SLICE_KEYS
    for number in range(slices):
        comparison = StoreComparison(noun.topic.name, number=number, slices=slices)
        async for write, place in _writes(case, mine):
            slot = getattr(write.record, "slot", 0)
            comparison.expect(
                write.key, write.version, write.body, partition=place[1], slot=slot
            )
        async for document in documents(views, noun.field):
            comparison.see(document.key, document.version, document.body or b"")
        if comparison.missing:
            async for write, _ in _writes(case, mine):
                comparison.name(write.key)
        for partition, count in comparison.judged().items():
            judged[partition] += count
        for finding in comparison.findings():
            case.found.add(finding)
            wrong[finding.partition] += 1


async def documents(views: Views, noun: str) -> AsyncIterator[Document]:
    """Yield everything that a store keeps of a noun."""
    after: Document | None = None
    while page := await views.documents(noun, limit=PAGE, after=after):
        for document in page:
            yield document
        after = page[-1]


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
    at = case.epochs[record.topic] + record.offset
    try:
        return read(record.topic, record.key, record.value, at=at)
    except UnreadableError:
        return None


async def _caught_up(
    case: Case, views: Views, *, until: float, hear: Callable[[int], None]
) -> dict[Place, Stated]:
    """Return what the store says of every input once it has what is judged, or is out of time."""
    while True:
        stated = _stated(case, await views.progress())
        behind = sum(
            max(0, part.span.end - 1 - stated[place].offset if place in stated else 1)
            for place, part in case.cut.items()
            if _fills_the_store(place) and part.span.end > part.span.start
        )
        if not behind or time.monotonic() >= until:
            return stated
        hear(behind)
        await asyncio.sleep(LOOK_S)
