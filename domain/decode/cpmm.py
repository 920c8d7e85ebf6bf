"""Raydium CPMM: the pools where LaunchLab's curves go, and those that anybody makes beside them."""

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from domain.curve import reserve_price
from domain.decode.balances import decimals_of
from domain.decode.cpmm_names import EVENTS, INSTRUCTIONS
from domain.decode.layout import fields, units
from domain.decode.logged import calls_with_logs
from domain.decode.pools import Pair, cpmm_home, pair
from domain.decode.program import Call, Event, Found, Names, Reading, read_calls
from domain.decode.program_ids import CPMM as PROGRAM
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Other, Trade

PROTOCOL = "raydium-cpmm"
VAULT_OWNERS = frozenset({"GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL"})
"""The authority of all vaults. Source: seed ``vault_and_lp_mint_auth_seed``; IDL 0.2.0."""
NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
SWAPS = frozenset({"swap_base_input", "swap_base_output"})
TRADER, CONFIG, POOL, PAID, GOT = 0, 2, 3, 10, 11
"""Accounts of a swap, the last two the mints."""

_BEFORE = Struct("<32x QQ QQ QQ x")
"""``SwapEvent``: the vaults without fees that wait there 32, amounts 48, taxes of the mints 64."""
_FEES = Struct("<QQ?")
"""Behind it since there are creators' fees, at 145: the fee, the creator's, whether on the input.

Source: IDL 0.2.0, and the program's source for what is newer.
"""
_FEES_AT = 145


class PoolSwap(NamedTuple):
    """A swap as its event states it, by what goes in and out.

    ``left`` is what the pool has of both after it, without fees. ``fee`` is in what went in, or
    where ``fee_in_output`` says so in what came out; of fees in both, it is that on the input.
    ``has_creator_fee`` tells that the pool was made with Raydium's permission.
    """

    paid: int
    got: int
    left: tuple[int, int]
    fee: int
    fee_in_output: bool
    has_creator_fee: bool


class CPMM:
    """The decoder of Raydium CPMM."""

    program = PROGRAM
    vault_owners = VAULT_OWNERS

    def decode(self, tx: Transaction) -> Reading:
        """Return trades; pools, liquidity and all else as Other.

        Events are in the log alone. Without its own, nobody can tell whose pool a swap was in, so
        it is Other.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        return read_calls(calls_with_logs(tx, NAMES), _read)


def _read(call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    for event in call.events:
        if event.name != "SwapEvent":
            yield _other(event)
        elif call.name in SWAPS:
            yield _swap(call, event)
        else:
            raise UnreadableError(f"SwapEvent came with instruction {call.name}")
    if not call.events:
        yield _other(call)


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _swap(call: Call, event: Event) -> Found:
    """Return the trade that an event states; Other if what was traded is no token, but quotes."""
    mints = pair(call.account(PAID), call.account(GOT))
    if mints is None:
        return _other(event)
    return Found(event.outer, event.inner, _trade(call, read_swap(event), mints))


def read_swap(event: Event) -> PoolSwap:
    """Return the swap that a SwapEvent states.

    Raises:
        UnreadableError: it is too short, or its amounts contradict each other.
    """
    in_before, out_before, paid, got, paid_tax, got_tax = fields(_BEFORE, event)
    fee, creator_fee, on_input = 0, 0, True
    if len(event.body) >= _FEES_AT + _FEES.size:
        fee, creator_fee, on_input = _FEES.unpack_from(event.body, _FEES_AT)
    on_output = 0 if on_input else creator_fee
    fee_in = fee if on_output else fee + creator_fee
    return PoolSwap(
        paid=units(paid + paid_tax),
        got=units(got - got_tax),
        left=(units(in_before + paid - fee_in), units(out_before - got - on_output)),
        fee=fee_in or on_output,
        fee_in_output=not fee_in and on_output > 0,
        has_creator_fee=creator_fee > 0,
    )


def _trade(call: Call, swap: PoolSwap, mints: Pair) -> Trade:
    """Return a swap as a trade of the token; *mints* are those paid and got."""
    pool, is_buy = call.account(POOL), mints.swapped
    home = cpmm_home(call.account(CONFIG), mints.token, mints.quote)
    base, quote = (swap.got, swap.paid) if is_buy else (swap.paid, swap.got)
    base_reserve, quote_reserve = swap.left[::-1] if is_buy else swap.left
    return Trade(
        mint=mints.token,
        pool=pool,
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if is_buy else "sell",
        trader=call.account(TRADER),
        base_amount=base,
        quote_amount=quote,
        base_change=-base if is_buy else base,
        fee=swap.fee,
        fee_in_base=is_buy == swap.fee_in_output and swap.fee > 0,
        quote_mint=mints.quote,
        base_decimals=decimals_of(call.tx, mints.token),
        quote_decimals=decimals_of(call.tx, mints.quote),
        sqrt_price=None,
        quote_reserve=quote_reserve,
        threshold=None,
        config=None,
        price=reserve_price(quote_reserve, base_reserve),
        base_reserve=base_reserve,
        aside=not swap.has_creator_fee or pool != home,
        in_pool=True,
    )
