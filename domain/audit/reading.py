"""Posts and documents read from scratch, and what should stand on topics because of them."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from domain.audit.decoding import Said, what_of
from domain.audit.digests import digest
from domain.audit.emitted import encode
from domain.audit.findings import Finding
from domain.posts.counts import Outcome, counted, progress
from domain.posts.partition import SOURCE, RawLine, ReadPosts, read_run
from schemas.claim import SourceClock
from schemas.claim_rows import ReadRow
from schemas.metadata import Metadata
from schemas.post import Post, PostClaim, PostGone
from schemas.progress import Progress
from schemas.topics import CLAIMS, METADATA, POSTS, RAW_X

DELETED = 0
"""Stands for a post that is there no more."""
_document = msgspec.json.Decoder(METADATA.value)


class Read(NamedTuple):
    """What one record causes. ``post`` is (id, what stands for it); refused: a dead letter."""

    said: tuple[Said, ...] = ()
    post: tuple[str, int] | None = None
    is_refused: bool = False


class Recount(Protocol):
    """A partition of posts or documents, read from scratch."""

    def take(self, record: RawLine) -> Read:
        """Return what the next record causes."""

    @property
    def progress(self) -> Progress:
        """How far it is."""


class PostsRecount:
    """The reader of posts."""

    def __init__(self, *, partition: int, epoch: int, set_aside: AbstractSet[int]) -> None:
        self._row = ReadRow()
        self._partition, self._epoch, self._set_aside = partition, epoch, set_aside

    def take(self, record: RawLine) -> Read:
        """Return what the next record causes."""
        read = read_run([record], row=self._row, partition=self._partition, epoch=self._epoch)
        if record.offset in self._set_aside and not read.refused:
            position = self._epoch, record.offset
            self._row = counted(self._row, position=position, outcome="dead_lettered")
            return Read()
        self._row = read.row
        return Read(tuple(self._said(read, record.offset)), _post(read), bool(read.refused))

    def _said(self, read: ReadPosts, offset: int) -> Iterator[Said]:
        for claim in read.claims:
            what = what_of(_key(claim), claim)
            yield Said(CLAIMS.name, what, offset, self._row.complete, self._row.time)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return progress(self._row, source=SOURCE, partition=self._partition)


class DocumentsRecount:
    """What passes documents on to the matcher."""

    def __init__(self, *, partition: int, epoch: int, set_aside: AbstractSet[int]) -> None:
        self._row = ReadRow()
        self._partition, self._epoch, self._set_aside = partition, epoch, set_aside

    def take(self, record: RawLine) -> Read:
        """Return what the next record causes."""
        taken = self._decoded(record)
        outcome: Outcome = "dead_lettered" if taken is None else "applied"
        position = self._epoch, record.offset
        self._row = counted(self._row, position=position, outcome=outcome, taken=taken)
        if taken is None:
            return Read(is_refused=True)
        what = what_of(taken.mint if isinstance(taken, Metadata) else taken.source, taken)
        said = Said(CLAIMS.name, what, record.offset, self._row.complete, self._row.time)
        return Read((said,))

    def _decoded(self, record: RawLine) -> Metadata | SourceClock | None:
        if record.offset in self._set_aside:
            return None
        try:
            taken: Metadata | SourceClock = _document.decode(record.value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if isinstance(taken, Metadata):
            return taken
        return replace(taken, partition=self._partition, epoch=self._epoch, offset=record.offset)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return progress(self._row, source="metadata", partition=self._partition)


def _post(read: ReadPosts) -> tuple[str, int] | None:
    for post in read.posts:
        if isinstance(post, Post):
            return post.id, digest(encode(post))
        return post.post_id, DELETED
    return None


def _key(claim: PostClaim | PostGone | SourceClock) -> str:
    match claim:
        case PostClaim(post):
            return post.id
        case PostGone(post_id):
            return post_id
        case SourceClock(source):
            return source


class PostsSeen:
    """Posts as they should be, against those on their topic; some 200 bytes each."""

    def __init__(self) -> None:
        self._should: dict[str, tuple[int, int]] = {}
        self._newest: dict[str, int] = {}
        self._later = set[str]()

    def expect(self, post: tuple[str, int], offset: int) -> None:
        """Take note of a post, because of the raw record at *offset*."""
        self._should[post[0]] = post[1], offset

    def see(self, post_id: str, post: Post | None, *, is_later: bool) -> None:
        """Take in the next record of the topic; *is_later*: it is newer than what is judged."""
        # What a project is about is added to the same post later, and is nothing of the reader's.
        what = DELETED if post is None else digest(encode(replace(post, project=None)))
        if is_later and self._newest.get(post_id) != what:
            self._later.add(post_id)
        else:
            self._newest[post_id] = what

    def findings(self) -> Iterator[Finding]:
        """Yield the posts that are not there, or are others."""
        for post_id, (what, offset) in self._should.items():
            # A tombstone goes after a while.
            found = self._newest.get(post_id, DELETED if what == DELETED else None)
            if found == what or post_id in self._later:
                continue
            said = "is not on" if found in {None, DELETED} else "is another on"
            yield Finding(
                stage="read x",
                partition=0,
                kind="missing" if found in {None, DELETED} else "different",
                topic=POSTS.name,
                what=f"post {post_id} {said} {POSTS.name}",
                input=RAW_X.name,
                offsets=(offset, offset),
            )
