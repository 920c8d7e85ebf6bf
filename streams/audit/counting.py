"""The counts of a stage against a recount of its log, or of what is left of that."""

from collections.abc import Callable, Iterator, Sequence

from aiokafka import ConsumerRecord

from domain.audit.findings import COUNTED, STATELESS, Finding, adds_up, differences, since, slips
from schemas.progress import Counts, Progress
from streams.audit.case import Case
from streams.audit.cut import Part
from streams.standing import stage_of

SKEW_MS = 60_000
"""By how much the clocks of those who write records may differ."""


class Counting:
    """Counts one partition: in full, or from the first word of its stage that is kept."""

    def __init__(self, case: Case, part: Part, base: Progress | None) -> None:
        self._case, self._part, self._base = case, part, base
        self._before: Counts | None = None

    def runs(
        self, records: Sequence[ConsumerRecord], counts: Callable[[], Counts]
    ) -> Iterator[Sequence[ConsumerRecord]]:
        """Yield *records* as they are to be taken; *counts* tells what was recounted by then."""
        base = self._base
        if (
            not records
            or base is None
            or self._before is not None
            or records[-1].offset <= base.offset
        ):
            yield records
            return
        at = next(n for n, record in enumerate(records) if record.offset > base.offset)
        if at:
            yield records[:at]
        self._before = counts()
        yield records[at:]

    async def check(self, recounted: Progress) -> None:
        """Find what the stage counts otherwise, and where it says to be but is not."""
        progress = self._part.progress
        if progress is None:
            return
        if not adds_up(progress.counts):
            self._wrong(["its counts do not add up to what was seen"])
        if self._part.is_whole:
            self._wrong(slips(progress, recounted))
            wrong = differences(progress.counts, recounted.counts, COUNTED)
            if wrong and not _is_carried(await _base(self._case, self._part)):
                self._wrong(wrong)
        elif self._base and self._before:
            stated = since(progress.counts, self._base.counts)
            self._wrong(differences(stated, since(recounted.counts, self._before), STATELESS))

    def _wrong(self, differences: list[str]) -> None:
        if not differences:
            return
        topic, partition = self._part.place
        self._case.found.add(
            Finding(
                stage=stage_of(self._part.place).name,
                partition=partition,
                kind="counts",
                topic=topic,
                what=f"it says otherwise than its log: {', '.join(differences)}",
                input=topic,
                offsets=(self._part.span.start, self._part.span.end - 1),
            )
        )


async def counting(case: Case, part: Part) -> Counting:
    """Return what counts a partition."""
    return Counting(case, part, None if part.is_whole else await _base(case, part))


async def _base(case: Case, part: Part) -> Progress | None:
    """Return the first word of the stage about what is kept of its input."""
    async for records in case.log.read(part.place, part.span):
        first = records[0]
        since_ms = first.timestamp - SKEW_MS
        return await case.standing.base(part.place, offset=first.offset, since_ms=since_ms)
    return None


def _is_carried(base: Progress | None) -> bool:
    """Whether a stage goes on with the counts of a topic that was here before this one."""
    return base is not None and base.counts.seen > base.offset + 1
