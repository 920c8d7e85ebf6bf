"""What Kafka is told of each topic keeps what is promised of it."""

from itertools import product

import pytest

from schemas.topics import CATALOGUE, DAY_MS, HOUR_MS, POSTS, RAW_X, Topic
from streams.topic_settings import settings_of
from streams.topics import with_dead_letters
from tables import changelogs

EVERY = with_dead_letters((*CATALOGUE, *changelogs()))
CHECKED_MS = HOUR_MS // 10
"""Kafka looks for what is too old every 5 minutes and removes files after 1, if not told else."""


def numbers(topic: Topic) -> dict[str, int]:
    """Return the settings of a topic that are whole numbers."""
    settings = settings_of(topic, replication=3)
    return {name: int(value) for name, value in settings.items() if value.lstrip("-").isdecimal()}


@pytest.mark.parametrize("topic", EVERY, ids=lambda topic: topic.name)
def test_records_are_kept_as_promised(topic: Topic) -> None:
    """For as long at least, or at most; what deletes says when, and what does not never does."""
    settings = numbers(topic)
    if "delete" not in topic.cleanup:
        assert topic.retention_ms is None
        assert "retention.ms" not in settings
        return

    assert topic.retention_ms is not None
    assert -1 == settings["retention.bytes"]
    latest = settings["retention.ms"] + settings["segment.ms"] + CHECKED_MS
    if topic.is_limit:
        assert latest <= topic.retention_ms
    else:
        assert topic.retention_ms == settings["retention.ms"]
        assert latest <= topic.retention_ms * 1.25


@pytest.mark.parametrize("topic", EVERY, ids=lambda topic: topic.name)
def test_what_is_replaced_goes_in_time(topic: Topic) -> None:
    """A segment is closed, then compacted, within what is promised; never only when it is full."""
    settings = numbers(topic)
    if "compact" not in topic.cleanup:
        assert "max.compaction.lag.ms" not in settings
        return

    assert settings["segment.ms"] <= DAY_MS
    assert settings["delete.retention.ms"] >= (7 * DAY_MS if topic.public else DAY_MS)
    if topic.compacted_within_ms is not None:
        lag_ms = settings["segment.ms"] + settings["max.compaction.lag.ms"]
        assert lag_ms < topic.compacted_within_ms


def test_what_comes_from_x_is_bounded() -> None:
    """Raw posts for 24 h at most, those that cannot be read too; posts replaced within a day."""
    for topic in with_dead_letters([RAW_X]):
        assert (24 * HOUR_MS, True) == (topic.retention_ms, topic.is_limit)
    assert DAY_MS == POSTS.compacted_within_ms


@pytest.mark.parametrize("topic", changelogs(), ids=lambda topic: topic.name)
def test_changelogs_are_compacted_only(topic: Topic) -> None:
    """A row that was deleted for its age would be missing after the next recovery."""
    assert "compact" == settings_of(topic, replication=3)["cleanup.policy"]


@pytest.mark.parametrize(
    ("replication", "in_sync"), [(1, 1), (2, 1), (3, 2), (4, 3)]
)  # fmt: skip
def test_a_write_survives_the_loss_of_a_replica_and_does_not_wait_for_it(
    replication: int, in_sync: int
) -> None:
    """All but one have it; with one replica, that one."""
    found = {settings_of(one, replication=replication)["min.insync.replicas"] for one in EVERY}

    assert {str(in_sync)} == found


def test_every_batch_of_ours_fits() -> None:
    """Records of a megabyte fit their topic, and as dead letters with their headers theirs."""
    for topic, dead in product(CATALOGUE, EVERY):
        if dead.name == f"{topic.name}.dlq":
            assert numbers(dead)["max.message.bytes"] >= 2 * numbers(topic)["max.message.bytes"]
