"""What rows take in memory: the estimate is near the truth, and too much is noticed."""

import gc
import logging
import tracemalloc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from btracker.bench.recovery.rows import rows
from schemas.rows import CurveRow
from streams.memory import Memory, mean_size
from streams.metrics import TABLES_FULL
from streams.wire import codec

COUNT = 20_000


@pytest.fixture
def traced() -> Iterator[None]:
    """Have the interpreter count what it allocates."""
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
def test_the_estimate_is_near_the_truth() -> None:
    """Of rows as they are read from a changelog, within a tenth."""
    decode = codec(CurveRow).decode
    encoded = list(rows(COUNT, 4))
    before, _ = tracemalloc.get_traced_memory()
    decoded = {key.decode(): decode(value) for key, value in encoded}
    after, _ = tracemalloc.get_traced_memory()
    truth = (after - before - decoded.__sizeof__()) / COUNT

    assert truth == pytest.approx(mean_size(decoded), rel=0.1)


def test_too_much_is_said_and_noticed(caplog: pytest.LogCaptureFixture) -> None:
    """Full above the limit, with a remedy, and no longer when partitions have gone."""
    held: list[tuple[int, Any]] = [(0, {str(n): "x" * 1_000 for n in range(2_000)})]
    table = SimpleNamespace(name="memory-test", held=lambda: held)
    memory = Memory(lambda: [table], limit_mb=1)
    with caplog.at_level(logging.ERROR):
        memory.look()

    assert memory.is_full
    assert 1 == TABLES_FULL._value.get()
    assert "nothing new is taken until other workers take partitions over" in caplog.text
    held.clear()
    memory.look()

    assert not memory.is_full
    assert 0 == TABLES_FULL._value.get()
