"""What an instruction moved, as the token program was told: exact, and in no log."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.decode.program import Call
from domain.decode.transaction import Instruction
from domain.errors import UnreadableError
from schemas.fields import Address, BaseUnits

_TRANSFER, _MINT_TO, _BURN, _TRANSFER_CHECKED = 3, 7, 8, 12
_PLACES = {_TRANSFER: (0, 1), _MINT_TO: (None, 1), _BURN: (0, None), _TRANSFER_CHECKED: (0, 2)}
"""Which accounts are source and destination, by the first byte of an instruction.

Source: ``TokenInstruction`` of SPL Token; those of Token-2022 are the same.
"""
_AMOUNT = slice(1, 9)


class Move(NamedTuple):
    """Tokens that went from one account to another; None: they were minted, or burned."""

    source: Address | None
    destination: Address | None
    amount: BaseUnits


def moves_of(call: Call, program: Address) -> tuple[Move, ...]:
    """Return what a call moved, in order: up to the next call of *program*, its own.

    A router that made the call may move something behind it, between accounts of its own.

    Raises:
        UnreadableError: an instruction of the token program came without its data.
    """
    return tuple(move for one in _behind(call, program) if (move := _move(call, one)))


def total(moves: tuple[Move, ...], source: Address | None, destination: Address | None) -> int:
    """Return how much went from one account to another; None: minted, or burned."""
    return sum(
        one.amount for one in moves if (one.source, one.destination) == (source, destination)
    )


def _behind(call: Call, program: Address) -> Iterator[Instruction]:
    """Yield what token programs were told behind a call, up to the next one of its program."""
    tx, at = call.tx, call.inner
    later = (one.inner for one in tx.instructions if _is_next(one, call, program))
    end = min(later, default=None)
    for one in tx.moved:
        if one.outer == call.outer and one.inner > at and (end is None or one.inner < end):
            yield one


def _is_next(one: Instruction, call: Call, program: Address) -> bool:
    """Say whether an instruction is a later one of the same program, in the same outer one."""
    return one.program == program and one.outer == call.outer and one.inner > call.inner


def _move(call: Call, one: Instruction) -> Move | None:
    data, accounts = one.data, one.raw_accounts
    places = _PLACES.get(data[0]) if len(data) >= _AMOUNT.stop else None
    if places is None:
        return None
    if any(place is not None and place >= len(accounts) for place in places):
        raise UnreadableError("a token program was told of fewer accounts than it needs")
    source, destination = (
        None if place is None else call.tx.named(accounts[place]) for place in places
    )
    return Move(source, destination, int.from_bytes(data[_AMOUNT], "little"))
