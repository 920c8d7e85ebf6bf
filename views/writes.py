"""What the indexer writes to a store: versioned documents, in batches."""

from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from domain.errors import BtrackerError
from schemas.engagement import Engagement
from schemas.link import LinkRecord
from schemas.post import Post
from schemas.progress import Progress
from schemas.project import Embedding
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token

Item = TypeVar("Item")


class Write(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """One document to be put: ``record`` and the JSON it came as.

    ``record`` None: marked deleted, its content dropped, and ``body`` is empty. A smaller
    ``version`` never overwrites a greater one, an equal one may. ``key`` is the mint
    (tokens, links), the event id (trades, lifecycle), ``mint:unix seconds`` (candles),
    ``mint:account`` (holders), the post id (posts, engagements), ``post:id`` or
    ``token:mint`` (embeddings), or ``stage:partition:source:kind`` (progress).
    """

    key: str
    version: int
    record: Item | None
    body: bytes


class Document(msgspec.Struct, frozen=True):
    """What a store keeps of the writes of a key; ``body`` None: it is marked deleted."""

    key: str
    version: int
    body: bytes | None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is written together. Of one key, later entries follow earlier ones.

    Progress is put only when all it speaks of has been put before or stands in the same batch.
    Where a write fails, anything from nothing to all but the progress may have been put: it is to
    be written again, which changes nothing of what is there. What was put is found by its key at
    once, by any other question at the latest when progress put with or after it is.
    """

    tokens: Sequence[Write[Token]] = ()
    trades: Sequence[Write[TradeRecord]] = ()
    candles: Sequence[Write[CandleRecord]] = ()
    holders: Sequence[Write[HolderRecord]] = ()
    lifecycle: Sequence[Write[LifecycleRecord]] = ()
    posts: Sequence[Write[Post]] = ()
    engagements: Sequence[Write[Engagement]] = ()
    links: Sequence[Write[LinkRecord]] = ()
    embeddings: Sequence[Write[Embedding]] = ()
    progress: Sequence[Write[Progress]] = ()


class Rejected(NamedTuple):
    """A write that a store can never take, and why; ``noun`` is the member of ``Batch``."""

    noun: str
    key: str
    version: int
    why: str


class RejectedError(BtrackerError):
    """Some writes can never be put; the others can, once more, without these."""

    def __init__(self, rejected: Sequence[Rejected]) -> None:
        super().__init__(f"{len(rejected)} records cannot be put: {rejected[0].why}")
        self.rejected = tuple(rejected)


def newest(writes: Iterable[Write[Item]]) -> list[Write[Item]]:
    """Return the write of each key that would stand at the end; a replay repeats keys a lot."""
    found: dict[str, Write[Item]] = {}
    for write in writes:
        known = found.get(write.key)
        if known is None or known.version <= write.version:
            found[write.key] = write
    return list(found.values())
