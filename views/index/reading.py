"""What a record of a public topic puts into the store; pure."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from domain.amounts import seconds_of
from domain.errors import UnreadableError
from schemas.progress import Progress
from schemas.public import HolderRecord
from schemas.token import Token
from schemas.topics import (
    CANDLES,
    EMBEDDINGS,
    ENGAGEMENTS,
    HOLDERS,
    LIFECYCLE,
    LINKS,
    POSTS,
    PROGRESS,
    TOKENS,
    TRADES,
    Topic,
)
from views.likeness import halves
from views.writes import Batch, Write

GREATEST = 2**64 - 1
"""Of versions and slots, in a message of the live feed; a store may refuse less."""


def key_of(progress: Progress) -> str:
    """Return the key under which the newest word about a part of the input stands."""
    return f"{progress.stage}:{progress.partition}:{progress.source or ''}:{progress.kind or ''}"


class Noun(NamedTuple):
    """How records of one topic become writes.

    ``field`` is the member of ``Batch``. ``version`` None: the place in the topic is the version,
    and a tombstone, whose key is the document's, deletes (else there are no tombstones). ``check``
    raises where a record has the form of the topic, but makes no sense.
    """

    topic: Topic
    field: str
    key: Callable[[Any], str]
    version: Callable[[Any], int] | None
    tombstones: bool = False
    check: Callable[[Any], object] | None = None


def whole(holder: HolderRecord) -> int:
    """Return the base units of an account.

    Raises:
        UnreadableError: they are no whole number.
    """
    if not (holder.base_units.isascii() and holder.base_units.isdigit()):
        raise UnreadableError(f"{holder.base_units!r} is no number of base units.")
    return int(holder.base_units)


NOUNS = (
    Noun(TOKENS, "tokens", lambda token: token.mint, lambda token: token.version),
    Noun(TRADES, "trades", lambda trade: trade.id, None, check=lambda t: seconds_of(t.time)),
    Noun(CANDLES, "candles", lambda c: f"{c.mint}:{seconds_of(c.time)}", lambda candle: candle.rev),
    Noun(
        HOLDERS,
        "holders",
        lambda h: f"{h.mint}:{h.account}",
        lambda holder: holder.version,
        check=whole,
    ),
    Noun(LIFECYCLE, "lifecycle", lambda event: event.id, None),
    Noun(POSTS, "posts", lambda post: post.id, None, tombstones=True),
    Noun(ENGAGEMENTS, "engagements", lambda one: one.id, None, tombstones=True),
    Noun(LINKS, "links", lambda link: link.mint, None, tombstones=True),
    Noun(EMBEDDINGS, "embeddings", lambda v: v.id, None, tombstones=True, check=halves),
    Noun(PROGRESS, "progress", key_of, None),
)
BY_TOPIC: Mapping[str, Noun] = {noun.topic.name: noun for noun in NOUNS}
_DECODERS = {noun.topic.name: msgspec.json.Decoder(noun.topic.value) for noun in NOUNS}


def read(topic: str, key: bytes | None, value: bytes | None, *, at: int) -> Write[Any]:
    """Return the write that a record stands for; *at* is its topic's epoch plus its offset.

    Raises:
        UnreadableError: it is not what its topic carries.
    """
    noun = BY_TOPIC[topic]
    if value is None:
        return _tombstone(noun, key, at=at)
    try:
        record = _DECODERS[topic].decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{topic}: {error}") from error
    if noun.check:
        noun.check(record)
    version = at if noun.version is None else noun.version(record)
    if not 0 <= version <= GREATEST or getattr(record, "slot", 0) > GREATEST:
        raise UnreadableError(f"{topic}: a version or slot beyond all numbers.")
    return Write(key=noun.key(record), version=version, record=record, body=value)


def batch_of(writes: Mapping[str, list[Write[Any]]]) -> Batch:
    """Return the batch of writes by topic; a token of which nothing is left is deleted."""
    listed = {BY_TOPIC[topic].field: some for topic, some in writes.items()}
    if "tokens" in listed:
        listed["tokens"] = [_without_empty(write) for write in listed["tokens"]]
    return Batch(**listed)


def record_of(write: Write[Any]) -> Any:
    """Return the record of a write of a topic without tombstones."""
    return write.record


def is_empty(token: Token) -> bool:
    """Return whether the chain has taken back all it said of a token."""
    return not token.trades and token.launched_at is None and token.stage == "bonding"


def _without_empty(write: Write[Token]) -> Write[Token]:
    if write.record is None or not is_empty(write.record):
        return write
    return Write(key=write.key, version=write.version, record=None, body=b"")


def _tombstone(noun: Noun, key: bytes | None, *, at: int) -> Write[Any]:
    if not noun.tombstones or not key:
        raise UnreadableError(f"{noun.topic.name}: a tombstone where none is foreseen.")
    try:
        return Write(key=key.decode(), version=at, record=None, body=b"")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{noun.topic.name}: a key that is no text.") from error
