"""wordings -> posts, events, embeddings: what projects are about, read by a language model."""

from collections.abc import AsyncIterator, Iterator, Sequence

from language.desk import Desk
from language.reader import Reading
from language.wordings import Failed, Known, Said, known, newest, texts
from schemas.topics import EMBEDDINGS, EVENTS, POSTS, WORDINGS
from streams.app import app
from streams.attempts import Bad, dead
from streams.chunks import Chunk, read
from streams.outputs import Output, internal
from streams.partitioner import partition_of
from streams.posts import public_post
from tables.projects import projects

desk = Desk(app.settings.read_with, app.settings.read_head)


@app.arrow(WORDINGS, to=(POSTS, EVENTS, EMBEDDINGS))
async def read_projects(chunks: AsyncIterator[Chunk]) -> None:
    """Read chunks, off the loop; a text that makes us fail is dead-lettered."""
    async for chunk in chunks:
        said, unreadable = read(chunk, WORDINGS.value)
        rows = projects.of(chunk.partition)
        last = newest(said)
        readings = await desk.read(texts(last, rows))
        found = known(zip(last, readings, strict=True), rows, epoch=chunk.epoch)
        await chunk.finish(
            rows={projects: found.rows},
            outputs=list(outputs(found)),
            dead_letters=[*unreadable, *dead(chunk, failures(last, readings))],
        )


def outputs(found: Known) -> Iterator[Output]:
    """Yield posts with their project, facts about tokens, and vectors."""
    partitions = app.partitions_of(EVENTS)
    yield from map(public_post, found.posts)
    for about in found.facts:
        partition = partition_of(about.mint.encode(), partitions)
        yield internal(EVENTS, key=about.mint, value=about, partition=partition)
    for key, vector in found.vectors.items():
        if vector is None:
            yield Output(EMBEDDINGS.name, 0, key.encode(), None)
        else:
            yield internal(EMBEDDINGS, key=key, value=vector, partition=0)


def failures(last: Sequence[Said], readings: Sequence[Reading | Failed | None]) -> list[Bad]:
    """Return the wordings that could not be read, and why."""
    both = zip(last, readings, strict=True)
    return [Bad(said, reading.error) for said, reading in both if isinstance(reading, Failed)]
