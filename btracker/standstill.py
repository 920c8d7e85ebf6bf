"""Whether the stages of a deployment get on: what waits for them, and what they take of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping

from btracker.audit.store import Stated, stated_by
from schemas.kafka import Kafka
from schemas.progress import Progress
from streams import epochs
from streams.lines import Place
from streams.log import Log, open_log
from streams.standing import STAGES, Standing, stage_of
from views.contract import Views

WAIT_S = 5.0
LOOK_S = 0.2
STORE = "index"


async def standstills(kafka: Kafka, views: Views | None) -> dict[str, str | None]:
    """Return for each stage, and for the index process, what is wrong with it (None: nothing).

    A stage stands still if there is something for it to take and it has not taken any for a while.

    Raises:
        UsageError: the Kafka has none of our topics.
        BtrackerError: Kafka or the store does not answer.
    """
    async with open_log(kafka) as log:
        known = await epochs.known(kafka)
        standing = Standing(log, known)
        await standing.begin(log.places(stage.input.name for stage in STAGES))
        before, until = dict(standing.newest), time.monotonic() + WAIT_S
        behind = await standing.reach(await _ends(log), until=until, hear=lambda _: None)
        found = _by_stage(_same(behind, before, standing.newest))
        if views:
            unseen = await _unseen(views, known, before, until=until)
            found[STORE] = _said(unseen)
    return found


async def _ends(log: Log) -> dict[Place, int]:
    spans = await log.spans(log.places(stage.input.name for stage in STAGES))
    return {place: span.end for place, span in spans.items() if span.end > span.start}


def _same(
    behind: Mapping[Place, int], before: Mapping[Place, Progress], now: Mapping[Place, Progress]
) -> dict[Place, int]:
    """Return what is behind and no further than *before*."""
    return {
        place: count
        for place, count in behind.items()
        if _offset(before, place) == _offset(now, place)
    }


def _by_stage(stuck: Mapping[Place, int]) -> dict[str, str | None]:
    counts = defaultdict[str, dict[Place, int]](dict)
    for place, count in stuck.items():
        counts[stage_of(place).name][place] = count
    return {stage.name: _said(counts[stage.name]) for stage in STAGES}


async def _unseen(
    views: Views, known: Mapping[str, int], told: Mapping[Place, Progress], *, until: float
) -> dict[Place, int]:
    """Return of how many records it was *told* that they are done, and the store does not say."""
    first = stated_by(known, await views.progress())
    while True:
        shown: Stated = stated_by(known, await views.progress())
        behind = {
            place: progress.offset - _offset(shown, place)
            for place, progress in told.items()
            if progress.offset > _offset(shown, place)
        }
        if not behind or time.monotonic() >= until:
            return _same(behind, first, shown)
        await asyncio.sleep(LOOK_S)


def _offset(progress: Mapping[Place, Progress], place: Place) -> int:
    return progress[place].offset if place in progress else -1


def _said(stuck: Mapping[Place, int]) -> str | None:
    if not stuck:
        return None
    return (
        f"{sum(stuck.values()):,} records wait in {len(stuck)} partitions, and none was taken for "
        f"{WAIT_S:g} s; does its process run, and what does it say?"
    )
