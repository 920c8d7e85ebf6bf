"""The fence of a row: what has been applied, so that nothing is applied twice."""

from schemas.place import RawPosition
from schemas.rows import Fence


def is_applied(fence: Fence, raw: RawPosition) -> bool:
    """Say whether an event at *raw* stands at or below *fence*."""
    if raw.partition >= len(fence):  # The raw topic has more partitions than when this was written.
        return False
    mark = fence[raw.partition]
    return mark is not None and (raw.epoch, raw.offset, raw.ordinal) <= mark


def raised(fence: Fence, raw: RawPosition) -> Fence:
    """Return *fence* with its mark for *raw*'s partition put at *raw*."""
    mark = (raw.epoch, raw.offset, raw.ordinal)
    partition = raw.partition
    if partition >= len(fence):
        fence = widened(fence, partition)
    return (*fence[:partition], mark, *fence[partition + 1 :])


def widened(fence: Fence, raw_partitions: int) -> Fence:
    """Return *fence* with a mark for each of *raw_partitions*; it is never cut."""
    return (*fence, *(None,) * (raw_partitions - len(fence)))
