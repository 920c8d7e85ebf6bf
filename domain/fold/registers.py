"""Registers: of several values with a place on the chain, the one that counts.

A register is its settled value and the loose (unsettled) ones that may still replace it. A value
is loose while its transaction may be retracted or moved within its block: until it is settled, or
its slot is complete. A loose value below the settled one is not kept: moved above it, it comes
again with its new place.
"""

from typing import Protocol, TypeVar

from domain.fold.turn import Turn
from schemas.event import Op
from schemas.place import Place
from schemas.rows import Tick


class Placed(Protocol):
    """A value with a place on the chain."""

    @property
    def place(self) -> Place:
        """Where it stands."""


P = TypeVar("P", bound=Placed)


def same_event(one: Place, other: Place) -> bool:
    """Say whether two places are of one event: equal but for the index, which may be corrected."""
    return (
        one.signature == other.signature
        and one.slot == other.slot
        and one.inner == other.inner
        and one.outer == other.outer
    )


def latest(
    last: P | None, loose: tuple[P, ...], value: P, turn: Turn
) -> tuple[P | None, tuple[P, ...]]:
    """Return the register (settled, loose) after *value* was applied, undone or moved.

    The last in chain order counts.
    """
    if turn.is_plain and not loose:  # The common case, at full speed.
        return (value if last is None or value.place > last.place else last), loose
    kept = [other for other in loose if not same_event(other.place, value.place)]
    if turn.event.op != Op.UNDO:
        if turn.event.settled:
            last = later(last, value)
        else:
            kept.append(value)
    for other in kept:
        if other.place.slot <= turn.complete:
            last = later(last, other)
    if last is not None:
        kept = [other for other in kept if other.place > last.place]
    return last, tuple(sorted(kept, key=_place))


def reading(last: P | None, loose: tuple[P, ...]) -> P | None:
    """Return the value that counts."""
    return loose[-1] if loose else last


def later(one: P | None, other: P) -> P:
    """Return the one later in chain order."""
    return other if one is None or other.place > one.place else one


def earlier(one: P | None, other: P) -> P:
    """Return the one earlier in chain order."""
    return other if one is None or other.place < one.place else one


def dearer(one: Tick | None, other: Tick) -> Tick:
    """Return the one with the higher price; of equal ones the earlier."""
    if one is None:
        return other
    mine = one.quote_amount * other.base_amount
    theirs = other.quote_amount * one.base_amount
    if mine == theirs:
        return earlier(one, other)
    return other if theirs > mine else one


def cheaper(one: Tick | None, other: Tick) -> Tick:
    """Return the one with the lower price; of equal ones the earlier."""
    if one is None:
        return other
    mine = one.quote_amount * other.base_amount
    theirs = other.quote_amount * one.base_amount
    if mine == theirs:
        return earlier(one, other)
    return other if theirs < mine else one


def _place(value: Placed) -> Place:
    return value.place
