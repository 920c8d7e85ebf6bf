"""A transaction sent again because a decoder has learned more: what of it is new.

The record names the paths of which no event was there. The first record that names a path counts,
so that it may be sent as often as one likes.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from domain.signatures import Kind, RawRecord, Step, is_applied
from schemas.event import Op
from schemas.rows import Copies, SignatureRow

Withheld = Mapping[bytes, Mapping[str, int]]
"""By signature and path: the offset of the record that it was decoded with, of what came again."""
NOTHING_WITHHELD: Withheld = MappingProxyType({})


class Copy(NamedTuple):
    """A raw record that says nothing new of a transaction but what it did."""

    row: SignatureRow
    copies: Copies
    record: RawRecord


class Again(NamedTuple):
    """The row that a record leaves, the paths to emit, and how; None: it does not stand."""

    row: SignatureRow
    paths: frozenset[str]
    step: Step | None


def copy_of(row: SignatureRow | None, record: RawRecord) -> Copy | None:
    """Return a record as a copy; None where it is the first of its kind, and judged as such."""
    for copies in row.slots if row else ():
        first = getattr(copies, record.kind.value)
        if row and copies.slot == record.slot and first not in {None, record.position}:
            return Copy(row, copies, record)
    return None


def again_of(copy: Copy, paths: frozenset[str]) -> Again:
    """Return what a record that names *paths* changes."""
    row, copies, record = copy
    known = dict(row.again)
    mine = frozenset(path for path in paths if known.get(path, record.position) == record.position)
    told = {**known, **dict.fromkeys(sorted(mine), record.position)}
    stands = is_applied({kind for kind in Kind if getattr(copies, kind.value) is not None})
    index = record.index if copies.index is None else copies.index
    step = Step(Op.APPLY, copies.slot, index, settled=False, time=copies.time)
    return Again(replace(row, again=tuple(told.items())), mine, step if stands else None)


def withheld_by(again: Iterable[tuple[bytes, int, frozenset[str]]]) -> Withheld:
    """Return what records say that came again, as (key, offset, paths), in their order."""
    found: dict[bytes, dict[str, int]] = {}
    for key, offset, paths in again:
        for path in paths:
            found.setdefault(key, {}).setdefault(path, offset)
    return found
