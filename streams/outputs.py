"""What a chunk causes: records for other topics, already encoded and placed."""

from collections.abc import Sequence
from typing import Any

import msgspec

from schemas.topics import Topic
from streams.cloud_events import Op, cloud_event

Headers = Sequence[tuple[str, bytes]]

_encode = msgspec.json.Encoder().encode


class Output(msgspec.Struct, frozen=True, gc=False):
    """One record to be written. ``value`` None is a tombstone."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


def internal(topic: Topic, *, key: str, value: Any, partition: int) -> Output:
    """Return a record of an internal topic: JSON without headers."""
    return Output(topic.name, partition, key.encode(), _encode(value))


def public(
    topic: Topic,
    *,
    key: str,
    value: Any,
    partition: int,
    event_id: str,
    subject: str,
    slot: int,
    time: str | None,
    op: Op,
) -> Output:
    """Return a record of a public topic: JSON (None: a tombstone) with CloudEvents headers.

    *subject* is the mint (or post id); *time* is RFC 3339 in UTC, None where there is none.
    """
    headers = cloud_event(topic, event_id=event_id, subject=subject, slot=slot, time=time, op=op)
    data = None if value is None else _encode(value)
    return Output(topic.name, partition, key.encode(), data, headers)
