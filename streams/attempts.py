"""Errors in the domain, pinned on the records that cause them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from streams.chunks import Chunk, DeadLetter

T = TypeVar("T")
R = TypeVar("R")
V = TypeVar("V")

MOST_BAD_RECORDS = 16
"""In one chunk. More is a fault of ours, not of the records: the worker stops instead."""


class Bad(NamedTuple):
    """A record (as the domain was given it) that made the domain fail, and how."""

    item: Any
    error: Exception


def attempt(
    work: Callable[[Sequence[R]], T],
    items: Sequence[R],
    *,
    again: Callable[[], None],
    instead: Callable[[R], R] | None = None,
) -> tuple[T, list[Bad]]:
    """Return what *work* makes of *items*, without those that make it fail.

    *again* puts back whatever a failed attempt may have touched; *instead* says what *work* is
    given in a bad item's place, so that it can count it. Costs nothing when nothing fails, else
    about ten attempts per bad record.

    Raises:
        Exception: whatever *work* raised, when no record or too many records can be blamed.
    """
    good, bad = list(items), list[Bad]()
    while True:
        try:
            return work(good), bad
        except Exception as error:
            again()
            index = _first_bad(work, good, again)
            if index is None or len(bad) == MOST_BAD_RECORDS:
                raise
            bad.append(Bad(good[index], error))
            good[index : index + 1] = [instead(good[index])] if instead else []


def _first_bad(
    work: Callable[[Sequence[R]], Any], items: Sequence[R], again: Callable[[], None]
) -> int | None:
    """Return the index of the first item that makes *work* fail, None if it fails without any."""
    if _fails(work, (), again):
        return None
    passes, fails = 0, len(items)
    while fails - passes > 1:
        middle = (passes + fails) // 2
        if _fails(work, items[:middle], again):
            fails = middle
        else:
            passes = middle
    return fails - 1


def _fails(
    work: Callable[[Sequence[R]], Any], items: Sequence[R], again: Callable[[], None]
) -> bool:
    try:
        work(items)
    except Exception:  # noqa: BLE001  # Whatever it is, it is pinned on a record or raised.
        return True
    finally:
        again()
    return False


def unread(item: tuple[int, V]) -> tuple[int, V | None]:
    """Return an item of ``read`` as one that could not be read."""
    return item[0], None


def dead(chunk: Chunk, bad: Sequence[Bad]) -> list[DeadLetter]:
    """Return the dead letters of items that are ``(offset, value)``, as ``read`` gives them."""
    records = {record.offset: record for record in chunk.records} if bad else {}
    return [DeadLetter(records[item[0]], f"{type(error).__name__}: {error}") for item, error in bad]
