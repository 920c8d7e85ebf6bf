"""claims -> links, events, wordings: which post asked for which token, and what is known of it."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial

from domain.amounts import timestamp
from domain.match.matcher import CLOCKS, Matched, Matcher
from domain.match.record import link_record
from schemas.claim import Claim
from schemas.claim_rows import LinkRow
from schemas.event import Joined
from schemas.topics import CLAIMS, EVENTS, LINKS, RAW_CHAIN, WORDINGS
from streams.app import app
from streams.attempts import attempt, dead, unread
from streams.chunks import Chunk, DeadLetter, Kept, read
from streams.outputs import Output, internal, public
from streams.partitioner import partition_of
from tables.claims import claims

JOINED = "joined"


def open_matcher(chunk: Chunk) -> Matcher:
    """Return the matcher, from its rows."""
    return Matcher(
        claims.of(chunk.partition),
        raw_partitions=app.partitions_of(RAW_CHAIN),
        claims_epoch=chunk.epoch,
        early_ms=int(app.settings.match_early_s * 1000),
    )


opened = Kept(open_matcher)


def matching(chunk: Chunk) -> Callable[[Sequence[tuple[int, Claim | None]]], Matched]:
    """Return what takes in claims; it opens the matcher anew after a failed attempt."""
    return lambda said: opened.of(chunk).match(said)


@app.arrow(CLAIMS, to=(LINKS, EVENTS, WORDINGS))
async def match_posts(chunks: AsyncIterator[Chunk]) -> None:
    """Match chunks; a claim that cannot be taken in is dead-lettered."""
    async for chunk in chunks:
        said, unreadable = read(chunk, Claim)
        matched, bad = attempt(
            matching(chunk),
            in_order(said, unreadable),
            again=partial(opened.forget, chunk),
            instead=unread,
        )
        await chunk.finish(
            rows={claims: matched.rows},
            outputs=list(outputs(matched)),
            last_rows={claims: {CLOCKS: matched.clock}},
            dead_letters=[*unreadable, *dead(chunk, bad)],
            progress=matched.progress,
        )


def in_order(
    said: Sequence[tuple[int, Claim]], unreadable: Sequence[DeadLetter]
) -> list[tuple[int, Claim | None]]:
    """Return the claims by offset, with None where a record could not be read."""
    holes = ((letter.record.offset, None) for letter in unreadable)
    return sorted([*said, *holes], key=lambda item: item[0])


def outputs(matched: Matched) -> Iterator[Output]:
    """Yield links, then facts by mint, then how far they are complete, to every partition."""
    partitions = app.partitions_of(EVENTS)
    yield from map(public_link, matched.links)
    for about in matched.facts:
        partition = partition_of(about.mint.encode(), partitions)
        yield internal(EVENTS, key=about.mint, value=about, partition=partition)
    for wording in matched.wordings:
        yield internal(WORDINGS, key=wording.mint, value=wording, partition=0)
    if matched.joined is not None:
        for partition in range(partitions):
            yield internal(EVENTS, key=JOINED, value=Joined(matched.joined), partition=partition)


def public_link(row: LinkRow) -> Output:
    """Return the public record of a link; a tombstone where it is withdrawn."""
    record = link_record(row.link)
    return public(
        LINKS, key=row.link.mint, value=record, partition=0,
        event_id=f"{row.link.mint}:{row.revision}", subject=row.link.mint, slot=row.slot,
        time=timestamp(row.time), op="u" if record else "d",
    )  # fmt: skip
