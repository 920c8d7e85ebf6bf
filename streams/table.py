"""Tables: rows per partition in memory, made durable by a stock Faust changelog."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn, cast

from faust.stores.base import Store
from faust.tables.table import Table
from faust.types import TP, EventT

from domain.errors import UnreadableError
from schemas.topics import Topic
from streams.chunks import Chunk
from streams.lanes import Entry
from streams.topics import changelog_of
from streams.wire import SchemaCodec, codec, wire

RECOVERY_CHUNKS = 8
"""Changelog chunks that are applied together; Faust treats 1 as something else."""


class RowStore(Store[str, Any]):
    """One dictionary per partition; a partition's rows go when the partition goes."""

    def __init__(self, *args: Any, row_codec: SchemaCodec, **options: Any) -> None:
        super().__init__(*args, **options)
        self._codec = row_codec
        self._rows: dict[int, dict[str, Any]] = {}

    def of(self, partition: int) -> dict[str, Any]:
        """Return the rows of *partition*."""
        return self._rows.setdefault(partition, {})

    def drop(self, partition: int) -> None:
        """Forget the rows of *partition*."""
        self._rows.pop(partition, None)

    def apply_changelog_batch(
        self, batch: Iterable[EventT[Any]], to_key: object, to_value: object
    ) -> None:
        """Apply chunks of the changelog.

        Raises:
            UnreadableError: a record has no key, or its row cannot be read.
        """
        del to_key, to_value
        for event in batch:
            chunk = cast("Chunk", event.value)
            rows = self.of(chunk.partition)
            for record in chunk.records:
                self._apply(rows, record.key, record.value)

    def _apply(self, rows: dict[str, Any], key: bytes | None, value: bytes | None) -> None:
        if key is None:
            raise UnreadableError("a row has no key")
        if value is None:
            rows.pop(key.decode(), None)
        else:
            rows[key.decode()] = self._codec.decode(value)

    def persisted_offset(self, tp: TP) -> int | None:
        """Return None: nothing outlives the process, recovery reads the whole changelog."""
        del tp
        return None

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
        self.source = source
        self.topic = changelog_of(options["name"], source, value)
        super().__init__(
            app, value_type=wire(value), recovery_buffer_size=RECOVERY_CHUNKS, **options
        )

    def of(self, partition: int) -> Mapping[str, Any]:
        """Return the rows of *partition* by key: a live view, for as long as it is assigned."""
        return MappingProxyType(self._row_store.of(partition))

    def apply(self, partition: int, changes: Mapping[str, Any]) -> None:
        """Put *changes* into the rows in memory; None deletes a row."""
        rows = self._row_store.of(partition)
        for key, row in changes.items():
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row

    def entries(self, changes: Mapping[str, Any]) -> list[Entry]:
        """Return *changes* as records of the changelog; None becomes a tombstone."""
        encode = self._codec.encode
        return [
            Entry(key.encode(), None if row is None else encode(row))
            for key, row in changes.items()
        ]

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]]) -> None:
        """Apply chunks of the changelog; what cannot be read stops the worker.

        Faust's recovery would log the error and go on with the rows lost. It also hands over what
        it has fetched from a partition that is gone, as if it were of the table before.
        """
        own = [event for event in batch if event.message.topic == self.topic.name]
        try:
            super().apply_changelog_batch(own)
        except UnreadableError as error:
            reason = f"the changelog {self.topic.name} cannot be read: {error}"
            self.app.fail(UnreadableError(reason), stage="receiving")
            raise

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        """Drop the rows of partitions that went or came, and recover the latter from scratch."""
        for tp in revoked | newly_assigned:
            if tp.topic == self.topic.name:
                self._row_store.drop(tp.partition)
                # Rows and the offset they were recovered to must go together: Faust keeps the
                # offset when one rebalance overtakes another.
                self.app.tables.recovery.revoke(tp)
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
