"""``btracker.posts`` -> the posts that are kept, so that they can be looked up again."""

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from schemas.fields import Mint
from schemas.kafka import Kafka
from schemas.topics import LINKS, POSTS, RAW_X
from streams.everything import everything
from streams.sources.x import metrics
from streams.sources.x.desk import HEADERS
from streams.sources.x.wire import read_seen


class Kept(NamedTuple):
    """A post that is kept: all versions, oldest first; when it was last seen, since 1970.

    ``author``: the id of its author's account, where that is known.
    """

    versions: tuple[str, ...]
    checked_at: float
    author: str | None = None


class _Author(msgspec.Struct, frozen=True):
    id: str | None = None


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    edit_ids: tuple[str, ...] = ()
    author: _Author = _Author()


class _Link(msgspec.Struct, frozen=True, rename="camel"):
    post_id: str | None = None


_link = msgspec.json.Decoder(_Link)
_head = msgspec.json.Decoder(_Head)


class Watch:
    """The posts that are kept, by their first id."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self._first: dict[str, str] = {}
        self._of: dict[str, set[str]] = {}

    def keep(self, versions: tuple[str, ...], at: float, author: str | None) -> None:
        """Take note that a post of an account was seen at a time."""
        first = versions[0]
        known = self.kept.get(first)
        if known is None or len(known.versions) <= len(versions):
            author = author or (known.author if known else None)
            self.kept[first] = Kept(versions, max(at, known.checked_at if known else 0.0), author)
            if author:
                self._of.setdefault(author, set()).add(first)
            self._first.update(dict.fromkeys(versions, first))
        metrics.WATCHED.set(len(self.kept))

    def drop(self, first: str) -> None:
        """Take note that a post is not kept any more."""
        known = self.kept.pop(first, None)
        for version in known.versions if known else ():
            self._first.pop(version, None)
        if known and known.author:
            self._of[known.author].discard(first)
            if not self._of[known.author]:
                del self._of[known.author]
        metrics.WATCHED.set(len(self.kept))

    def of(self, author: str) -> tuple[str, ...]:
        """Return the first ids of the posts of an account that are kept."""
        return tuple(sorted(self._of.get(author, ())))

    def first_of(self, version: str) -> str | None:
        """Return the first id of the post one of whose versions is *version*, if it is kept."""
        return self._first.get(version)

    def due(self, before: float, *, most: int) -> list[Kept]:
        """Return the posts not seen since *before*, the longest unseen first."""
        old = [kept for kept in self.kept.values() if kept.checked_at < before]
        return sorted(old, key=lambda kept: kept.checked_at)[:most]


async def recall(kafka: Kafka, watch: Watch) -> None:
    """Let *watch* know all posts that are kept, wherever they came from.

    Raises:
        KafkaError: Kafka does not answer.
    """
    async for record in everything(kafka, POSTS.name):
        _hear(watch, record.key, record.value, at=record.timestamp / 1_000)


async def recall_raw(kafka: Kafka, watch: Watch) -> set[str]:
    """Let *watch* know what came of X in the last day, which may not have been read yet.

    Return the versions that earlier ones name and that did not come themselves: a collector may
    have been killed between the two.

    Raises:
        KafkaError: Kafka does not answer.
    """
    named, came = set[str](), set[str]()
    async for record in everything(kafka, RAW_X.name):
        if HEADERS[0] not in record.headers:
            continue
        if record.value is None:
            watch.drop((record.key or b"").decode(errors="replace"))
        elif (seen := read_seen(record.value)) is not None:
            watch.keep(seen.versions, record.timestamp / 1_000, seen.author)
            named.update(seen.versions)
            came.update(seen.so_far)
    return named - came


async def linked(kafka: Kafka, post_ids: Collection[str]) -> dict[str, set[Mint]]:
    """Return the tokens that are linked to posts, by the id under which they are linked.

    Raises:
        KafkaError: Kafka does not answer.
    """
    of_mint: dict[Mint, str | None] = {}
    async for record in everything(kafka, LINKS.name):
        mint = (record.key or b"").decode(errors="replace")
        of_mint[mint] = _link.decode(record.value).post_id if record.value else None
    found: dict[str, set[Mint]] = {post_id: set() for post_id in post_ids}
    for mint, post_id in of_mint.items():
        if post_id in found:
            found[post_id].add(mint)
    return found


def _hear(watch: Watch, key: bytes | None, value: bytes | None, *, at: float) -> None:
    if value is None:
        watch.drop((key or b"").decode(errors="replace"))
        return
    try:
        head = _head.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    watch.keep(head.edit_ids or (head.id,), at, head.author.id)
