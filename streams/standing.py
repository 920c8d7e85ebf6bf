"""How far every stage says it is: the newest record of each on ``btracker.progress``."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec
from aiokafka import ConsumerRecord

from schemas.progress import Progress
from schemas.topics import CLAIMS, EVENTS, METADATA, PROGRESS, RAW_CHAIN, RAW_X, Topic
from streams.lines import Place
from streams.log import Log, Span

TAIL = 5_000
"""Records looked at first: stages say how far they are at most ten times a second."""
BASE_RECORDS = 50_000
LOOK_S = 0.2

_decoder = msgspec.json.Decoder(Progress)


class Stage(NamedTuple):
    """A stage: its name for people, what it reads, and how its progress records are known."""

    name: str
    input: Topic
    stage: str
    source: str | None = None


DECODE = Stage("decode", RAW_CHAIN, "decode")
READ_X = Stage("read x", RAW_X, "read", "x")
READ_METADATA = Stage("read metadata", METADATA, "read", "metadata")
MATCH = Stage("match", CLAIMS, "match")
FOLD = Stage("fold", EVENTS, "fold")
STAGES = (READ_X, READ_METADATA, DECODE, MATCH, FOLD)
_BY_INPUT = {stage.input.name: stage for stage in STAGES}
_BY_RECORD = {(stage.stage, stage.source): stage for stage in STAGES}


class Standing:
    """The newest progress by input partition, of topics as they are now."""

    def __init__(self, log: Log, epochs: Mapping[str, int]) -> None:
        self._log, self._epochs = log, epochs
        self._read_to = 0
        self.newest: dict[Place, Progress] = {}

    async def begin(self, wanted: Iterable[Place]) -> None:
        """Read as much of the end of the topic as tells of all that is *wanted*."""
        span = await self._span()
        self._read_to = max(span.start, span.end - TAIL)
        await self.follow()
        if self._read_to > span.start and any(place not in self.newest for place in wanted):
            tail, self.newest = self.newest, {}
            await self._take(Span(span.start, max(span.start, span.end - TAIL)))
            self.newest |= tail

    async def follow(self) -> None:
        """Take in what was said since."""
        end = (await self._span()).end
        await self._take(Span(self._read_to, end))
        self._read_to = max(self._read_to, end)

    async def reach(
        self, ends: Mapping[Place, int], *, until: float, hear: Callable[[int], None]
    ) -> dict[Place, int]:
        """Wait until all partitions were taken up to their *ends*, or the monotonic time *until*.

        *hear* is told how many records are left. Returns how many each is behind, where it is.
        """
        while behind := self._behind(ends):
            hear(sum(behind.values()))
            if time.monotonic() >= until:
                break
            await asyncio.sleep(LOOK_S)
            await self.follow()
        return behind

    async def base(self, place: Place, *, offset: int, since_ms: int) -> Progress | None:
        """Return the first word about a partition, of those from *offset* and *since_ms* on."""
        here = PROGRESS.name, 0
        start = await self._log.first_at(here, since_ms)
        if start is None:
            return None
        span = Span(start, min((await self._span()).end, start + BASE_RECORDS))
        async for records in self._log.read(here, span):
            for record in records:
                said = self._told(record)
                if said and said[0] == place and said[1].offset >= offset:
                    return said[1]
        return None

    def _behind(self, ends: Mapping[Place, int]) -> dict[Place, int]:
        taken = {place: self._offset(place) + 1 for place in ends}
        return {place: end - taken[place] for place, end in ends.items() if end > taken[place]}

    async def _span(self) -> Span:
        here = PROGRESS.name, 0
        return (await self._log.spans([here]))[here]

    async def _take(self, span: Span) -> None:
        async for records in self._log.read((PROGRESS.name, 0), span):
            for record in records:
                said = self._told(record)
                if said and said[1].offset >= self._offset(said[0]):
                    self.newest[said[0]] = said[1]

    def _offset(self, place: Place) -> int:
        return self.newest[place].offset if place in self.newest else -1

    def _told(self, record: ConsumerRecord) -> tuple[Place, Progress] | None:
        """Return whose progress a record is; None if it is nobody's, or of topics that are gone."""
        try:
            progress = _decoder.decode(record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        place = place_of(progress)
        if place is None or progress.epoch != self._epochs.get(place[0]):
            return None
        return place, progress


def place_of(progress: Progress) -> Place | None:
    """Return the input partition that a record speaks of, None if it is not of a stage of ours."""
    stage = _BY_RECORD.get((progress.stage, progress.source))
    return (stage.input.name, progress.partition) if stage else None


def stage_of(place: Place) -> Stage:
    """Return the stage that takes what stands in a partition."""
    return _BY_INPUT[place[0]]
