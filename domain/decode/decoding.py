"""Raw bytes or a transaction -> what it did, by the decoders of all programs we know."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import TypeVar

import msgspec

from domain.decode.balances import balances_of
from domain.decode.cpmm import CPMM
from domain.decode.damm import DAMM
from domain.decode.damm_v1 import DAMMv1
from domain.decode.dbc import DBC
from domain.decode.launchlab import LaunchLab
from domain.decode.moonshot import Moonshot
from domain.decode.parse import parse_transaction
from domain.decode.pools import damm_v1_vault
from domain.decode.program import UNKNOWN, Found, Program, Reading, Unreadable
from domain.decode.pump import PumpFun
from domain.decode.pumpswap import PumpSwap
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Complete, Launch, Migrate, Other, Trade
from schemas.fields import Address, ChainTime, Mint, Signature, Slot

PROGRAMS: tuple[Program, ...] = (
    DBC(), DAMM(), DAMMv1(), PumpFun(), PumpSwap(), LaunchLab(), CPMM(), Moonshot(),
)  # fmt: skip
IN_POOL = Launch, Trade, Complete, Migrate
TOGETHER = 32
"""Transactions that are parsed together; from 16 on more gained nothing."""
_PATH = itemgetter(0, 1)
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


S = TypeVar("S")
T = TypeVar("T")
Outcome = Decoded | UnreadableError


def decode(source: bytes | Transaction, *, unknown: frozenset[str] = frozenset()) -> Decoded:
    """Return what a transaction did, of which ``parse_transaction`` reads the bytes.

    *unknown*: paths at which nothing is known, as to a decoder of an earlier version.

    Raises:
        UnreadableError: *source* is no transaction, or contradicts itself.
    """
    tx = parse_transaction(source) if isinstance(source, bytes) else source
    invoked = {instruction.program for instruction in tx.instructions}
    programs = [program for program in PROGRAMS if program.program in invoked]
    readings = [] if tx.failed else [program.decode(tx) for program in programs]
    found = [one for reading in readings for one in reading.found]
    if unknown:
        found = [_forgotten(one) if one.path in unknown else one for one in found]
    return Decoded(
        signature=tx.signature,
        slot=tx.slot,
        time=_time(tx, readings),
        index=tx.index,
        failed=tx.failed,
        ours=bool(programs),
        signers=tx.signers,
        events=_with_balances(tx, found),
        unreadable=tuple(part for reading in readings for part in reading.unreadable),
    )


def decode_all(raws: Sequence[bytes], unknown: Sequence[frozenset[str]]) -> list[Outcome]:
    """Return what transactions did, each with the paths at which nothing is known, in their order.

    Some are parsed before the first of them is read: in turn, both were a sixth slower, because
    neither stayed in the caches of the processor.
    """
    found: list[Outcome] = []
    for start in range(0, len(raws), TOGETHER):
        parsed = [_tried(parse_transaction, raw) for raw in raws[start : start + TOGETHER]]
        for tx, paths in zip(parsed, unknown[start : start + TOGETHER], strict=True):
            read = partial(decode, unknown=paths)
            found.append(tx if isinstance(tx, UnreadableError) else _tried(read, tx))
    return found


def _tried(step: Callable[[S], T], source: S) -> T | UnreadableError:
    """Return the result of a step, or its refusal."""
    try:
        return step(source)
    except UnreadableError as error:
        return error


def _forgotten(found: Found) -> Found:
    """Return an event as somebody sees it who does not know what it says."""
    return found._replace(event=Other("", "", UNKNOWN))


def _time(tx: Transaction, readings: list[Reading]) -> ChainTime | None:
    """Return the block time, else what an event states: entries of a block have none."""
    if tx.time is not None:
        return tx.time
    return next((reading.time for reading in readings if reading.time is not None), None)


def _with_balances(tx: Transaction, events: list[Found]) -> tuple[Found, ...]:
    """Return *events* in path order, and after the last of each token its balances.

    A token that was only traded aside has none: nobody says that it is a launchpad's.
    """
    events.sort(key=_PATH)
    of_token: dict[Mint, list[Found]] = {}
    for found in events:
        if isinstance(found.event, IN_POOL):
            of_token.setdefault(found.event.mint, []).append(found)
    added = [last for mint, each in of_token.items() if (last := _balances(tx, mint, each))]
    # Sorting is stable, so what is added stands behind the event whose path it shares.
    return tuple(sorted([*events, *added], key=_PATH))


def _balances(tx: Transaction, mint: Mint, events: list[Found]) -> Found | None:
    """Return a token's balances after its last event; what its pools hold is in nobody's hands."""
    owners, is_ours = {*VAULT_OWNERS, damm_v1_vault(mint)}, False
    for found in events:
        event = found.event
        is_ours = is_ours or not (isinstance(event, Trade) and event.aside)
        if isinstance(event, IN_POOL):
            owners.add(event.pool)
        if isinstance(event, Migrate):
            owners.add(event.new_pool)
    balances = balances_of(tx, mint, vault_owners=owners) if is_ours else None
    return None if balances is None else Found(events[-1].outer, events[-1].inner, balances)
