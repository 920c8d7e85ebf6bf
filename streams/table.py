"""Tables: rows per partition in memory, made durable by a stock Faust changelog."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn, cast

from faust.stores.base import Store
from faust.tables.table import Table
from faust.types import TP, EventT

from domain.errors import UnreadableError
from schemas.topics import Topic
from streams.checkpoints import Record
from streams.chunks import Chunk, Raw
from streams.lanes import Entries, Entry
from streams.outputs import Output
from streams.topics import changelog_of
from streams.wire import SchemaCodec, codec, version, wire


class RowStore(Store[str, Any]):
    """One dictionary per partition; a partition's rows go when the partition goes."""

    def __init__(self, *args: Any, row_codec: SchemaCodec, **options: Any) -> None:
        super().__init__(*args, **options)
        self._codec = row_codec
        self._rows: dict[int, dict[str, Any]] = {}
        self._through: dict[int, int] = {}

    def of(self, partition: int) -> dict[str, Any]:
        """Return the rows of *partition*."""
        return self._rows.setdefault(partition, {})

    def held(self) -> list[tuple[int, dict[str, Any]]]:
        """Return all rows, by partition."""
        return list(self._rows.items())

    def drop(self, partition: int) -> None:
        """Forget the rows of *partition*."""
        self._rows.pop(partition, None)
        self._through.pop(partition, None)

    def hold(self, partition: int) -> None:
        """Begin to keep the rows of *partition*; until it is dropped, as many as there are."""
        self._through.setdefault(partition, -1)

    def through(self, partition: int) -> int | None:
        """Return the offset through which the rows of *partition* are those of its changelog.

        That is -1 before the first, None if they are not held. Rows may be ahead of it only by
        what is on its way to the log. What does not get there stops the worker.
        """
        return self._through.get(partition)

    def fill(self, partition: int, rows: dict[str, Any], through: int) -> None:
        """Hold *rows*, which are those of the changelog through an offset."""
        self._rows[partition] = rows
        self._through[partition] = through

    def reach(self, partition: int, offset: int) -> None:
        """Take note that the rows of *partition*, if held, are its changelog's through *offset*."""
        before = self._through.get(partition)
        if before is not None:
            self._through[partition] = max(before, offset)

    def recover(self, partition: int, records: Sequence[Raw]) -> None:
        """Apply *records* of the changelog, unless *partition* is not held any more.

        Raises:
            UnreadableError: a record has no key, or its row cannot be read.
        """
        if partition not in self._through:
            return
        rows = self.of(partition)
        for record in records:
            self._apply(rows, record)
        self.reach(partition, records[-1].offset)

    def _apply(self, rows: dict[str, Any], record: Raw) -> None:
        if record.key is None:
            raise UnreadableError(f"a row has no key, at offset {record.offset}")
        if record.value is None:
            rows.pop(record.key.decode(), None)
            return
        try:
            rows[record.key.decode()] = self._codec.decode(record.value)
        except (UnreadableError, UnicodeDecodeError) as error:
            raise UnreadableError(f"{error}, at offset {record.offset}") from error

    def apply_changelog_batch(
        self, batch: Iterable[EventT[Any]], to_key: object, to_value: object
    ) -> None:
        """Apply chunks of the changelog."""
        del to_key, to_value
        for event in batch:
            chunk = cast("Chunk", event.value)
            self.hold(chunk.partition)
            self.recover(chunk.partition, chunk.records)

    def persisted_offset(self, tp: TP) -> int | None:
        """Return through where rows are there already, None where there are none."""
        return self._through.get(tp.partition)

    def reset_state(self) -> None:
        """Do nothing: nothing outlives the process."""

    async def backup_partition(self, *_args: object, **_options: object) -> None:
        """Do nothing: the changelog is the backup."""

    def restore_backup(self, *_args: object, **_options: object) -> None:
        """Do nothing: the changelog is the backup."""


class RowTable(Table[str, Any]):
    """A table that is read per partition and written by ``Chunk.finish`` only."""

    app: Any
    source: Topic
    topic: Topic

    @property
    def _row_store(self) -> RowStore:
        return cast("RowStore", self.data)

    def __init__(self, app: Any, *, source: Topic, value: Any, **options: Any) -> None:
        self._codec = codec(value)
        self.decode = self._codec.decode
        self.version = version(value)
        self.source = source
        self.topic = changelog_of(options["name"], source, value)
        super().__init__(app, value_type=wire(value), **options)

    def of(self, partition: int) -> Mapping[str, Any]:
        """Return the rows of *partition* by key: a live view, for as long as it is assigned."""
        return MappingProxyType(self._row_store.of(partition))

    def held(self) -> list[tuple[int, Mapping[str, Any]]]:
        """Return all rows, by partition."""
        return [(partition, rows) for partition, rows in self._row_store.held()]

    def apply(self, partition: int, changes: Mapping[str, Any]) -> None:
        """Put *changes* into the rows in memory; None deletes a row."""
        rows = self._row_store.of(partition)
        for key, row in changes.items():
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row

    def entries(self, changes: Mapping[str, Any]) -> list[Entry | Output]:
        """Return *changes* as records of the changelog; None becomes a tombstone."""
        encode = self._codec.encode
        return [
            Entry(key.encode(), None if row is None else encode(row))
            for key, row in changes.items()
        ]

    def hold(self, partition: int) -> None:
        """Begin to keep the rows of *partition*, until it is dropped."""
        self._row_store.hold(partition)

    def through(self, partition: int) -> int | None:
        """Return through which offset the rows are the changelog's; None if they are not held."""
        return self._row_store.through(partition)

    def reach(self, partition: int, offset: int) -> None:
        """Take note that the rows of *partition* are those of its changelog through *offset*."""
        self._row_store.reach(partition, offset)

    def fill(self, partition: int, rows: dict[str, Any], through: int) -> None:
        """Hold *rows*, which are those of the changelog through an offset."""
        self._row_store.fill(partition, rows, through)

    async def recover(self, partition: int, records: Sequence[Raw]) -> None:
        """Apply *records* of the changelog.

        Raises:
            UnreadableError: a record has no key, or its row cannot be read.
        """
        try:
            self._row_store.recover(partition, records)
        except UnreadableError as error:
            raise UnreadableError(
                f"the changelog {self.topic.name} cannot be read, partition {partition}: {error}"
            ) from error
        last = records[-1]
        self._note(partition, records, end=last.offset + 1, as_of_ms=last.timestamp)
        await self.room()

    def wrote(self, partition: int, entries: Entries, end: int, sent_ms: int) -> None:
        """Take note that *entries* are durable, and that *end* is the offset after them."""
        self._row_store.reach(partition, end - 1)
        self._note(partition, entries, end=end, as_of_ms=sent_ms, is_ours=True)

    def _note(self, partition: int, records: Sequence[Record], **how: Any) -> None:
        if self.through(partition) is not None:
            self.app.checkpoints.note(self, partition, records, **how)

    async def room(self) -> None:
        """Return when there is room for more durable rows."""
        await self.app.checkpoints.room()

    def drop(self, partition: int) -> None:
        """Forget the rows of *partition*."""
        self._row_store.drop(partition)

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        """Drop the rows of partitions that went or came."""
        for tp in revoked | newly_assigned:
            if tp.topic == self.topic.name:
                self.drop(tp.partition)
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)

    def on_key_set(self, key: object, value: object) -> NoReturn:
        """Refuse: a single write would bypass the order in which chunks become durable."""
        raise TypeError(f"{self.name} is written by Chunk.finish only, not {key!r} = {value!r}")

    def on_key_del(self, key: object) -> NoReturn:
        """Refuse, like ``on_key_set``."""
        raise TypeError(f"{self.name} is written by Chunk.finish only, not del {key!r}")

    def _new_store(self) -> RowStore:
        return RowStore("memory://", self.app, self, table_name=self.name, row_codec=self._codec)

    def _changelog_topic_name(self) -> str:
        return self.topic.name
