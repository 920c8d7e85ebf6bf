"""Meteora DAMM v2: the pools where DBC's curves go, and those that anybody makes beside them."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from domain.curve import price_of
from domain.decode.balances import decimals_of
from domain.decode.damm_names import EVENTS, INSTRUCTIONS
from domain.decode.layout import fields
from domain.decode.pools import Pair, damm_homes, pair
from domain.decode.program import Call, Event, Found, Names, Reading, calls, read_calls, times_at
from domain.decode.program_ids import DAMM_V2 as PROGRAM
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Other, Trade
from schemas.fields import U64, Address, SqrtPrice

PROTOCOL = "meteora-damm-v2"
VAULT_OWNERS = frozenset({"HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC"})
"""The authority of all vaults. Source: seed ``pool_authority``; the recorded swap 28uuEn15."""
NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
SWAPS = frozenset({"swap", "swap2"})
SWAP_EVENTS = ("EvtSwap2", "EvtSwap")
"""The newer first; both speak of the same swap."""

_SWAP2 = Struct("<32x B 19x QQ 8x Q QQ QQQQ 32x QQ")
"""EvtSwap2: direction 32, input with fees 52, without 60, output 76, square-root price 84, fees
from 100, time 156, reserves of a and b 164. Source: IDL 0.2.4; the recorded swap 28uuEn15."""
TIMES = times_at(EvtSwap2=156)
A_TO_B = 0


class PoolSwap(NamedTuple):
    """A swap as its event states it, of the pool's tokens a and b; reserves are those after it.

    ``root`` is the square root of b per a; ``fee_in_a`` says in which of the two the fee is.
    """

    a_to_b: bool
    paid: int
    got: int
    root: SqrtPrice
    fee: int
    fee_in_a: bool
    reserves: tuple[int, int]


class DAMM:
    """The decoder of Meteora DAMM v2."""

    program = PROGRAM
    vault_owners = VAULT_OWNERS

    def decode(self, tx: Transaction) -> Reading:
        """Return trades; pools, positions and all else as Other.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        return read_calls(calls(tx, NAMES), _read, times=TIMES)


def _read(call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    if call.name in SWAPS:
        yield _swap(call)
    elif not call.events:
        yield _other(call)
    for event in call.events:
        if event.name not in SWAP_EVENTS:
            yield _other(event)
        elif call.name not in SWAPS:
            raise UnreadableError(f"{event.name} came with instruction {call.name}")


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _swap(call: Call) -> Found:
    """Return the one trade that a swap is; Other if what was traded is no token, but quotes.

    Raises:
        UnreadableError: the newer event is not there, which alone tells in which token the fee is.
    """
    by_name = {event.name: event for event in reversed(call.events)}
    event = next((by_name[one] for one in SWAP_EVENTS if one in by_name), None)
    if event is None:
        raise UnreadableError(f"{call.name} came without its event")
    mints, pool = pair(call.account(6), call.account(7)), call.account(1)
    if mints is None:
        return _other(event)
    aside = pool not in damm_homes(mints.token, mints.quote)
    if "EvtSwap2" not in by_name:
        if aside:
            return _other(event)
        raise UnreadableError("EvtSwap came without EvtSwap2, so the fee's token is unknown")
    trade = _trade(call, read_swap2(event), mints, pool=pool, aside=aside)
    return Found(event.outer, event.inner, trade)


def read_swap2(event: Event) -> PoolSwap:
    """Return the swap that an EvtSwap2 states.

    Raises:
        UnreadableError: it is too short, or a code or sum cannot be.
    """
    direction, included, excluded, output, low, high, *rest = fields(_SWAP2, event)
    *fees, reserve_a, reserve_b = rest
    fee, a_to_b = sum(fees), direction == A_TO_B
    if direction > 1 or fee > U64:
        raise UnreadableError(f"a swap's direction is {direction} and its fee {fee}")
    # Where the whole input is swapped, the fee was taken from the output.
    on_input = included != excluded
    return PoolSwap(
        a_to_b=a_to_b,
        paid=included,
        got=output,
        root=low | high << 64,
        fee=fee,
        fee_in_a=on_input == a_to_b,
        reserves=(reserve_a, reserve_b),
    )


def _trade(call: Call, swap: PoolSwap, mints: Pair, *, pool: Address, aside: bool) -> Trade:
    """Return a swap as a trade of the token, which may be a or b."""
    is_buy = swap.a_to_b == mints.swapped
    base, quote = (swap.got, swap.paid) if is_buy else (swap.paid, swap.got)
    base_reserve, quote_reserve = swap.reserves[::-1] if mints.swapped else swap.reserves
    price = price_of(None, swap.root)
    if price is not None and mints.swapped:
        price = price[::-1] if swap.root else None
    fee_in_base = swap.fee_in_a != mints.swapped
    return Trade(
        mint=mints.token,
        pool=pool,
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if is_buy else "sell",
        trader=call.account(8),
        base_amount=base,
        quote_amount=quote,
        base_change=-base if is_buy else base,
        fee=swap.fee,
        fee_in_base=fee_in_base and swap.fee > 0,
        quote_mint=mints.quote,
        base_decimals=decimals_of(call.tx, mints.token),
        quote_decimals=decimals_of(call.tx, mints.quote),
        sqrt_price=None if mints.swapped else swap.root,
        quote_reserve=quote_reserve,
        threshold=None,
        config=None,
        price=price if mints.swapped else None,
        base_reserve=base_reserve,
        aside=aside,
        in_pool=True,
    )
