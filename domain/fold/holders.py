"""Who holds a token, by owner, summed over their accounts."""

from sortedcontainers import SortedList

from schemas.fields import Address, BaseUnits
from schemas.rows import Held


class Holders:
    """Owners with a positive sum over their token accounts, and the sums in order.

    An index in memory: it says what the account rows say, and is rebuilt from them.
    """

    __slots__ = ("_amounts", "_ordered")

    def __init__(self) -> None:
        self._amounts: dict[Address, BaseUnits] = {}
        self._ordered = SortedList()

    def __len__(self) -> int:
        return len(self._amounts)

    def of(self, owner: Address | None) -> BaseUnits:
        """Return what *owner* holds."""
        return self._amounts.get(owner, 0) if owner is not None else 0

    def largest(self, count: int) -> BaseUnits:
        """Return what the *count* largest owners hold together."""
        return sum(self._ordered[-count:])

    def move(self, old: Held | None, new: Held | None) -> None:
        """Take note that one account held *old* and now holds *new*."""
        if old is not None and new is not None and old.owner == new.owner:
            self._add(new.owner, new.amount - old.amount)
            return
        if old is not None:
            self._add(old.owner, -old.amount)
        if new is not None:
            self._add(new.owner, new.amount)

    def _add(self, owner: Address, change: BaseUnits) -> None:
        if not change:
            return
        before = self._amounts.pop(owner, 0)
        if before:
            self._ordered.remove(before)
        after = before + change
        if after:
            self._amounts[owner] = after
            self._ordered.add(after)
