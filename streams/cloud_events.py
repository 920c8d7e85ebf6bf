"""Headers of public records: CloudEvents 1.0 in Kafka's binary mode, and two of our own."""

from typing import Literal

from schemas.topics import Topic

Op = Literal["c", "u", "d"]
"""Created, updated or deleted."""

_CONSTANT = (
    ("ce_specversion", b"1.0"),
    ("ce_source", b"btracker"),
    ("content-type", b"application/json"),
)


def noun(topic: Topic) -> str:
    """Return what one record of *topic* is called: ``token`` for ``btracker.tokens``."""
    plural = topic.name.rpartition(".")[2]
    return plural if plural in {"lifecycle", "progress"} else plural.removesuffix("s")


def cloud_event(
    topic: Topic, *, event_id: str, subject: str, slot: int, time: str | None, op: Op
) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of one record; *time* is RFC 3339 in UTC, left out if None.

    Source: CloudEvents 1.0, Kafka protocol binding, section 3.2 (binary content mode).
    """
    return (
        *_CONSTANT,
        ("ce_id", event_id.encode()),
        ("ce_type", f"btracker.{noun(topic)}".encode()),
        *((("ce_time", time.encode()),) if time else ()),
        ("ce_subject", subject.encode()),
        ("bt_slot", str(slot).encode()),
        ("bt_op", op.encode()),
    )
