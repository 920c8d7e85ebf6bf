"""What became of the records of a partition of posts or documents."""

from typing import Literal

from msgspec.structs import replace

from domain.amounts import timestamp
from schemas.claim import SourceClock
from schemas.claim_rows import ReadRow
from schemas.post import Post
from schemas.progress import Counts, Progress

Outcome = Literal["applied", "not_ours", "dead_lettered"]


def counted(
    row: ReadRow, *, position: tuple[int, int], outcome: Outcome, taken: object = None
) -> ReadRow:
    """Return *row* with the record at *position* (epoch, offset) counted; at most once."""
    if position <= row.through:
        return row
    if isinstance(taken, SourceClock):
        row = replace(
            row, time=max(row.time, taken.time), complete=max(row.complete, taken.complete)
        )
    return replace(
        row,
        through=position,
        seen=row.seen + 1,
        applied=row.applied + (outcome == "applied"),
        not_ours=row.not_ours + (outcome == "not_ours"),
        dead_lettered=row.dead_lettered + (outcome == "dead_lettered"),
        posts=row.posts + isinstance(taken, Post),
    )


def progress(row: ReadRow, *, source: str, partition: int) -> Progress:
    """Return how far the reader of *source* is."""
    epoch, offset = row.through
    return Progress(
        stage="read",
        source=source,
        partition=partition,
        epoch=epoch,
        offset=offset,
        head_slot=row.complete,
        chain_time=timestamp(row.time) if row.time else None,
        joined_through_slot=row.complete,
        counts=Counts(
            seen=row.seen,
            applied=row.applied,
            not_ours=row.not_ours,
            dead_lettered=row.dead_lettered,
            posts=row.posts,
        ),
    )
