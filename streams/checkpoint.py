"""A checkpoint: a RocksDB with the durable rows of the tables of one source partition.

Without a write-ahead log, and flushed by hand: what a crash leaves is what was there after one of
the flushes, whole, because files are listed in one manifest, and only once they are written. With
a log, a manifest that has lost its end would leave a hole in the middle, and nobody would notice.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from rocksdict import (
    BlockBasedOptions,
    DBCompactionStyle,
    DBCompressionType,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
    WriteOptions,
)

from domain.errors import BtrackerError

FORMAT: Final = 1
META: Final = b"\0meta"
BATCH_ROWS: Final = 500
"""Rows per write: the interpreter stands still for each, about 1 ms."""
BUSY_S: Final = 0.02
BUFFER_BYTES: Final = 16_000_000
RUNS: Final = 8
"""Sorted files, about, before some are merged."""


class CheckpointError(BtrackerError):
    """A checkpoint cannot be read or written."""


class Mark(msgspec.Struct, frozen=True):
    """How far the rows of one table go.

    They are those of its changelog before offset ``end``, at a time (ms since 1970) when
    everything in it with a later offset was still to be written. ``epochs`` say when the source
    topic and the changelog were created, ``version`` which schema the rows have.
    """

    epochs: tuple[int, int]
    version: str
    end: int
    as_of: int


class _Meta(msgspec.Struct, frozen=True):
    format: int
    marks: dict[str, Mark]


_meta = msgspec.json.Decoder(_Meta)


class Checkpoint:
    """An open checkpoint; another process cannot open it meanwhile.

    Rows may be ahead of a mark by what is in the changelog anyway: to apply that again changes
    nothing.
    """

    def __init__(self, folder: Path) -> None:
        """Open the checkpoint in *folder*, an empty one if there is none.

        Raises:
            CheckpointError: it is damaged.
        """
        self._writes = _write_options()
        with _understood():
            self._db = Rdict(str(folder), _options())

    def marks(self) -> dict[str, Mark]:
        """Return the mark of each table.

        Raises:
            CheckpointError: they cannot be read, or another version has written them.
        """
        with _understood():
            written = self._db.get(META)
            if written is None:
                return {}
            meta = _meta.decode(written)
        if meta.format != FORMAT:
            raise CheckpointError(f"it has format {meta.format}, not {FORMAT}")
        return meta.marks

    def rows(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """Yield the keys and rows of a table.

        Raises:
            CheckpointError: they are damaged; RocksDB compares the checksum of each block.
        """
        start = prefix(table)
        limited = ReadOptions()
        limited.set_iterate_upper_bound(_after(start))
        with _understood():
            # Not db.items(): of damage that ends in the same way as the last row.
            found = self._db.iter(limited)
            try:
                found.seek(start)
                while found.valid():
                    yield found.key()[len(start) :], found.value()
                    found.next()
                found.status()
            finally:
                del found  # It keeps the database open for as long as it lives.

    def forget(self, table: str) -> None:
        """Delete the rows of a table."""
        start = prefix(table)
        with _understood():
            self._db.delete_range(start, _after(start), write_opt=self._writes)

    def write(self, rows: Mapping[bytes, bytes | None], marks: Mapping[str, Mark]) -> None:
        """Write *rows* by prefixed key (None deletes one), then the *marks* that hold with them.

        Raises:
            CheckpointError: they cannot be written.
        """
        with _understood():
            entries = iter(rows.items())
            while some := list(islice(entries, BATCH_ROWS)):
                batch = WriteBatch(raw_mode=True)
                for key, value in some:
                    if value is None:
                        batch.delete(key)
                    else:
                        batch.put(key, value)
                self._put(batch)
            last = WriteBatch(raw_mode=True)
            last.put(META, msgspec.json.encode(_Meta(FORMAT, dict(marks))))
            self._put(last)
            self._db.flush()

    def _put(self, batch: WriteBatch) -> None:
        while True:
            try:
                self._db.write(batch, self._writes)
            except Exception as error:
                if "Write stall" not in str(error):
                    raise
                time.sleep(BUSY_S)
            else:
                return

    def close(self) -> None:
        """Let another process open it."""
        with _understood():
            self._db.close()


def discard(folder: Path) -> None:
    """Delete the checkpoint in *folder*, whatever is there."""
    shutil.rmtree(folder, ignore_errors=True)


def prefix(table: str) -> bytes:
    """Return what the keys of a table begin with."""
    return table.encode() + b"\0"


def _after(start: bytes) -> bytes:
    return start[:-1] + b"\1"


def _options() -> Options:
    blocks = BlockBasedOptions()
    blocks.disable_cache()
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(blocks)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_write_buffer_size(BUFFER_BYTES)
    # Few rows change between two flushes; merging them level by level would write all others
    # again and again.
    options.set_compaction_style(DBCompactionStyle.universal())
    options.set_level_zero_file_num_compaction_trigger(RUNS)
    options.set_keep_log_file_num(1)
    options.set_max_log_file_size(1_000_000)
    options.set_max_background_jobs(2)
    return options


def _write_options() -> WriteOptions:
    options: Any = WriteOptions()  # Its stub calls the next line's property a method.
    options.disable_wal = True
    # A write that had to wait would hold the whole process.
    options.no_slowdown = True
    return cast("WriteOptions", options)


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # rocksdict raises nothing narrower.
        raise CheckpointError(" ".join(str(error).split())) from error
