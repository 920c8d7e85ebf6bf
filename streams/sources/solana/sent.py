"""What was published of slots that are not complete; so what is missing, and what not."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from schemas.fields import Signature, Slot

KEPT_MAX = 200_000
"""Most transactions remembered. Confirmed copies of more go out, and are counted where they are
dropped; processed ones do not, for nobody would take them back."""
KEPT_BYTES = 256 << 20
"""Most bytes of transactions, which are kept whole to be taken back."""

InBlock = Sequence[tuple[Signature, int]]
"""Transactions in the order of a block, with their indexes in it."""


class Copy(NamedTuple):
    """A transaction as it was published from one slot.

    ``place`` is the index it was said to have there, ``exact`` whether that is the block's own,
    ``final`` whether it was confirmed. ``value`` is kept of what may have to be taken back; None:
    of what its block has said, or where there was no room for it.
    """

    place: int
    exact: bool
    final: bool
    value: bytes | None


class Sent:
    """What was published of the slots after the complete ones."""

    def __init__(self) -> None:
        self._slots: dict[Slot, dict[Signature, Copy]] = {}
        self._count = self._bytes = 0

    def index_of(self, slot: Slot, signature: Signature, *, final: bool) -> int | None:
        """Return the index, in order of arrival, of a copy; None where it need not go out.

        A confirmed copy goes out where only a processed one did; otherwise the first is enough.
        """
        of_slot = self._slots.get(slot, {})
        known = of_slot.get(signature)
        if known is None:
            return len(of_slot)
        return known.place if final and not known.final else None

    @property
    def is_full(self) -> bool:
        """Whether no more processed copies are to go out."""
        return self._count >= KEPT_MAX or self._bytes >= KEPT_BYTES

    def knows(self, slot: Slot, signature: Signature) -> bool:
        """Say whether a copy went out."""
        return signature in self._slots.get(slot, {})

    def place_of(self, slot: Slot, signature: Signature) -> int | None:
        """Return the index in its block of what went out as confirmed, None where it is unsure."""
        known = self._slots.get(slot, {}).get(signature)
        return known.place if known and known.exact and known.final else None

    def confirmed(self, through: Slot) -> frozenset[Signature]:
        """Return what went out as confirmed, of slots through *through*."""
        slots = (slot for slot in self._slots if slot <= through)
        return frozenset[Signature]().union(*map(self.confirmed_in, slots))

    def confirmed_in(self, slot: Slot) -> frozenset[Signature]:
        """Return what went out as confirmed of one slot."""
        of_slot = self._slots.get(slot, {})
        return frozenset(one for one, copy in of_slot.items() if copy.final)

    def note(self, slot: Slot, signature: Signature, copy: Copy) -> None:
        """Note that a copy went out."""
        of_slot = self._slots.get(slot, {})
        known = of_slot.get(signature)
        if known is None:
            if self._count >= KEPT_MAX:
                return
            self._count += 1
        if copy.final and self._bytes >= KEPT_BYTES // 2:
            copy = copy._replace(value=None)  # The rest is for those that are most likely to go.
        self._bytes += _size(copy) - _size(known)
        self._slots.setdefault(slot, of_slot)[signature] = copy

    def unsaid(self, slot: Slot, in_block: InBlock, *, is_doubtful: bool) -> set[Signature]:
        """Return what still has to be said of a confirmed block's transactions, with its indexes.

        Those that did not go out as confirmed. And all that did not go out with their own index,
        where the order that indexes give is another than the block's, or *is_doubtful*.
        """
        known = self._slots.get(slot, {})
        missing = {s for s, _ in in_block if s not in known or not known[s].final}
        told = [index if s in missing else known[s].place for s, index in in_block]
        if not is_doubtful and all(before < after for before, after in pairwise(told)):
            return missing
        return missing | {s for s, _ in in_block if s not in missing and not known[s].exact}

    def settle(
        self, through: Slot, kept: frozenset[tuple[Slot, Signature]]
    ) -> Iterator[tuple[Signature, Copy]]:
        """Forget the slots through *through*; yield what went out of them and may have to go back.

        *kept* are the transactions of the blocks that are on the chain.
        """
        for slot in sorted(slot for slot in self._slots if slot <= through):
            copies = self._slots.pop(slot)
            self._count -= len(copies)
            for signature, copy in copies.items():
                self._bytes -= _size(copy)
                if (slot, signature) not in kept:
                    yield signature, copy


def _size(copy: Copy | None) -> int:
    return len(copy.value) if copy and copy.value else 0
