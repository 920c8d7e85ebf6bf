"""``btracker.posts`` -> the posts that are kept, so that they can be looked up again."""

from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import Kafka
from schemas.topics import POSTS
from streams.ends import ends
from streams.sources.x import metrics

FETCH_MAX_WAIT_MS, POLL_MS = 10, 500


class Kept(NamedTuple):
    """A post that is kept: all versions, oldest first; when it was last seen, since 1970."""

    versions: tuple[str, ...]
    checked_at: float


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    edit_ids: tuple[str, ...] = ()


_head = msgspec.json.Decoder(_Head)


class Watch:
    """The posts that are kept, by their first id."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self._first: dict[str, str] = {}

    def keep(self, versions: tuple[str, ...], at: float) -> None:
        """Take note that a post was seen at a time."""
        first = versions[0]
        known = self.kept.get(first)
        if known is None or len(known.versions) <= len(versions):
            self.kept[first] = Kept(versions, max(at, known.checked_at if known else 0.0))
            self._first.update(dict.fromkeys(versions, first))
        metrics.WATCHED.set(len(self.kept))

    def drop(self, first: str) -> None:
        """Take note that a post is not kept any more."""
        known = self.kept.pop(first, None)
        for version in known.versions if known else ():
            self._first.pop(version, None)
        metrics.WATCHED.set(len(self.kept))

    def first_of(self, version: str) -> str | None:
        """Return the first id of the post one of whose versions is *version*, if it is kept."""
        return self._first.get(version)

    def due(self, before: float, *, most: int) -> list[Kept]:
        """Return the posts not seen since *before*, the longest unseen first."""
        old = [kept for kept in self.kept.values() if kept.checked_at < before]
        return sorted(old, key=lambda kept: kept.checked_at)[:most]


async def recall(kafka: Kafka, watch: Watch) -> None:
    """Let *watch* know all posts that are kept, from the topic.

    Raises:
        KafkaError: Kafka does not answer.
    """
    here = TopicPartition(POSTS.name, 0)
    async with AIOKafkaConsumer(
        **kafka.options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
    ) as consumer:
        consumer.assign([here])
        reported = await consumer.end_offsets([here])
        end = (await ends(kafka, reported, fetch_max_wait_ms=FETCH_MAX_WAIT_MS))[here]
        await consumer.seek_to_beginning(here)
        while await consumer.position(here) < end:
            for record in (await consumer.getmany(timeout_ms=POLL_MS)).get(here, ()):
                _hear(watch, record.key, record.value, at=record.timestamp / 1_000)


def _hear(watch: Watch, key: bytes | None, value: bytes | None, *, at: float) -> None:
    if value is None:
        watch.drop((key or b"").decode(errors="replace"))
        return
    try:
        head = _head.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    watch.keep(head.edit_ids or (head.id,), at)
