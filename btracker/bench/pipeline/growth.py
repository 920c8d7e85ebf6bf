"""``btracker bench growth``: what a trade costs, and a token at rest, when many are known."""

from collections.abc import Sequence

import msgspec

from btracker.bench.medians import medians
from btracker.bench.pipeline.contestants import WORKER
from btracker.bench.pipeline.course import backlog
from btracker.bench.pipeline.machinery import shared_cores
from btracker.bench.pipeline.market import Plan
from btracker.bench.pipeline.race import PARTITIONS, SEED, Pace, lap
from btracker.bench.report import Sheet
from schemas.kafka import Kafka


class Size(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A worker that knows so many tokens, all launched, before any is traded and after.

    ``idle_memory`` is in bytes; ``bytes_per_token`` is what it has beyond the smallest size for
    each token more, None for that size itself.
    """

    tokens: int
    events: int
    events_per_second: int
    cpu_us_per_event: float
    idle_memory: int
    bytes_per_token: int | None
    peak_memory_mib: int | None


class GrowthResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All sizes; each ended in the state that brute force expects."""

    trades: int
    runs: int
    broker: str
    pinned: bool
    sizes: tuple[Size, ...]


async def measure(
    tokens: Sequence[int], *, trades: int, runs: int, kafka: Kafka | None
) -> GrowthResult:
    """Return what a worker costs with each number of *tokens*; *kafka* None: embedded.

    Raises:
        BtrackerError: a worker did not get to the end, or not to the right state.
    """
    sizes: list[Size] = []
    with shared_cores() as cores:
        for count in sorted(tokens):
            waiting = backlog(Plan(SEED, count, trades, PARTITIONS))
            paces = [await lap(WORKER, waiting, kafka=kafka, cores=cores) for _ in range(runs)]
            first = sizes[0] if sizes else None
            sizes.append(medians([_size(count, pace, first) for pace in paces]))
    return GrowthResult(
        trades=trades,
        runs=runs,
        broker=str(kafka or "embedded"),
        pinned=cores.measured is not None,
        sizes=tuple(sizes),
    )


def _size(tokens: int, pace: Pace, first: Size | None) -> Size:
    beyond = (
        (pace.idle_memory - first.idle_memory) // max(1, tokens - first.tokens) if first else None
    )
    return Size(
        tokens=tokens,
        events=pace.events,
        events_per_second=round(pace.events / pace.wall_s),
        cpu_us_per_event=round(pace.cpu_s / pace.events * 1e6, 2),
        idle_memory=pace.idle_memory,
        bytes_per_token=beyond,
        peak_memory_mib=None if pace.peak_memory is None else pace.peak_memory >> 20,
    )


def growth_sheets(result: GrowthResult) -> list[Sheet]:
    """Return the sizes."""
    least = result.sizes[0].cpu_us_per_event
    rows = [
        (
            f"{one.tokens:,}",
            one.events_per_second,
            one.cpu_us_per_event,
            round(one.cpu_us_per_event / least, 2),
            one.idle_memory >> 20,
            one.bytes_per_token,
            one.peak_memory_mib,
        )
        for one in result.sizes
    ]
    headings = (
        "tokens", "events/s", "CPU µs/event", "times the least", "idle MiB", "bytes/token",
        "peak MiB",
    )  # fmt: skip
    where = "on a core of its own" if result.pinned else "not pinned to a core"
    note = (
        f"{result.trades:,} trades, each two events, over all tokens by Zipf's law; one worker "
        f"{where}, broker {result.broker}, median of {result.runs} runs; all ended in the state "
        "that brute force expects. Bytes of a token: what the worker has in memory beyond the "
        "first row when all are launched and none is traded."
    )
    return [Sheet(headings, rows, note)]
