"""accounts -> events: what a token rests on whose launch nobody has seen."""

from collections.abc import AsyncIterator

from domain.accounts.reading import standing_of
from domain.errors import UnreadableError
from schemas.event import About
from schemas.topics import ACCOUNTS, EVENTS
from streams.app import app
from streams.chunks import Chunk, DeadLetter, read
from streams.outputs import Output, internal
from streams.partitioner import partition_of


@app.arrow(ACCOUNTS, to=(EVENTS,))
async def read_accounts(chunks: AsyncIterator[Chunk]) -> None:
    """Read accounts; what is not what it should be is dead-lettered."""
    async for chunk in chunks:
        arrived, unreadable = read(chunk, ACCOUNTS.value)
        by_offset = {record.offset: record for record in chunk.records}
        facts = list[About]()
        for offset, accounts in arrived:
            try:
                standing = standing_of(accounts)
            except UnreadableError as error:
                unreadable.append(DeadLetter(by_offset[offset], f"unreadable: {error}"))
            else:
                facts.append(About(standing.mint, standing.slot, standing))
        await chunk.finish(outputs=list(map(about, facts)), dead_letters=unreadable)


def about(fact: About) -> Output:
    """Return a fact for the fold of its token."""
    partition = partition_of(fact.mint.encode(), app.partitions_of(EVENTS))
    return internal(EVENTS, key=fact.mint, value=fact, partition=partition)
