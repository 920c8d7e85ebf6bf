"""How PumpSwap writes the events of trades: fixed offsets, read by prefix.

Source: IDL of SDK 1.20.0; recorded events of 352 bytes. Offsets count from an event's body.
"""

from struct import Struct
from typing import NamedTuple

from domain.curve import reserve_price
from domain.decode.layout import fields, units
from domain.decode.program import Event
from schemas.fields import Ratio

_SWAP = Struct("<8x Q 24x QQ Q 32x QQ")
"""Base 8, pool's base 40 and quote 48, quote 56, with liquidity providers' fee 96, user's 104."""
_BUY_NAME = 393
"""Where a buy has the instruction's name, behind which offsets depend on its length."""
_SELL_VIRTUAL = 384
_VIRTUAL_BYTES = 16


class PoolSwap(NamedTuple):
    """A swap as its event states it, by the pool's own base and quote.

    ``base`` and ``user_quote`` are what the user gave and got, all fees considered; ``fee`` is
    their sum in quote. Reserves are those after it, and how they changed is signed; ``price`` is
    None where it cannot be told.
    """

    is_buy: bool
    base: int
    user_quote: int
    fee: int
    pool_base: int
    pool_quote: int
    base_change: int
    quote_change: int
    price: Ratio | None


def read_swap(event: Event, *, is_buy: bool) -> PoolSwap:
    """Return the swap that a BuyEvent or a SellEvent states.

    What it states of the pool is from before: the liquidity providers' fee stays there, the
    others' leave it.

    Raises:
        UnreadableError: it is too short, or its amounts contradict each other.
    """
    base, base_before, quote_before, quote, kept, user_quote = fields(_SWAP, event)
    sign = 1 if is_buy else -1
    pool_base, pool_quote = units(base_before - sign * base), units(quote_before + sign * kept)
    virtual = _virtual_quote(event.body, is_buy=is_buy)
    told = not virtual or _explains(
        quote_before + virtual, base_before, base=base, quote=quote, is_buy=is_buy
    )
    return PoolSwap(
        is_buy=is_buy,
        base=base,
        user_quote=user_quote,
        fee=units(sign * (user_quote - quote)),
        pool_base=pool_base,
        pool_quote=pool_quote,
        base_change=-sign * base,
        quote_change=sign * kept,
        price=reserve_price(max(pool_quote + virtual, 0), pool_base) if told else None,
    )


def _virtual_quote(body: bytes, *, is_buy: bool) -> int:
    """Return the quote that a boosted pool only pretends to have; 0 in every other pool."""
    start = _SELL_VIRTUAL
    if is_buy:
        # Behind the name: two rates, the cashback and the buyback.
        name = int.from_bytes(body[_BUY_NAME : _BUY_NAME + 4], "little")
        start = _BUY_NAME + 4 + name + 32
    if start + _VIRTUAL_BYTES > len(body):
        return 0
    return int.from_bytes(body[start : start + _VIRTUAL_BYTES], "little", signed=True)


def _explains(pool_quote: int, pool_base: int, *, base: int, quote: int, is_buy: bool) -> bool:
    """Say whether the constant product of these reserves gives the amounts of a swap.

    The IDL says of virtual reserves only that 0 changes nothing, so the event itself has to show
    that they are added to the real ones. Amounts are whole units, rounded either way.
    """
    after = pool_base - base if is_buy else pool_base + base
    return after > 0 and abs(pool_quote * base - quote * after) <= after
