"""Results over runs and over time: medians, the worst of what was lost, the last of each bench."""

from pathlib import Path

import msgspec
import pytest

from btracker.bench.decode.run import DecodeResult, Rate, Rates
from btracker.bench.history import append, line_of
from btracker.bench.medians import medians
from btracker.bench.sheets import tables
from domain.errors import UsageError


class Lap(msgspec.Struct, frozen=True):
    """Figures as results have them."""

    name: str
    rate: int
    missing: int
    times: tuple[float, ...]
    ratio: float | None


def result(rate: int) -> DecodeResult:
    """Return a result of that rate."""
    one = Rate(transactions_per_second=rate, cpu_us_per_transaction=1.0)
    mix = Rates(decode=one, worker=one, floor=one, of_floor=0.5)
    return DecodeResult(transactions=1, events=1, laps=1, mix=mix, programs=[])


def test_each_figure_is_a_median_by_itself() -> None:
    """What was lost counts as in the worst run; a figure that a run lacks is that of the others."""
    laps = [
        Lap("a", 1, 0, (1.0, 30.0), None),
        Lap("a", 5, 7, (3.0, 10.0), 2.0),
        Lap("a", 2, 0, (2.0, 20.0), 2.0),
    ]

    assert Lap("a", 2, 7, (2.0, 20.0), 2.0) == medians(laps)


def test_the_last_result_of_a_bench_is_shown(tmp_path: Path) -> None:
    """The table has its figures, when and where they were taken, and none of those before."""
    history = tmp_path / "history.jsonl"
    for rate in (1_111, 2_222):
        append(history, line_of("decode", result(rate), {"runs": 1}))

    shown = tables(history)

    assert "## decode" in shown
    assert "| all, equal parts | 2,222 | 1.0 |" in shown
    assert "1,111" not in shown
    assert "cores" in shown.splitlines()[-1]


def test_a_file_that_is_no_history_is_refused(tmp_path: Path) -> None:
    """The sentence says which line."""
    history = tmp_path / "history.jsonl"
    append(history, line_of("decode", result(1), {}))
    append(history, b"[]")

    with pytest.raises(UsageError, match="Line 2"):
        tables(history)
