"""The fence of a row: what has been applied, so that nothing is applied twice."""

from collections.abc import Sequence

from schemas.place import RawPosition
from schemas.rows import Fence

Mark = tuple[int, int, int]
"""A position within one raw partition: (epoch, offset, ordinal)."""


def mark_of(raw: RawPosition) -> Mark:
    """Return where *raw* stands in its partition."""
    return raw.epoch, raw.offset, raw.ordinal


def is_applied(fence: Sequence[Mark | None], partition: int, mark: Mark) -> bool:
    """Say whether an event of a raw *partition* at *mark* stands at or below *fence*."""
    if partition >= len(fence):  # The raw topic has more partitions than when this was written.
        return False
    highest = fence[partition]
    return highest is not None and mark <= highest


def raised(fence: Fence, partition: int, mark: Mark) -> Fence:
    """Return *fence* with the mark of a raw *partition* put at *mark*."""
    marks = list(fence)
    lift(marks, partition, mark)
    return tuple(marks)


def lift(marks: list[Mark | None], partition: int, mark: Mark) -> None:
    """Put the mark of a raw *partition* at *mark*, in a fence that is being written."""
    if partition >= len(marks):
        marks += [None] * (partition + 1 - len(marks))
    marks[partition] = mark


def widened(fence: Fence, raw_partitions: int) -> Fence:
    """Return *fence* with a mark for each of *raw_partitions*; it is never cut."""
    return (*fence, *(None,) * (raw_partitions - len(fence)))
