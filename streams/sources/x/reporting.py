"""Says on ``btracker.progress`` how X stands, and to the metrics what it costs."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from schemas.progress import Counts, Progress
from schemas.topics import DLQ_SUFFIX, PROGRESS, RAW_X
from streams.cloud_events import cloud_event
from streams.sources.publisher import Publisher
from streams.sources.x import metrics
from streams.sources.x.desk import SOURCE, Desk
from streams.sources.x.standing import Standing

REPORT_EVERY_S = 1.0
KIND = "x"


class Reporting:
    """The report of X; what has not changed is not said again. *troubles*: of its searches."""

    def __init__(
        self,
        publisher: Publisher,
        desk: Desk,
        standings: Sequence[Standing],
        troubles: Callable[[], Iterator[str]],
    ) -> None:
        self._publisher, self._desk = publisher, desk
        self._standings, self._troubles = standings, troubles
        self._said: Progress | None = None

    async def run(self) -> None:
        """Report, for ever."""
        while True:
            await self._say()
            await asyncio.sleep(REPORT_EVERY_S)

    async def end(self) -> None:
        """Report that nobody listens any more."""
        for standing in self._standings:
            standing.end()
        await self._say()

    def progress(self) -> Progress:
        """Return how X stands: as well as the best of its streams."""
        best = max(self._standings, key=lambda one: one.state == "running")
        desk = self._desk
        parts = (
            f"{desk.count - desk.broken - desk.deleted:,} posts",
            f"{desk.deleted:,} deleted" if desk.deleted else "",
            f"broken: {desk.broken:,}, now in {RAW_X.name}{DLQ_SUFFIX}" if desk.broken else "",
            f"{sum(one.reconnects for one in self._standings):,} reconnects",
            f"{desk.budget.used:.0%} of the day's budget",
            *dict.fromkeys(one.trouble for one in self._standings),
            *self._troubles(),
        )
        return Progress(
            stage="collect",
            partition=0,
            source=SOURCE,
            kind=KIND,
            state=best.state,
            detail=", ".join(filter(None, parts)),
            counts=Counts(
                seen=desk.count, applied=desk.count - desk.broken, dead_lettered=desk.broken
            ),
        )

    async def _say(self) -> None:
        metrics.BUDGET_USED.set(self._desk.budget.used)
        metrics.COST.set(self._desk.budget.micro_usd / 1_000_000)
        metrics.STOPPED.set(all(one.is_resting for one in self._standings))
        progress = self.progress()
        if progress == self._said:
            return
        key = f"collect:{SOURCE}:{KIND}"
        headers = cloud_event(
            PROGRESS,
            event_id=f"{key}:{progress.state}:{progress.counts.seen}",
            subject=SOURCE,
            slot=0,
            time="1970-01-01T00:00:00Z",
            op="u",
        )
        await self._publisher.report(PROGRESS, key, progress, headers)
        self._said = progress
