"""Where a store stands, by what it says itself; pure."""

from collections.abc import Iterable

from schemas.progress import Progress
from views.index.reading import BY_TOPIC


def stands(visible: Iterable[Progress]) -> dict[tuple[str, int], int]:
    """Return per topic and partition the offset before which the store has everything.

    A progress record is visible only when all outputs that it names are in the store. A partition
    that none names is not in the answer.
    """
    found: dict[tuple[str, int], int] = {}
    for progress in visible:
        for topic, offset in progress.outputs.items():
            if topic in BY_TOPIC:
                place = topic, progress.partition
                found[place] = max(offset, found.get(place, 0))
    return found
