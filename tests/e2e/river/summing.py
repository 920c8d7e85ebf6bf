"""raw.chain -> events: a table that sums numbers by key, and each sum as a record.

A record is a JSON number; its key names the sum. A sum remembers the last offset it has counted,
as the fences of the real rows do.
"""

from collections.abc import AsyncIterator

import msgspec

from schemas.progress import Progress
from schemas.topics import EVENTS, RAW_CHAIN
from streams.app import app
from streams.chunks import Chunk, read
from streams.outputs import internal


class Sum(msgspec.Struct, frozen=True, array_like=True):
    """A sum of what was sent with one key, through an offset."""

    total: int = 0
    count: int = 0
    through: int = -1


sums = app.table("sums", source=RAW_CHAIN, value=Sum)
ends = app.table("ends", source=RAW_CHAIN, value=Sum)


def add(total: Sum, number: int, offset: int) -> Sum:
    """Count *number* unless it has been counted."""
    if offset <= total.through:
        return total
    return Sum(total.total + number, total.count + 1, offset)


@app.arrow(RAW_CHAIN, to=(EVENTS,))
async def sum_numbers(chunks: AsyncIterator[Chunk]) -> None:
    """Sum the numbers of each key."""
    async for chunk in chunks:
        numbers, unreadable = read(chunk, int)
        keys = {record.offset: record.key.decode() for record in chunk.records}
        rows: dict[str, Sum] = {}
        before = sums.of(chunk.partition)
        for offset, number in numbers:
            key = keys[offset]
            rows[key] = add(rows.get(key) or before.get(key, Sum()), number, offset)
        await chunk.finish(
            rows={sums: rows},
            outputs=[
                internal(EVENTS, key=key, value=row, partition=chunk.partition)
                for key, row in rows.items()
            ],
            last_rows={ends: {"end": Sum(0, len(chunk.records), chunk.last)}},
            dead_letters=unreadable,
            progress=Progress(stage="fold", partition=chunk.partition, offset=chunk.last),
        )
