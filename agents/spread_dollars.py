"""dollars -> events: what quote tokens are worth, to every partition."""

from collections.abc import AsyncIterator

from schemas.topics import DOLLARS, EVENTS
from streams.app import app
from streams.chunks import Chunk, read
from streams.outputs import internal


@app.arrow(DOLLARS, to=(EVENTS,))
async def spread_dollars(chunks: AsyncIterator[Chunk]) -> None:
    """Pass prices on, of each quote token the newest of a chunk; what is none is dead-lettered."""
    async for chunk in chunks:
        arrived, unreadable = read(chunk, DOLLARS.value)
        newest = {price.mint: price for _, price in sorted(arrived, key=lambda one: one[1].time)}
        await chunk.finish(
            outputs=[
                internal(EVENTS, key=price.mint, value=price, partition=partition)
                for price in newest.values()
                for partition in range(app.partitions_of(EVENTS))
            ],
            dead_letters=unreadable,
        )
