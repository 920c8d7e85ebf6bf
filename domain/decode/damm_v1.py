"""Meteora DAMM v1: the pools where DBC's curves go that chose it, Believe's early ones among them.

Its tokens lie in vaults that all pools of a mint share: a pool owns a part of each by the vault's
own tokens. An event says of a swap what the pool counted, which may be a unit less than was paid,
and no mint, pool or reserve; so amounts are those that the token program was told to move.
"""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from domain.curve import reserve_price
from domain.decode.balances import decimals_of, holding, mint_of
from domain.decode.damm_v1_names import EVENTS, INSTRUCTIONS
from domain.decode.layout import fields, units
from domain.decode.logged import calls_with_logs
from domain.decode.pools import Pair, damm_v1_homes, pair
from domain.decode.program import Call, Event, Found, Names, Reading, read_calls
from domain.decode.program_ids import DAMM_V1 as PROGRAM
from domain.decode.token_moves import Move, moves_of, total
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Other, Trade
from schemas.fields import Address, BaseUnits

PROTOCOL = "meteora-damm-v1"
NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
POOL, PAYS, GETS, VAULTS, SHARES, PROTOCOL_FEE, TRADER = 0, 1, 2, (5, 6), (9, 10), 11, 12
"""Accounts of a swap: the pool, the trader's, both vaults', and the pool's shares of both."""
_SWAP = Struct("<16x QQQ")
"""Event ``Swap``: in 0, out 8, fee 16, the protocol's 24 and, of its own, the host's 32.

Source: IDL 0.5.3; swaps that the program of MeteoraAg/damm-v1-sdk made in a simulator.
"""


class Swapped(NamedTuple):
    """A swap as tokens moved; ``a_to_b``: of the pool's two. ``kept``: what stayed in its vault."""

    a_to_b: bool
    paid: BaseUnits
    got: BaseUnits
    kept: BaseUnits


class DAMMv1:
    """The decoder of Meteora DAMM v1."""

    program = PROGRAM
    vault_owners: frozenset[Address] = frozenset()  # Each mint has a vault of its own.

    def decode(self, tx: Transaction) -> Reading:
        """Return trades; pools, liquidity and all else as Other.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        found = calls_with_logs(tx, NAMES)
        return read_calls(found, lambda call: _read(found, call))


def _read(all_calls: Sequence[Call], call: Call) -> Iterator[Found]:
    """Yield what one instruction did; events of swaps say nothing that is not said by the trade."""
    if call.name == "swap":
        yield _swap(all_calls, call)
    elif not call.events:
        yield _other(call)
    for event in call.events:
        if event.name != "Swap":
            yield _other(event)
        elif call.name != "swap":
            raise UnreadableError(f"Swap came with instruction {call.name}")


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _swap(all_calls: Sequence[Call], call: Call) -> Found:
    """Return the trade that a swap is; Other if what was traded is no token, but quotes.

    Raises:
        UnreadableError: no balance names the mints, or it is not there what was moved.
    """
    a, b = (mint_of(call.tx, call.account(vault)) for vault in VAULTS)
    if a is None or b is None:
        raise UnreadableError("no balance says which tokens the pool is of")
    mints = pair(a, b)
    if mints is None:
        return _other(call)
    moves, is_last = moves_of(call, PROGRAM), _is_last(all_calls, call)
    trade = _trade(call, _swapped(call, moves), mints, moves=moves if is_last else ())
    return Found(call.outer, call.inner, trade)


def _is_last(all_calls: Sequence[Call], call: Call) -> bool:
    """Say whether it is the pool's last swap: balances are those behind it."""
    later = (one for one in all_calls if (one.outer, one.inner) > (call.outer, call.inner))
    pool = call.account(POOL)
    return not any(one.name == "swap" and one.account(POOL) == pool for one in later)


def _swapped(call: Call, moves: tuple[Move, ...]) -> Swapped:
    """Return a swap as the token program was told to move its tokens.

    Raises:
        UnreadableError: nothing was moved, or more than can be.
    """
    source, target, fee = (call.account(place) for place in (PAYS, GETS, PROTOCOL_FEE))
    into = [total(moves, source, call.account(vault)) for vault in VAULTS]
    out_of = [total(moves, call.account(vault), target) for vault in VAULTS]
    a_to_b = into[0] > 0
    kept, got = into[not a_to_b], out_of[a_to_b]
    if not kept or not got:
        raise UnreadableError("a swap came without what it moved")
    paid = kept + total(moves, source, fee)
    return Swapped(a_to_b, units(paid), units(got), units(kept))


def _trade(call: Call, swap: Swapped, mints: Pair, *, moves: tuple[Move, ...]) -> Trade:
    """Return a swap as a trade of the token, which may be a or b.

    *moves*: those by which the pool's reserves are known; none: they are not.
    """
    pool = call.account(POOL)
    is_buy = swap.a_to_b == mints.swapped
    base, quote = (swap.got, swap.paid) if is_buy else (swap.paid, swap.got)
    a, b = _reserves(call, swap, moves)
    base_reserve, quote_reserve = (b, a) if mints.swapped else (a, b)
    fee = _fee(call, swap)
    return Trade(
        mint=mints.token,
        pool=pool,
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if is_buy else "sell",
        trader=call.account(TRADER),
        base_amount=base,
        quote_amount=quote,
        base_change=-swap.got if is_buy else swap.kept,
        fee=fee,
        fee_in_base=not is_buy and fee > 0,
        quote_mint=mints.quote,
        base_decimals=decimals_of(call.tx, mints.token),
        quote_decimals=decimals_of(call.tx, mints.quote),
        sqrt_price=None,
        quote_reserve=quote_reserve,
        threshold=None,
        config=None,
        price=reserve_price(quote_reserve, base_reserve),
        base_reserve=base_reserve,
        aside=pool not in damm_v1_homes(mints.token, mints.quote),
        in_pool=True,
    )


def _fee(call: Call, swap: Swapped) -> int:
    """Return all fees, which are on the input; of a log that was cut, the protocol's part alone."""
    for event in call.events:
        if event.name == "Swap":
            return units(sum(fields(_SWAP, event)))
    return swap.paid - swap.kept


def _reserves(
    call: Call, swap: Swapped, moves: tuple[Move, ...]
) -> tuple[BaseUnits | None, BaseUnits | None]:
    """Return what the pool owns of its vaults of a and b after a swap, rounded down.

    What one share is worth is what was moved for the shares that were minted or burned. None where
    that, or how many shares the pool has, is not known.
    """
    moved = swap.kept, swap.got
    a, b = moved if swap.a_to_b else moved[::-1]
    minted, burned = SHARES if swap.a_to_b else SHARES[::-1]
    shares = {
        minted: total(moves, None, call.account(minted)),
        burned: total(moves, call.account(burned), None),
    }
    return (
        _worth(call, SHARES[0], moved=a, shares=shares[SHARES[0]]),
        _worth(call, SHARES[1], moved=b, shares=shares[SHARES[1]]),
    )


def _worth(call: Call, place: int, *, moved: BaseUnits, shares: int) -> BaseUnits | None:
    """Return what all shares in an account are worth, of which some were worth what was moved."""
    held = None if call.tx.after is None else holding(call.tx, call.account(place))
    return units(held * moved // shares) if held is not None and shares else None
