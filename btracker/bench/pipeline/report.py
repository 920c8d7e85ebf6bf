"""What ``btracker bench pipeline`` prints for people."""

from importlib.metadata import version

from btracker.bench.pipeline.latency import LatencyResult
from btracker.bench.pipeline.race import RaceResult
from btracker.bench.pipeline.run import PipelineResult
from btracker.bench.report import print_table


def print_pipeline(result: PipelineResult) -> None:
    """Print the rates of the contestants, then the latencies."""
    _print_race(result)
    if result.latency:
        _print_latency(result.latency)


def _print_race(result: RaceResult) -> None:
    contestants = {
        "worker": result.worker,
        "floor (bare aiokafka)": result.floor,
        "plain Faust": result.plain,
    }
    where = "each on a core of its own" if result.pinned else "not pinned to a core"
    print_table(
        ("", "events/s", "CPU µs/event", "events"),
        [
            (name, rate.events_per_second, rate.cpu_us_per_event, rate.events)
            for name, rate in contestants.items()
        ],
        note=f"{result.tokens:,} tokens, {result.trades:,} trades, {result.partitions} partitions, "
        f"broker {result.broker}, {where}, median of {result.runs} runs; all ended in the state "
        f"that brute force expects. By events/s the worker does {result.times_floor} times the "
        f"floor and {result.times_plain} times plain Faust; by processor time "
        f"{result.cpu_times_floor} and {result.cpu_times_plain} times. "
        f"faust-streaming {version('faust-streaming')}, aiokafka {version('aiokafka')}.",
    )


def _print_latency(result: LatencyResult) -> None:
    seen = {"trade": result.trade, "token": result.token}
    print_table(
        ("raw record to frame", "p50 ms", "p99 ms", "max ms", "arrived"),
        [
            (name, spread.p50_ms, spread.p99_ms, spread.max_ms, spread.received)
            for name, spread in seen.items()
        ],
        note=f"{result.sent:,} trades, {result.per_second} a second whatever became of those "
        "before, through a whole deployment on this machine.",
    )
