"""Raw records of one transaction -> what they change: copies, retractions, corrected indexes.

Several nodes, restarts and backfills put copies of a transaction on the raw topic, as a block that
is processed, retracted, confirmed, or whose index is known. Per slot the first position of each
kind is kept, and a record's effect depends only on what stands before it in the log: redelivered,
it has the same effect again, and a later copy of its kind has none.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from schemas.event import Op
from schemas.fields import ChainTime, Slot
from schemas.rows import Copies, RawPlace, SignatureRow

Slots = Mapping[Slot, Copies]
"""The copies of one transaction, by slot."""


class Kind(StrEnum):
    """What a raw record says of its transaction, by the letter kept in the row."""

    PROCESSED = "p"
    RETRACTED = "r"
    CONFIRMED = "c"
    INDEXED = "x"
    WITHDRAWN = "w"


KINDS: Mapping[str, Kind] = MappingProxyType({kind.name.lower(): kind for kind in Kind})
"""Kinds by the text of the header ``bt_kind``."""
_EVERY_KIND = tuple(Kind)
FINAL = frozenset({Kind.CONFIRMED, Kind.INDEXED})
"""Kinds after which a transaction stays in its slot, unless its block turns out not to have it."""
TAKES_BACK = frozenset({Kind.RETRACTED, Kind.WITHDRAWN})


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """A raw record as far as it matters here; ``exact``: its index is the block's own."""

    kind: Kind
    slot: Slot
    index: int
    exact: bool
    time: ChainTime
    position: RawPlace


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
        return NOTHING if record.kind in TAKES_BACK else Decision(None, (_log(record),))
    known = {copies.slot: copies for copies in row.slots} if row else {}
    first = getattr(known.get(record.slot), record.kind, None)
    if first not in {None, record.position}:
        return NOTHING
    if record.kind is Kind.PROCESSED and _final_elsewhere(known, record):
        return NOTHING
    noted = {**known, record.slot: _noted(known.get(record.slot), record)}
    others = _others_retracted(noted, record) if record.kind in FINAL else {}
    return Decision(
        SignatureRow(tuple({**noted, **others}.values())),
        (*_undone(others, record), *_own_step(noted[record.slot], record)),
    )


def _log(record: RawRecord) -> Step:
    return Step(Op.LOG, record.slot, record.index, settled=False, time=record.time)


def _final_elsewhere(known: Slots, record: RawRecord) -> bool:
    """Tell whether the transaction was confirmed in another slot before this record."""
    return any(
        not FINAL.isdisjoint(_before(copies, record.position))
        for slot, copies in known.items()
        if slot != record.slot
    )


def _noted(copies: Copies | None, record: RawRecord) -> Copies:
    """Return the copies with the record's position, and its index if it is an indexed one."""
    known = copies or Copies(record.slot, record.time)
    index = known.index
    if record.kind is Kind.INDEXED and index is None:
        index = record.index
    return replace(known, **{record.kind.value: record.position, "index": index})


def _own_step(copies: Copies, record: RawRecord) -> tuple[Step, ...]:
    """Return what the record changes in its own slot, by what stands before it only."""
    before = _before(copies, record.position)
    after = before | {record.kind}
    was, stands = is_applied(before), is_applied(after)
    index = record.index
    if Kind.INDEXED in after and copies.index is not None:
        index = copies.index
    settled = record.kind is Kind.CONFIRMED and record.exact
    if stands and not was:
        return (Step(Op.APPLY, copies.slot, index, settled, copies.time),)
    if was and not stands:
        return (Step(Op.UNDO, copies.slot, index, settled=False, time=copies.time),)
    if was and record.kind is Kind.INDEXED:
        return (Step(Op.REINDEX, copies.slot, index, settled, copies.time),)
    return ()


def _others_retracted(noted: Slots, record: RawRecord) -> dict[Slot, Copies]:
    """Return the other slots that a final record retracts: a transaction runs once on a chain."""
    return {
        slot: replace(copies, r=record.position)
        for slot, copies in noted.items()
        if slot != record.slot
        and copies.c is None
        and copies.x is None
        and copies.r in {None, record.position}
        and (copies.w is None or _before(copies, record.position))
    }


def _undone(others: Slots, record: RawRecord) -> tuple[Step, ...]:
    """Return the steps out of slots where the transaction stood until this record."""
    return tuple(
        Step(Op.UNDO, slot, 0, settled=False, time=copies.time)
        for slot, copies in sorted(others.items())
        if is_applied(_before(copies, record.position))
    )


def is_applied(kinds: AbstractSet[str]) -> bool:
    """Tell whether records of these kinds leave a transaction standing: a lattice, no history.

    What is withdrawn, by whoever knows the whole block, stands no more, whatever else is said.
    """
    if "w" in kinds:
        return False
    return "c" in kinds or "x" in kinds or ("p" in kinds and "r" not in kinds)


def _before(copies: Copies, position: RawPlace) -> frozenset[Kind]:
    """Return the kinds of record that came before *position*."""
    firsts = [(kind, getattr(copies, kind)) for kind in _EVERY_KIND]
    return frozenset([kind for kind, first in firsts if first is not None and first < position])
