"""Disks of workers: what stands in a folder when its process is dead.

``MemoryCheckpoint`` stands in for the RocksDB that the product keeps per source partition. What a
process had not handed over when it died is not there; what it had is there as a whole.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from streams.checkpoint import Mark, prefix
from tests.simulation.broker import Broker


class Thread:
    """The one thread of a worker that writes to its disk."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def submit(self, work: Callable[..., Any], *given: Any) -> Any:
        """Have something done some time; return the future of what comes of it."""
        return self._broker.request(lambda: work(*given), is_local=True)


class Disks:
    """All folders of all workers; ``loaded`` counts how often one that was not empty was opened."""

    def __init__(self) -> None:
        self.loaded = 0
        self._folders: dict[Path, tuple[dict[bytes, bytes], dict[str, Mark]]] = {}

    def open(self, folder: Path) -> "MemoryCheckpoint":
        """Open the checkpoint in *folder*, an empty one if there is none."""
        kept = self._folders.setdefault(folder, ({}, {}))
        self.loaded += bool(kept[0])
        return MemoryCheckpoint(*kept)


class MemoryCheckpoint:
    """A checkpoint as the product asks it."""

    def __init__(self, rows: dict[bytes, bytes], marks: dict[str, Mark]) -> None:
        self._rows, self._marks = rows, marks

    def marks(self) -> dict[str, Mark]:
        """Return the mark of each table."""
        return dict(self._marks)

    def rows(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """Yield the keys and rows of a table."""
        start = prefix(table)
        for key, row in list(self._rows.items()):
            if key.startswith(start):
                yield key[len(start) :], row

    def forget(self, table: str) -> None:
        """Delete the rows of a table."""
        for key, _ in self.rows(table):
            del self._rows[prefix(table) + key]

    def write(self, rows: Mapping[bytes, Any], marks: Mapping[str, Mark]) -> None:
        """Write *rows* by prefixed key (None deletes one), and the *marks* that hold with them."""
        for key, row in rows.items():
            if row is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = row
        self._marks.clear()
        self._marks.update(marks)

    def close(self) -> None:
        """Do nothing: nobody else waits for it."""
