"""What Kafka is told of each topic: how long it keeps records, and when they are safe."""

from collections.abc import Mapping

from schemas.topics import DAY_MS, HOUR_MS, Topic

SEGMENTS = 8
"""Kafka deletes and compacts whole segments, and never the newest: with so many in the time that
records are kept, what is too old is gone an eighth of that time later."""
LIMIT_SEGMENT_MS = HOUR_MS
LIMIT_SLACK_MS = HOUR_MS // 4
"""Kafka looks for old segments every five minutes, and removes their files a minute later."""
TOMBSTONE_MS = 7 * DAY_MS
"""A consumer of public topics that was away for so long still sees what was deleted."""
STATE_TOMBSTONE_MS = DAY_MS
"""For so long a changelog still tells that a row was deleted: no checkpoint may be as old."""
STATE_SEGMENT_BYTES = 64 * 1024 * 1024
"""Whoever restores a state reads the newest segment with all that is out of date in it."""
STATE_DIRTY_RATIO = 0.2
"""And no more than a fifth of the rest in vain."""


def settings_of(topic: Topic, *, replication: int) -> Mapping[str, str]:
    """Return the settings of *topic* with so many replicas, by the names that Kafka has for them.

    What we say nothing of is as the operator of Kafka has it.
    """
    settings: dict[str, object] = {
        "cleanup.policy": topic.cleanup,
        # Ours are not compressed by others: not every client of ours could read that.
        "compression.type": "producer",
        # How old a record is, no clock but Kafka's own decides.
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": topic.batch_bytes_max,
        # A write is done when all replicas but one have it: one may fail, and nothing is lost.
        "min.insync.replicas": max(1, replication - 1),
        "unclean.leader.election.enable": "false",
        **(_kept(topic.retention_ms, is_limit=topic.is_limit) if topic.retention_ms else {}),
        **(_compacted(topic) if "compact" in topic.cleanup else {}),
    }
    return {name: str(value) for name, value in settings.items()}


def _kept(promised_ms: int, *, is_limit: bool) -> dict[str, object]:
    """Return for how long; never for less because there is much of it."""
    segment_ms = LIMIT_SEGMENT_MS if is_limit else min(DAY_MS, promised_ms // SEGMENTS)
    retention_ms = promised_ms - segment_ms - LIMIT_SLACK_MS if is_limit else promised_ms
    return {"retention.ms": retention_ms, "retention.bytes": -1, "segment.ms": segment_ms}


def _compacted(topic: Topic) -> dict[str, object]:
    """Return when. What is in the newest segment is not, so that must not last."""
    settings: dict[str, object] = {
        "segment.ms": DAY_MS,
        "delete.retention.ms": TOMBSTONE_MS if topic.public else STATE_TOMBSTONE_MS,
    }
    if topic.restores:
        settings |= {
            "segment.bytes": STATE_SEGMENT_BYTES,
            "min.cleanable.dirty.ratio": STATE_DIRTY_RATIO,
        }
    if topic.compacted_within_ms is not None:
        # A segment is closed by the first record after its time, and compacted after the lag.
        settings |= {
            "segment.ms": topic.compacted_within_ms // 4,
            "max.compaction.lag.ms": topic.compacted_within_ms // 2,
        }
    return settings
