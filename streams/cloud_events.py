"""Headers of public records: CloudEvents 1.0 in Kafka's binary mode, and two of our own."""

from functools import cache
from typing import Literal

from schemas.topics import Topic

Op = Literal["c", "u", "d"]
"""Created, updated or deleted."""

_VERSION = ("ce_specversion", b"1.0")
_SOURCE = ("ce_source", b"btracker")
_CONTENT = ("content-type", b"application/json")
_OPS: dict[Op, tuple[str, bytes]] = {
    "c": ("bt_op", b"c"), "u": ("bt_op", b"u"), "d": ("bt_op", b"d"),
}  # fmt: skip
_AFTER_TIME = 6


def noun(topic: Topic) -> str:
    """Return what one record of *topic* is called: ``token`` for ``btracker.tokens``."""
    return _noun(topic.name)


def cloud_event(
    topic: Topic, *, event_id: str, subject: str, slot: int, time: str | None, op: Op
) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of one record; *time* is RFC 3339 in UTC, left out if None.

    Source: CloudEvents 1.0, Kafka protocol binding, section 3.2 (binary content mode).
    """
    headers = (
        _VERSION,
        _SOURCE,
        _CONTENT,
        ("ce_id", event_id.encode()),
        _type_of(topic.name),
        ("ce_time", (time or "").encode()),
        ("ce_subject", subject.encode()),
        ("bt_slot", str(slot).encode()),
        _OPS[op],
    )
    return headers if time else headers[: _AFTER_TIME - 1] + headers[_AFTER_TIME:]


@cache
def _type_of(topic_name: str) -> tuple[str, bytes]:
    return "ce_type", f"btracker.{_noun(topic_name)}".encode()


def _noun(topic_name: str) -> str:
    plural = topic_name.rpartition(".")[2]
    return plural if plural in {"lifecycle", "progress"} else plural.removesuffix("s")
