"""What ``btracker bench pipeline`` prints for people."""

from btracker.bench.pipeline.arrivals import Spread
from btracker.bench.pipeline.burst import Burst
from btracker.bench.pipeline.latency import LatencyResult
from btracker.bench.pipeline.race import RaceResult
from btracker.bench.pipeline.run import PipelineResult
from btracker.bench.report import Sheet


def pipeline_sheets(result: PipelineResult) -> list[Sheet]:
    """Return the rates of the contestants, then the latencies."""
    sheets = [_race(result)]
    if result.latency:
        sheets.append(_latency(result.latency))
        sheets += [_burst(one) for one in (result.latency.burst,) if one]
    return sheets


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
    where = "the sender on a core of its own" if result.apart else "all on the same cores"
    return Sheet(
        ("raw record to frame", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "heard", "CPU µs/trade"),
        [
            (f"{lap.per_second:,} a second, {name}", *_times(seen), lap.cpu_us)
            for lap in result.laps
            for name, seen in (("trade", lap.trade), ("token", lap.token))
        ],
        note=f"{result.seconds} s each, whatever became of those before, through a whole "
        f"deployment on this machine, {where}; {sum(lap.lost for lap in result.laps):,} were lost. "
        f"The sender was {max(lap.late_p99_ms for lap in result.laps):g} ms behind at p99 in the "
        "worst of them. Processor time is that of the whole deployment, broker and cache too.",
    )


def _burst(burst: Burst) -> Sheet:
    until = "not within a minute" if burst.recovered_s is None else f"{burst.recovered_s} s after"
    return Sheet(
        ("raw record to token", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "heard"),
        [("before", *_times(burst.normal)), ("in the burst", *_times(burst.during))],
        note=f"{burst.per_second:,} a second for {burst.seconds} s, ten times as many as before; "
        f"as before again {until}; {burst.lost:,} were lost.",
    )


def _times(spread: Spread) -> tuple[object, ...]:
    return spread.p50_ms, spread.p99_ms, spread.p999_ms, spread.max_ms, spread.received
