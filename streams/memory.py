"""What rows take in memory: measured, told, and bounded."""

import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec
from mode import Service

from streams.metrics import TABLE_BYTES, TABLE_ROWS, TABLES_FULL

if TYPE_CHECKING:
    from streams.table import RowTable

LOOK_S: Final = 2.0
SAMPLES: Final = 100
GROWTH: Final = 1.25
"""A table that has grown so much since its rows were measured is measured again."""
REMIND_EVERY: Final = 30
SHARED_INTS: Final = range(-5, 257)

log = logging.getLogger(__name__)


class Memory(Service):
    """Watches the rows of some tables; they are full once they take more than a limit."""

    def __init__(self, tables: Callable[[], Iterable["RowTable"]], *, limit_mb: int) -> None:
        super().__init__()
        self._tables = tables
        self._limit_mb = limit_mb
        self._means: dict[tuple[str, int], tuple[int, float]] = {}
        self._looks_full = 0

    @property
    def is_full(self) -> bool:
        """Whether there is no room for what new records would add."""
        return self._looks_full > 0

    @Service.task
    async def _watch(self) -> None:
        while not self.should_stop:
            self.look()
            await self.sleep(LOOK_S)

    def look(self) -> None:
        """Measure, and tell."""
        size = sum(self._measure(table) for table in self._tables())
        if size <= self._limit_mb * 1_000_000:
            self._looks_full = 0
        else:
            if self._looks_full % REMIND_EVERY == 0:
                log.error(
                    "the rows take %s MB in memory, more than BTRACKER_ROWS_MB=%s: nothing new is "
                    "taken until other workers take partitions over, or the limit is raised",
                    size // 1_000_000, self._limit_mb,
                )  # fmt: skip
            self._looks_full += 1
        TABLES_FULL.set(self.is_full)

    def _measure(self, table: "RowTable") -> int:
        """Return the bytes of a table's rows, about."""
        size = 0
        for partition, rows in table.held():
            own = sys.getsizeof(rows) + round(len(rows) * self._mean(table.name, partition, rows))
            TABLE_ROWS.labels(table.name, partition).set(len(rows))
            TABLE_BYTES.labels(table.name, partition).set(own)
            size += own
        return size

    def _mean(self, table: str, partition: int, rows: Mapping[str, Any]) -> float:
        """Return the bytes of a key and its row, measured anew only now and then."""
        count, mean = self._means.get((table, partition), (0, 0.0))
        if rows and not count <= len(rows) <= count * GROWTH:
            mean, count = mean_size(rows), len(rows)
            self._means[table, partition] = count, mean
        return mean


def mean_size(rows: Mapping[str, Any]) -> float:
    """Return the bytes that a key and its row take on average, from some of them."""
    step = len(rows) // SAMPLES + 1
    sizes = [size_of(key) + size_of(row) for key, row in islice(rows.items(), 0, None, step)]
    return sum(sizes) / len(sizes)


def size_of(value: Any) -> int:
    """Return the bytes of a value with all below it; what several share counts for each."""
    if value is None or value == () or (isinstance(value, int) and value in SHARED_INTS):
        return 0  # There is one of it for all.
    if isinstance(value, msgspec.Struct):
        fields = (getattr(value, name) for name in value.__struct_fields__)
        return sys.getsizeof(value) + sum(map(size_of, fields))
    if isinstance(value, list | tuple):
        return sys.getsizeof(value) + sum(map(size_of, value))
    if isinstance(value, Mapping):
        return sys.getsizeof(value) + sum(size_of(k) + size_of(v) for k, v in value.items())
    return sys.getsizeof(value)
