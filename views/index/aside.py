"""Which records the index process has set aside, by its own word in the store; pure."""

from collections.abc import Iterable, Mapping

import msgspec

from schemas.progress import Counts, Progress
from views.index.reading import key_of
from views.writes import Write

STAGE = "index"

encode = msgspec.json.Encoder().encode


class Aside:
    """What was set aside of each partition: how many records, and the offset of the last.

    A record that stands behind everything is read again at each start. The store says that it has
    been set aside already, so that it is no second dead letter and counts once.
    """

    def __init__(self, epochs: Mapping[str, int], said: Iterable[Progress]) -> None:
        self._epochs = epochs
        self._known = {
            (one.source, one.partition): one
            for one in said
            if one.stage == STAGE and one.source and one.epoch == epochs.get(one.source)
        }

    def has(self, topic: str, partition: int, offset: int) -> bool:
        """Return whether a record that cannot be taken was set aside before."""
        known = self._known.get((topic, partition))
        return known is not None and offset <= known.offset

    def add(self, topic: str, partition: int, offset: int) -> Write[Progress]:
        """Take note of a record that has become a dead letter; return what the store is to say."""
        known = self._known.get((topic, partition))
        count = 1 + (known.counts.dead_lettered if known else 0)
        progress = Progress(
            stage=STAGE,
            partition=partition,
            source=topic,
            epoch=self._epochs[topic],
            offset=offset,
            counts=Counts(seen=count, dead_lettered=count),
        )
        self._known[topic, partition] = progress
        version = self._epochs[topic] + offset
        return Write(key=key_of(progress), version=version, record=progress, body=encode(progress))
