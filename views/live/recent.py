"""A memory of bounded size."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")
Name = TypeVar("Name", bound=Hashable)


class Recent(Generic[Name, Kept]):
    """The newest so many values by name."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Name, Kept] = OrderedDict()

    def get(self, name: Name) -> Kept | None:
        """Return a value, None if it is not at hand."""
        return self._kept.get(name)

    def put(self, name: Name, value: Kept) -> None:
        """Keep a value, and forget the one that was put longest ago."""
        self._kept[name] = value
        self._kept.move_to_end(name)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
