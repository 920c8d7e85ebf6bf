"""Says on ``btracker.progress`` how each node and the sweep are, now and then and at the end."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

from schemas.progress import Progress
from schemas.topics import PROGRESS
from streams.cloud_events import cloud_event
from streams.sources.publisher import Publisher
from streams.sources.solana.desk import Desk
from streams.sources.solana.reports import gone_progress, node_progress, sweep_progress
from streams.sources.solana.standing import Standing
from streams.sources.solana.sweep import Sweep

REPORT_EVERY_S = 1.0


class Reporting:
    """The reports of all nodes; what has not changed is not said again."""

    def __init__(
        self,
        publisher: Publisher,
        desk: Desk,
        sweep: Sweep,
        standings: Sequence[Standing],
        *,
        gone: Iterable[str],
    ) -> None:
        self._publisher, self._desk, self._sweep = publisher, desk, sweep
        self._standings, self._gone = standings, tuple(map(gone_progress, gone))
        self._said: dict[str, Progress] = {}

    async def run(self) -> None:
        """Report, for ever."""
        while True:
            await self._say()
            await asyncio.sleep(REPORT_EVERY_S)

    async def end(self) -> None:
        """Report that no node is listened to any more."""
        for standing in self._standings:
            standing.end()
        await self._say()

    def _reports(self) -> Iterator[Progress]:
        yield from self._gone
        head = max(standing.head for standing in self._standings)
        yield sweep_progress(self._sweep, self._desk, head=head)
        for standing in self._standings:
            yield node_progress(standing, self._desk)

    async def _say(self) -> None:
        for progress in self._reports():
            name = progress.source or ""
            if self._said.get(name) == progress:
                continue
            await self._publisher.report(
                PROGRESS, f"collect:{name}:{progress.kind}", progress, _headers(name, progress)
            )
            self._said[name] = progress


def _headers(name: str, progress: Progress) -> tuple[tuple[str, bytes], ...]:
    event_id = f"collect:{name}:{progress.state}:{progress.head_slot}:{progress.counts.seen}"
    return cloud_event(
        PROGRESS, event_id=event_id, subject=name, slot=progress.head_slot,
        time=progress.chain_time, op="u",
    )  # fmt: skip
