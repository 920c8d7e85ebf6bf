"""Raw records of one transaction -> what they change: copies, retractions, corrected indexes.

Several nodes, restarts and backfills put copies of a transaction on the raw topic, as a block that
is processed, retracted, confirmed, or whose index is known. Per slot the first position of each
kind is kept, and a record's effect depends only on what stands before it in the log: redelivered,
it has the same effect again, and a later copy of its kind has none.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from schemas.event import Op
from schemas.fields import ChainTime, Slot
from schemas.rows import SignatureRow

Position = tuple[int, int]
"""Epoch and offset of a raw record."""
Firsts = Mapping[str, Position]
"""The first position of each kind of record, in one slot."""


class Kind(StrEnum):
    """What a raw record says of its transaction, by the letter kept in the row."""

    PROCESSED = "p"
    RETRACTED = "r"
    CONFIRMED = "c"
    INDEXED = "x"


KINDS: Mapping[str, Kind] = MappingProxyType({kind.name.lower(): kind for kind in Kind})
"""Kinds by the text of the header ``bt_kind``."""
FINAL = frozenset({Kind.CONFIRMED, Kind.INDEXED})
"""Kinds after which a transaction stays in its slot."""


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """A raw record as far as it matters here; ``exact``: its index is the block's own."""

    kind: Kind
    slot: Slot
    index: int
    exact: bool
    time: ChainTime
    position: Position


class Step(msgspec.Struct, frozen=True, gc=False):
    """What to do with the events of a transaction, in one of its slots.

    An UNDO is found by the events' ids, which no index changes; its own index means nothing.
    ``time`` is the block time of that slot, by which the events were counted.
    """

    op: Op
    slot: Slot
    index: int
    settled: bool
    time: ChainTime


class Decision(NamedTuple):
    """The row to write, None where it does not change, and the steps in order."""

    row: SignatureRow | None
    steps: tuple[Step, ...]


NOTHING = Decision(None, ())


def decide(
    row: SignatureRow | None, record: RawRecord, *, head_time: ChainTime, retention_s: int
) -> Decision:
    """Return what a raw record changes.

    *row* is what is known of its signature, *head_time* the head clock at the record's own offset.
    A record older than *retention_s* then goes to the log only, and leaves the row alone: what
    came before it may be forgotten. Redelivered records get their row again, because it may not
    have been durable.

    Source: ``decide`` of the model of fences, lattice with confirmation in other slots.
    """
    if record.time + retention_s < head_time:
        return NOTHING if record.kind is Kind.RETRACTED else Decision(None, (_log(record),))
    known = row or SignatureRow(record.time, {})
    firsts = known.slots.get(record.slot, {})
    if firsts.get(record.kind, record.position) != record.position:
        return NOTHING
    if record.kind is Kind.PROCESSED and _final_elsewhere(known, record):
        return NOTHING
    noted = _noted(known, record)
    others = _others_retracted(noted, record) if record.kind in FINAL else {}
    return Decision(
        SignatureRow(noted.time, {**noted.slots, **others}, noted.indexes, noted.times),
        (*_undone(noted, others, record), *_own_step(noted, record)),
    )


def _log(record: RawRecord) -> Step:
    return Step(Op.LOG, record.slot, record.index, settled=False, time=record.time)


def _final_elsewhere(row: SignatureRow, record: RawRecord) -> bool:
    """Tell whether the transaction was confirmed in another slot before this record."""
    return any(
        kind in firsts and firsts[kind] < record.position
        for slot, firsts in row.slots.items()
        if slot != record.slot
        for kind in FINAL
    )


def _noted(row: SignatureRow, record: RawRecord) -> SignatureRow:
    """Return the row with the record's position, and its index if it is an indexed one."""
    firsts = {**row.slots.get(record.slot, {}), record.kind.value: record.position}
    is_indexed = record.kind is Kind.INDEXED
    return SignatureRow(
        max(row.time, record.time),
        {**row.slots, record.slot: firsts},
        {record.slot: record.index, **row.indexes} if is_indexed else row.indexes,
        {record.slot: record.time, **row.times},
    )


def _own_step(row: SignatureRow, record: RawRecord) -> tuple[Step, ...]:
    """Return what the record changes in its own slot, by what stands before it only."""
    before = _before(row.slots[record.slot], record.position)
    after = {**before, record.kind.value: record.position}
    was, stands = is_applied(before), is_applied(after)
    slot, time = record.slot, row.times[record.slot]
    index = row.indexes[slot] if Kind.INDEXED in after else record.index
    settled = record.kind is Kind.CONFIRMED and record.exact
    if stands and not was:
        return (Step(Op.APPLY, slot, index, settled, time),)
    if was and not stands:
        return (Step(Op.UNDO, slot, index, settled=False, time=time),)
    if was and record.kind is Kind.INDEXED:
        return (Step(Op.REINDEX, slot, index, settled, time),)
    return ()


def _others_retracted(row: SignatureRow, record: RawRecord) -> dict[Slot, dict[str, Position]]:
    """Return the other slots that a final record retracts: a transaction runs once on a chain."""
    return {
        slot: {**firsts, "r": record.position}
        for slot, firsts in row.slots.items()
        if slot != record.slot
        and FINAL.isdisjoint(firsts)
        and firsts.get("r", record.position) == record.position
    }


def _undone(
    row: SignatureRow, others: Mapping[Slot, Firsts], record: RawRecord
) -> tuple[Step, ...]:
    """Return the steps out of slots where the transaction stood until this record."""
    return tuple(
        Step(Op.UNDO, slot, 0, settled=False, time=row.times[slot])
        for slot, firsts in sorted(others.items())
        if is_applied(_before(firsts, record.position))
    )


def is_applied(firsts: Firsts) -> bool:
    """Tell whether records of these kinds leave a transaction standing: a lattice, no history."""
    return "c" in firsts or "x" in firsts or ("p" in firsts and "r" not in firsts)


def _before(firsts: Firsts, position: Position) -> dict[str, Position]:
    return {kind: first for kind, first in firsts.items() if first < position}
