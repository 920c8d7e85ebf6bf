"""``btracker bench pipeline``: the race, then the latency."""

from typing import NamedTuple

import msgspec

from btracker.bench.medians import medians
from btracker.bench.pipeline import latency as latencies
from btracker.bench.pipeline.latency import LatencyResult, latency
from btracker.bench.pipeline.race import RaceResult, Size, race
from schemas.kafka import Kafka


class Options(NamedTuple):
    """What is measured: how much, how often, at which rates (no seconds: none), on which Kafka."""

    size: Size
    runs: int
    latency: latencies.Options
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
    waits = [
        await latency(options.latency, kafka=options.kafka)
        for _ in range(options.runs if options.latency.seconds else 0)
    ]
    waited = medians(waits) if waits else None
    return PipelineResult(**msgspec.structs.asdict(raced), latency=waited)
