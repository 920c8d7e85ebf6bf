"""raw.chain -> events, and events -> lifecycle: small agents for tests of the river bed.

A record of raw.chain is a JSON number; its key names the sum it belongs to. A sum remembers the
last offset it has counted, as the fences of the real rows do.
"""

import os
from collections.abc import AsyncIterator

from schemas.progress import Progress
from schemas.topics import EVENTS, LIFECYCLE, RAW_CHAIN
from streams.app import app
from streams.chunks import Chunk, Kept, read
from streams.outputs import Output, internal, public
from tests.e2e.river.rows import Sum

BUG = os.environ.get("SUMMING_BUG", "")
"""``raise``: numbers of the key "bad" raise. ``nowhere``: their sums go to no partition."""


sums = app.table("sums", source=RAW_CHAIN, value=Sum)
ends = app.table("ends", source=RAW_CHAIN, value=Sum)
recovered: Kept[int] = Kept(lambda chunk: len(sums.of(chunk.partition)))


def add(total: Sum, number: int, offset: int) -> Sum:
    """Count *number* unless it has been counted."""
    if offset <= total.through:
        return total
    return Sum(total.total + number, total.count + 1, offset)


def fold(chunk: Chunk, numbers: list[tuple[int, int]]) -> dict[str, Sum]:
    """Return the sums that a chunk changes."""
    keys = {record.offset: (record.key or b"").decode() for record in chunk.records}
    before, rows = sums.of(chunk.partition), dict[str, Sum]()
    for offset, number in numbers:
        key = keys[offset]
        if BUG == "raise" and key == "bad":
            raise RuntimeError("a fault of ours")
        rows[key] = add(rows.get(key) or before.get(key, Sum()), number, offset)
    return rows


def output(key: str, row: Sum, partition: int) -> Output:
    """Return a sum as a record."""
    nowhere = BUG == "nowhere" and key == "bad"
    return internal(EVENTS, key=key, value=row, partition=99 if nowhere else partition)


@app.arrow(RAW_CHAIN, to=(EVENTS,))
async def sum_numbers(chunks: AsyncIterator[Chunk]) -> None:
    """Sum the numbers of each key."""
    async for chunk in chunks:
        numbers, unreadable = read(chunk, int)
        recovered.of(chunk)
        rows = fold(chunk, numbers)
        await chunk.finish(
            rows={sums: rows},
            outputs=[output(key, row, chunk.partition) for key, row in rows.items()],
            last_rows={ends: {"end": Sum(0, len(chunk.records), chunk.last)}},
            dead_letters=unreadable,
        )


@app.arrow(EVENTS, to=(LIFECYCLE,))
async def pass_on(chunks: AsyncIterator[Chunk]) -> None:
    """Publish each sum."""
    async for chunk in chunks:
        events, unreadable = read(chunk, Sum)
        keys = {record.offset: (record.key or b"").decode() for record in chunk.records}
        await chunk.finish(
            outputs=[
                public(
                    LIFECYCLE, key=keys[offset], value=row, partition=chunk.partition,
                    event_id=f"{chunk.partition}:{offset}", subject=keys[offset],
                    slot=offset, time=None, op="u",
                )
                for offset, row in events
            ],
            dead_letters=unreadable,
            progress=Progress(
                stage="fold", partition=chunk.partition, epoch=chunk.epoch, offset=chunk.last
            ),
        )  # fmt: skip
