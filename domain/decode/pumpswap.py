"""PumpSwap: the pools where pump.fun's curves go, and those that anybody makes beside them."""

from collections.abc import Iterator

from domain.decode.balances import decimals_of
from domain.decode.logged import calls_or_logged
from domain.decode.pools import Pair, pair, pump_swap_home
from domain.decode.program import Call, Event, Found, Names, Reading, read_calls, times_at
from domain.decode.program_ids import PUMP_SWAP as PROGRAM
from domain.decode.pumpswap_layout import PoolSwap, read_swap
from domain.decode.pumpswap_names import EVENTS, INSTRUCTIONS
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Other, Trade
from schemas.fields import Address

PROTOCOL = "pumpswap"
NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
SWAPS = frozenset({"buy", "buy_exact_quote_in", "sell"})
SWAP_EVENTS = frozenset({"BuyEvent", "SellEvent"})
TIMES = times_at(BuyEvent=0, SellEvent=0)


class PumpSwap:
    """The decoder of PumpSwap."""

    program = PROGRAM
    vault_owners: frozenset[Address] = frozenset()  # A pool's vaults belong to the pool itself.

    def decode(self, tx: Transaction) -> Reading:
        """Return trades; pools, deposits and all else as Other.

        Events come twice, as instructions and in the log, which is read where there are none.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        return read_calls(calls_or_logged(tx, NAMES), _read, times=TIMES)


def _read(call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    traded = False
    for event in call.events:
        if event.name in SWAP_EVENTS:
            traded = True
            yield _swap(call, event)
        else:
            yield _other(event)
    if call.name in SWAPS and not traded:
        raise UnreadableError(f"{call.name} came without its event")
    if not call.events:
        yield _other(call)


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _swap(call: Call, event: Event) -> Found:
    """Return the trade that an event states; Other if what was traded is no token, but quotes.

    Raises:
        UnreadableError: it came with an instruction that is not known for it, so that nobody can
            tell which of its accounts are the mints.
    """
    if call.name not in SWAPS:
        raise UnreadableError(f"{event.name} came with instruction {call.name}")
    mints = pair(call.account(3), call.account(4))
    if mints is None:
        return _other(event)
    swap = read_swap(event, is_buy=event.name == "BuyEvent")
    return Found(event.outer, event.inner, _trade(call, swap, mints))


def _trade(call: Call, swap: PoolSwap, mints: Pair) -> Trade:
    """Return a swap as a trade of the token: where that is the pool's quote, a buy is a sell."""
    pool = call.account(0)
    is_buy = swap.is_buy != mints.swapped
    amounts = swap.base, swap.user_quote
    reserves = swap.pool_base, swap.pool_quote
    price = swap.price
    if mints.swapped:
        amounts, reserves = amounts[::-1], reserves[::-1]
        price = None if price is None else price[::-1]
    base_amount, quote_amount = amounts
    base_reserve, quote_reserve = reserves
    return Trade(
        mint=mints.token,
        pool=pool,
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if is_buy else "sell",
        trader=call.account(1),
        base_amount=base_amount,
        quote_amount=quote_amount,
        base_change=swap.quote_change if mints.swapped else swap.base_change,
        fee=swap.fee,
        fee_in_base=mints.swapped,
        quote_mint=mints.quote,
        base_decimals=decimals_of(call.tx, mints.token),
        quote_decimals=decimals_of(call.tx, mints.quote),
        sqrt_price=None,
        quote_reserve=quote_reserve,
        threshold=None,
        config=None,
        price=price,
        base_reserve=base_reserve,
        aside=pool != pump_swap_home(mints.token, mints.quote),
        in_pool=True,
    )
