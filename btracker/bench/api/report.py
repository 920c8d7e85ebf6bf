"""What ``btracker bench api`` prints for people."""

from importlib.metadata import version

from btracker.bench.api.run import ApiResult, Lap
from btracker.bench.report import Sheet


def api_sheets(result: ApiResult) -> list[Sheet]:
    """Return what each kind of request costs, its floor below it."""
    rows: list[tuple[object, ...]] = []
    for name, kind in result.kinds.items():
        rows.append((name, *_row(kind.api), kind.cpu_times_floor))
        if kind.floor:
            rows.append(("  floor", *_row(kind.floor), None))
    where = "the server on a core of its own" if result.pinned else "not pinned to a core"
    sheet = Sheet(
        (
            "",
            "requests/s",
            "CPU µs/request",
            "p50 ms",
            "p99 ms",
            "max ms",
            "peak MiB",
            "times the floor",
        ),
        rows,
        note=f"{result.tokens:,} tokens in SQLite, requests with a key, limits and metrics, at a "
        f"steady rate over 64 connections, median of {result.runs} laps of {result.seconds:g} s, "
        f"{where}. The floor is uvicorn with a bare function that answers the same bytes. "
        f"uvicorn {version('uvicorn')}, FastAPI {version('fastapi')}.",
    )
    return [sheet]


def _row(lap: Lap) -> tuple[object, ...]:
    times = lap.times
    return lap.per_second, lap.cpu_us, times.p50_ms, times.p99_ms, times.max_ms, lap.peak_memory_mib
