"""Raw bytes or a transaction -> what it did, by the decoders of all programs we know."""

import msgspec

from domain.decode.balances import balances_of
from domain.decode.dbc import DBC
from domain.decode.parse import parse_transaction
from domain.decode.program import Found, Program, Reading, Unreadable
from domain.decode.transaction import Transaction
from schemas.chain_events import ByMint
from schemas.fields import Address, ChainTime, Mint, Signature, Slot

PROGRAMS: tuple[Program, ...] = (DBC(),)
VAULT_OWNERS = frozenset[Address]().union(*(program.vault_owners for program in PROGRAMS))


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """What one transaction did.

    ``events`` are in path order; a token's balances follow its last event, at the same path.
    ``slot``, ``time`` and ``index`` (in the block) are None where the input does not say.
    ``ours``: a program that we know was invoked. A ``failed`` transaction has no events.
    """

    signature: Signature
    slot: Slot | None
    time: ChainTime | None
    index: int | None
    failed: bool
    ours: bool
    signers: tuple[Address, ...]
    events: tuple[Found, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def decode(source: bytes | Transaction) -> Decoded:
    """Return what a transaction did, of which ``parse_transaction`` reads the bytes.

    Raises:
        UnreadableError: *source* is no transaction, or contradicts itself.
    """
    tx = parse_transaction(source) if isinstance(source, bytes) else source
    invoked = {instruction.program for instruction in tx.instructions}
    programs = [program for program in PROGRAMS if program.program in invoked]
    readings = [] if tx.failed else [program.decode(tx) for program in programs]
    return Decoded(
        signature=tx.signature,
        slot=tx.slot,
        time=_time(tx, readings),
        index=tx.index,
        failed=tx.failed,
        ours=bool(programs),
        signers=tx.signers,
        events=_with_balances(tx, [found for reading in readings for found in reading.found]),
        unreadable=tuple(part for reading in readings for part in reading.unreadable),
    )


def _time(tx: Transaction, readings: list[Reading]) -> ChainTime | None:
    """Return the block time, else what an event states: entries of a block have none."""
    if tx.time is not None:
        return tx.time
    return next((reading.time for reading in readings if reading.time is not None), None)


def _with_balances(tx: Transaction, events: list[Found]) -> tuple[Found, ...]:
    """Return *events* in path order, and after the last of each token its balances."""
    in_order = sorted(events, key=_path)
    last = {found.event.mint: found for found in in_order if isinstance(found.event, ByMint)}
    added = [balances for mint, found in last.items() if (balances := _balances(tx, mint, found))]
    # Sorting is stable, so what is added stands behind the event whose path it shares.
    return tuple(sorted([*in_order, *added], key=_path))


def _balances(tx: Transaction, mint: Mint, last: Found) -> Found | None:
    balances = balances_of(tx, mint, vault_owners=VAULT_OWNERS)
    return None if balances is None else Found(last.outer, last.inner, balances)


def _path(found: Found) -> tuple[int, int]:
    return found.outer, found.inner
