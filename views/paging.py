"""Pages of a list that is all at hand, as the store contract has them; pure."""

from collections.abc import Iterable
from typing import TypeVar

from views.answers import page
from views.contract import Key, Page

Item = TypeVar("Item")


def paged(
    found: Iterable[tuple[Key, Item]], after: Key | None, *, limit: int, descending: bool
) -> Page[Item]:
    """Return the page after a key: by sort key either way, unknown ones last, ties by id."""
    listed = sorted(found, key=lambda pair: pair[0].id)
    known = [pair for pair in listed if pair[0].sort is not None]
    known.sort(key=lambda pair: pair[0].sort or "", reverse=descending)
    ordered = [*known, *(pair for pair in listed if pair[0].sort is None)]
    rest = [pair for pair in ordered if after is None or _follows(pair[0], after, descending)]
    shown = page(rest, limit=limit, key=lambda pair: pair[0])
    return Page(tuple(item for _, item in shown.items), shown.next)


def _follows(key: Key, after: Key, descending: bool) -> bool:
    if key.sort == after.sort:
        return key.id > after.id
    if key.sort is None or after.sort is None:
        return key.sort is None
    return (key.sort < after.sort) == descending
