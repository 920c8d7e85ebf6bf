"""metadata -> claims: documents reach their tokens through the matcher, in one line of offsets."""

from collections.abc import AsyncIterator

from msgspec.structs import replace

from domain.posts.counts import Outcome, counted, progress
from schemas.claim import SourceClock
from schemas.claim_rows import ReadRow
from schemas.metadata import Metadata
from schemas.topics import CLAIMS, METADATA
from streams.app import app
from streams.chunks import Chunk, read
from streams.outputs import Output, internal
from tables.documents import documents

SOURCE = "metadata"


@app.arrow(METADATA, to=(CLAIMS,))
async def spread_metadata(chunks: AsyncIterator[Chunk]) -> None:
    """Pass documents and clocks on; what is neither is dead-lettered."""
    async for chunk in chunks:
        arrived, unreadable = read(chunk, METADATA.value)
        row = counted_chunk(chunk, dict(arrived))
        await chunk.finish(
            outputs=[claimed(chunk, offset, value) for offset, value in arrived],
            last_rows={documents: {str(chunk.partition): row}},
            dead_letters=unreadable,
            progress=progress(row, source=SOURCE, partition=chunk.partition),
        )


def claimed(chunk: Chunk, offset: int, value: Metadata | SourceClock) -> Output:
    """Return a claim for the matcher; a clock is stamped with its position here."""
    if isinstance(value, Metadata):
        return internal(CLAIMS, key=value.mint, value=value, partition=0)
    clock = replace(value, partition=chunk.partition, epoch=chunk.epoch, offset=offset)
    return internal(CLAIMS, key=value.source, value=clock, partition=0)


def counted_chunk(chunk: Chunk, arrived: dict[int, Metadata | SourceClock]) -> ReadRow:
    """Return the row of the chunk's partition with its records counted."""
    row: ReadRow = documents.of(chunk.partition).get(str(chunk.partition), ReadRow())
    for record in chunk.records:
        taken = arrived.get(record.offset)
        outcome: Outcome = "dead_lettered" if taken is None else "applied"
        row = counted(row, position=(chunk.epoch, record.offset), outcome=outcome, taken=taken)
    return row
