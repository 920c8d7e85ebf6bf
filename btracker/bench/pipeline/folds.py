"""What contestants without our worker share: the folds of their partitions, as records to send."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agents.fold_events import output
from btracker.bench.pipeline.course import ROWS
from domain.fold.partition import PartitionFold
from domain.fold.state import Folded, Tables
from schemas.event import Event
from schemas.topics import EVENTS, RAW_CHAIN
from streams.settings import StreamSettings
from streams.topics import changelog_of, partitions_of

Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
Load = dict[tuple[str, int], list[Record]]
"""Keys, values and headers, by topic and partition."""

PROGRESS_EVERY_S = 0.1
COMMIT_EVERY_S = 1.0
POLL_RECORDS = 4_000
CHANGELOGS = {name: changelog_of(name, EVENTS, row).name for name, row in ROWS.items()}

decode = msgspec.json.Decoder(Event).decode
encode = msgspec.json.Encoder().encode


def open_fold(tables: Tables, partition: int, settings: StreamSettings) -> PartitionFold:
    """Return the fold of a partition whose rows are in *tables*."""
    return PartitionFold(
        tables,
        partition=partition,
        raw_partitions=partitions_of(RAW_CHAIN, settings.partitions),
        events_epoch=0,
        retention_s=settings.retention_hours * 3_600,
    )


class Folds:
    """The folds of all partitions; their rows are in dictionaries."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self._tables: dict[int, Tables] = {}
        self._folds: dict[int, PartitionFold] = {}

    def fold(self, partition: int, events: Sequence[tuple[int, Event]]) -> Folded:
        """Fold events, each with its offset, and apply the rows."""
        if partition not in self._folds:
            tables = self._tables[partition] = Tables()
            self._folds[partition] = open_fold(tables, partition, self._settings)
        folded = self._folds[partition].fold(events)
        for name, rows in folded.rows().items():
            _apply(getattr(self._tables[partition], name), rows)
        return folded


def load_of(folded: Folded, partition: int) -> Load:
    """Return the rows and the outputs of a chunk; its clock's rows are to follow later."""
    load: Load = defaultdict(list)
    for name, rows in folded.rows().items():
        if rows:
            load[CHANGELOGS[name], partition] += [
                (key.encode(), None if row is None else encode(row), [])
                for key, row in rows.items()
            ]
    for publication in folded.publications:
        one = output(publication, partition)
        load[one.topic, partition].append((one.key, one.value, list(one.headers)))
    return load


def clock_load(folded: Folded, partition: int) -> Load:
    """Return the clock's rows of a chunk."""
    rows: list[Record] = [(key.encode(), encode(row), []) for key, row in folded.clock.items()]
    return {(CHANGELOGS["clocks"], partition): rows}


def _apply(table: dict[str, Any], rows: Mapping[str, Any]) -> None:
    for key, row in rows.items():
        if row is None:
            table.pop(key, None)
        else:
            table[key] = row
