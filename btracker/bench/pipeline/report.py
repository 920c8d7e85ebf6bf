"""What ``btracker bench pipeline`` prints for people."""

from btracker.bench.pipeline.latency import LatencyResult
from btracker.bench.pipeline.race import RaceResult
from btracker.bench.pipeline.run import PipelineResult
from btracker.bench.report import Sheet


def pipeline_sheets(result: PipelineResult) -> list[Sheet]:
    """Return the rates of the contestants, then the latencies."""
    latencies = [_latency(result.latency)] if result.latency else []
    return [_race(result), *latencies]


def _race(result: RaceResult) -> Sheet:
    where = "each on a core of its own" if result.pinned else "not pinned to a core"
    lacking = "".join(f" Without {name}: {why}." for name, why in result.absent.items())
    return Sheet(
        ("", "events/s", "CPU µs/event", "peak MiB", "events", "worker: times", "CPU times"),
        [
            (
                rate.label,
                rate.events_per_second,
                rate.cpu_us_per_event,
                rate.peak_memory_mib,
                rate.events,
                rate.times,
                rate.cpu_times,
            )
            for rate in result.contestants.values()
        ],
        note=f"{result.tokens:,} tokens, {result.trades:,} trades, {result.partitions} partitions, "
        f"broker {result.broker}, {where}, median of {result.runs} runs; all ended in the state "
        "that brute force expects. Times: how many times as many events a second the worker does; "
        f"CPU times: how many times as much processor time an event costs.{lacking}",
    )


def _latency(result: LatencyResult) -> Sheet:
    seen = {"trade": result.trade, "token": result.token}
    return Sheet(
        ("raw record to frame", "p50 ms", "p99 ms", "max ms", "arrived"),
        [
            (name, spread.p50_ms, spread.p99_ms, spread.max_ms, spread.received)
            for name, spread in seen.items()
        ],
        note=f"{result.sent:,} trades, {result.per_second} a second whatever became of those "
        "before, through a whole deployment on this machine.",
    )
