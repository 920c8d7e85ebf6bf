"""Raw records of posts -> posts, deletions and claims: what the reader of a partition does."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from domain.decode.raw import CLOCK, tick_of
from domain.errors import UnreadableError
from domain.posts.counts import Outcome, counted
from domain.posts.read import concerns_launch, read_wording
from schemas.claim import SourceClock
from schemas.claim_rows import ReadRow
from schemas.post import Post, PostClaim, PostGone
from schemas.wording import PostWording

SOURCE = "x"
MINTS = "bt_mints"
"""The header of a deletion that names the tokens that were linked to the post."""


class RawLine(Protocol):
    """A raw record as it was delivered; a null ``value`` says that the post was deleted."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    @property
    def key(self) -> bytes | None:
        """The id of the post, where the source knows it."""

    @property
    def value(self) -> bytes | None:
        """A line of the stream."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """What the source says of it."""


class Refused(NamedTuple):
    """A record that cannot be read, by its offset, and why."""

    offset: int
    reason: str


class ReadPosts(NamedTuple):
    """Everything a run of raw records caused, in order.

    ``claims`` are for the matcher, ``wordings`` for whoever reads what projects are about.
    """

    posts: list[Post | PostGone]
    claims: list[PostClaim | PostGone | SourceClock]
    wordings: list[PostWording | PostGone]
    refused: list[Refused]
    row: ReadRow


def read_run(records: Iterable[RawLine], *, row: ReadRow, partition: int, epoch: int) -> ReadPosts:
    """Read *records* of a partition, in the order of their offsets; *row* is how far it was."""
    found = ReadPosts([], [], [], [], row)
    for record in records:
        try:
            read = _read(record, partition=partition, epoch=epoch)
        except UnreadableError as error:
            found.refused.append(Refused(record.offset, str(error)))
            row = counted(row, position=(epoch, record.offset), outcome="dead_lettered")
            continue
        taken = read.post if isinstance(read, PostWording) else read
        outcome: Outcome = "not_ours" if taken is None else "applied"
        row = counted(row, position=(epoch, record.offset), outcome=outcome, taken=taken)
        if isinstance(taken, Post | PostGone):
            found.posts.append(taken)
        if isinstance(read, PostWording | PostGone):
            found.wordings.append(read)
        claim = _claim(taken)
        if claim is not None:
            found.claims.append(claim)
    return found._replace(row=row)


def _read(
    record: RawLine, *, partition: int, epoch: int
) -> PostWording | PostGone | SourceClock | None:
    if dict(record.headers).get("bt_kind") == CLOCK or record.key == CLOCK:
        tick = tick_of(record.value or b"")
        return SourceClock(SOURCE, partition, epoch, record.offset, tick.time, tick.complete)
    if record.value is None:
        return _gone(record)
    return read_wording(record.value)


def _gone(record: RawLine) -> PostGone | None:
    if not record.key:
        return None
    mints = dict(record.headers).get(MINTS, b"").decode(errors="replace")
    return PostGone(record.key.decode(errors="replace"), tuple(mints.split()))


def _claim(
    taken: Post | PostGone | SourceClock | None,
) -> PostClaim | PostGone | SourceClock | None:
    if isinstance(taken, Post):
        return PostClaim(taken) if concerns_launch(taken) else None
    return taken
