"""How far the index process is in topics that no stage speaks of, by its own word; pure.

Else a store that is new, or was put back from a copy, could not be told from one that has it all.
"""

from collections.abc import Mapping

import msgspec

from schemas.progress import Progress
from schemas.topics import EMBEDDINGS, ENGAGEMENTS, PROGRESS
from views.index.aside import STAGE
from views.index.gate import Ends
from views.index.reading import key_of
from views.writes import Write

KIND = "stands"
UNNAMED = (EMBEDDINGS.name, ENGAGEMENTS.name)

encode = msgspec.json.Encoder().encode


class Own:
    """Says where the indexer stands in some topics whenever it has got further."""

    def __init__(self, epochs: Mapping[str, int]) -> None:
        self._epochs = epochs
        self._said: dict[tuple[str, int], int] = {}

    def news(self, ends: Ends) -> list[Write[Progress]]:
        """Return what the store is to say, given that everything before *ends* is in it."""
        found = []
        for (topic, partition), end in ends.items():
            if topic in UNNAMED and end > self._said.get((topic, partition), 0):
                self._said[topic, partition] = end
                found.append(self._write(topic, partition, end))
        return found

    def _write(self, topic: str, partition: int, end: int) -> Write[Progress]:
        progress = Progress(
            stage=STAGE,
            partition=partition,
            source=topic,
            kind=KIND,
            epoch=self._epochs[topic],
            offset=end - 1,
            outputs={topic: end},
        )
        # Greater than what takes back the word of topics that are gone.
        version = max(self._epochs[topic], self._epochs[PROGRESS.name]) + end
        body = encode(progress)
        return Write(key=key_of(progress), version=version, record=progress, body=body)


def own_place(progress: Progress) -> tuple[str, int] | None:
    """Return the topic and partition of which the index process speaks itself."""
    if progress.stage != STAGE or progress.kind != KIND or progress.source is None:
        return None
    return progress.source, progress.partition
