"""Where to judge up to: what every stage says it has taken, once it has passed today's ends."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from domain.audit.findings import Finding
from schemas.progress import Progress
from schemas.topics import CLAIMS, EVENTS, METADATA, RAW_CHAIN, RAW_X, Topic
from streams.lines import Place
from streams.log import Log, Span
from streams.standing import Standing, stage_of

FLOW: tuple[tuple[Topic, ...], ...] = ((RAW_CHAIN, RAW_X, METADATA), (CLAIMS,), (EVENTS,))
"""Inputs in the order of the flow: of what is written because of one, the ends are taken after."""


class Part(NamedTuple):
    """An input partition as it is judged.

    ``progress`` is what its stage says there, None if it says nothing; ``span`` is what is kept of
    what that speaks of, ``kept`` all that is kept. ``behind``: so many records the stage has not
    come to.
    """

    place: Place
    span: Span
    kept: Span
    progress: Progress | None
    behind: int

    @property
    def is_whole(self) -> bool:
        """Whether the log still begins where the stage began."""
        return self.span.start == 0


Cut = Mapping[Place, Part]


async def take_cut(
    log: Log, standing: Standing, *, wait_s: float, hear: Callable[[int], None]
) -> Cut:
    """Return every input partition; stages that do not get on are waited for *wait_s* seconds."""
    until = time.monotonic() + wait_s
    cut: dict[Place, Part] = {}
    await standing.begin(log.places(topic.name for topics in FLOW for topic in topics))
    for topics in FLOW:
        places = log.places(topic.name for topic in topics)
        spans = await log.spans(places)
        ends = {place: span.end for place, span in spans.items() if span.end > span.start}
        behind = await standing.reach(ends, until=until, hear=hear)
        now = await log.spans(places)
        for place in places:
            progress = standing.newest.get(place)
            # A stage may say more than is there: then the counts will show it.
            end = min(progress.offset + 1, now[place].end) if progress else now[place].start
            span = Span(min(now[place].start, end), end)
            cut[place] = Part(place, span, now[place], progress, behind.get(place, 0))
    return cut


def silent(cut: Cut) -> Iterator[Finding]:
    """Yield the partitions of which their stage has never said anything, though there is input."""
    for (topic, partition), part in cut.items():
        if part.progress is None and part.behind:
            yield Finding(
                stage=stage_of(part.place).name,
                partition=partition,
                kind="silent",
                topic=topic,
                what=f"it never said how far it is in {topic} {partition}: perhaps it does not run",
            )
