"""When a burst is over: the last slow second counts, not the first quick one."""

import pytest

from btracker.bench.pipeline.burst import recovered_s

QUICK, SLOW = [0.01, 0.01], [0.5, 0.5]


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        ([QUICK, QUICK], 0),
        ([SLOW, QUICK, QUICK], 1),
        ([SLOW, QUICK, SLOW, QUICK], 3),
        ([QUICK, SLOW], None),
    ],
)
def test_everything_is_as_before_after_the_last_slow_second(
    seconds: list[list[float]], found: int | None
) -> None:
    """A second is slow if half of its trades took longer than nearly all had before the burst."""
    times = [one for some in seconds for one in some]

    assert found == recovered_s(times, per_second=2, normal_ms=20.0)
