"""raw.x -> posts, claims, wordings: what each post asks for."""

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial

from domain.decode.raw import RawDelivery
from domain.posts.counts import progress
from domain.posts.partition import SOURCE, RawLine, ReadPosts, read_run
from schemas.claim import SourceClock
from schemas.claim_rows import ReadRow
from schemas.post import PostClaim, PostGone
from schemas.topics import CLAIMS, POSTS, RAW_X, WORDINGS
from schemas.wording import PostWording
from streams.app import app
from streams.attempts import Bad, attempt
from streams.chunks import Chunk, DeadLetter
from streams.outputs import Output, internal
from streams.posts import public_post
from tables.readings import readings


@app.arrow(RAW_X, to=(POSTS, CLAIMS, WORDINGS))
async def read_posts(chunks: AsyncIterator[Chunk]) -> None:
    """Read chunks; a line that is no post is dead-lettered."""
    async for chunk in chunks:
        row = readings.of(chunk.partition).get(str(chunk.partition), ReadRow())
        lines: Sequence[RawLine] = chunk.records
        found, bad = attempt(
            partial(read_run, row=row, partition=chunk.partition, epoch=chunk.epoch),
            lines,
            again=_nothing,
            instead=unreadable,
        )
        await chunk.finish(
            outputs=[
                *map(public_post, found.posts),
                *map(claimed, found.claims),
                *map(to_be_read, found.wordings),
            ],
            last_rows={readings: {str(chunk.partition): found.row}},
            dead_letters=list(dead_letters(chunk, found, bad)),
            progress=progress(found.row, source=SOURCE, partition=chunk.partition),
        )


def _nothing() -> None:
    """Put nothing back: reading leaves no trace."""


def unreadable(record: RawLine) -> RawLine:
    """Return what is counted in the place of a record that made us fail: half a line."""
    return RawDelivery(record.offset, None, b"{", ())


def claimed(claim: PostClaim | PostGone | SourceClock) -> Output:
    """Return a claim for the matcher."""
    match claim:
        case PostClaim(post):
            key = post.id
        case PostGone(post_id):
            key = post_id
        case SourceClock(source):
            key = source
    return internal(CLAIMS, key=key, value=claim, partition=0)


def to_be_read(wording: PostWording | PostGone) -> Output:
    """Return a text for the reader of projects; the same key for all that is said of a post."""
    key = wording.post_id if isinstance(wording, PostGone) else wording.post.id
    return internal(WORDINGS, key=key, value=wording, partition=0)


def dead_letters(chunk: Chunk, found: ReadPosts, bad: list[Bad]) -> Iterator[DeadLetter]:
    """Yield a dead letter for each record that could not be read, or made us fail."""
    failed = {record.offset: error for record, error in bad}
    by_offset = {record.offset: record for record in chunk.records} if found.refused else {}
    for offset, reason in found.refused:
        error = failed.get(offset)
        yield DeadLetter(by_offset[offset], reason if error is None else f"{error!r}")
