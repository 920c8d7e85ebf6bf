"""``btracker bench pipeline``: the race, then the latency."""

from typing import NamedTuple

import msgspec

from btracker.bench.pipeline.latency import LatencyResult, latency
from btracker.bench.pipeline.race import RaceResult, Size, race
from schemas.kafka import Kafka


class Options(NamedTuple):
    """What is measured: how much, how often, for how long (0: no latency), on which Kafka."""

    size: Size
    runs: int
    per_second: int
    seconds: int
    kafka: Kafka | None


class PipelineResult(RaceResult, frozen=True, kw_only=True, rename="camel"):
    """Both; no latency where it was not asked for."""

    latency: LatencyResult | None


async def measure(options: Options) -> PipelineResult:
    """Return what was measured.

    Raises:
        BtrackerError: something did not get to its end, or not to the right state.
    """
    raced = await race(options.size, runs=options.runs, kafka=options.kafka)
    waited = (
        await latency(per_second=options.per_second, seconds=options.seconds, kafka=options.kafka)
        if options.seconds
        else None
    )
    return PipelineResult(**msgspec.structs.asdict(raced), latency=waited)
