"""What ``btracker bench pipeline`` prints for people."""

from importlib.metadata import version

from btracker.bench.pipeline.race import RaceResult
from btracker.bench.report import print_table


def print_race(result: RaceResult) -> None:
    """Print the rates of the three contestants."""
    rows = [
        (name, rate.events_per_second, rate.cpu_us_per_event, rate.events)
        for name, rate in (
            ("worker", result.worker),
            ("floor (bare aiokafka)", result.floor),
            ("plain Faust", result.plain),
        )
    ]
    where = "each on a core of its own" if result.pinned else "not pinned to a core"
    print_table(
        ("", "events/s", "CPU µs/event", "events"),
        rows,
        note=f"{result.tokens:,} tokens, {result.trades:,} trades, {result.partitions} partitions, "
        f"{result.broker} broker, {where}, median of {result.runs} runs, all states as brute force "
        f"expects. The worker does {result.times_floor} times the floor (wanted: 0.3) and "
        f"{result.times_plain} times plain Faust (wanted: 12). "
        f"faust-streaming {version('faust-streaming')}, aiokafka {version('aiokafka')}.",
    )
