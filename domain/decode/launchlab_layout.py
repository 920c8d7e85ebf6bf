"""How Raydium LaunchLab writes its events.

Source: IDL 0.2.0; the recorded events of 130 bytes (trade) and 248 bytes (launch). Offsets count
from an event's body.
"""

from struct import Struct
from typing import NamedTuple

from domain.curve import reserve_price
from domain.decode.layout import text_at, u64_at, units
from domain.decode.program import Event
from domain.errors import UnreadableError
from schemas.fields import BaseUnits, Decimals, QuoteUnits, Ratio

_OLD = Struct("<32x QQQQQQQQQ QQQ BB")
"""For sale 32, virtual base 40 and quote 48, real base and quote before 56 and after 72, in 88,
out 96, three fees from 104, direction 128, status 129."""
_NEW = Struct("<32x QQQQQQQQQ QQQQ BB")
"""The same with four fees: the creator's is between the others, so what follows has moved."""
_NEW_BYTES = 139
SELL = 1
_WAITS, _STATUSES = 1, 3
"""A pool collects (0), waits to be migrated (1), or has been (2)."""
_PARAMS = 96
"""Where a launch has the decimals of the mint, and its texts behind them."""
_CONSTANT = 0


class CurveTrade(NamedTuple):
    """A trade as its event states it; reserves are those after it.

    ``price`` is None where the curve is no constant product; ``start_price`` is that of the empty
    curve. ``completes``: nothing can be traded after it.
    """

    is_buy: bool
    paid: int
    got: int
    fee: QuoteUnits
    left: BaseUnits
    real_quote: QuoteUnits
    price: Ratio | None
    start_price: Ratio | None
    completes: bool


class Created(NamedTuple):
    """A launch as its event states it; ``for_sale`` is None for curves of other kinds."""

    name: str
    symbol: str
    uri: str
    decimals: Decimals
    supply: BaseUnits
    for_sale: BaseUnits | None
    threshold: QuoteUnits


def read_trade(event: Event) -> CurveTrade:
    """Return the trade that a TradeEvent states; its two layouts are told apart by length.

    Raises:
        UnreadableError: its length is neither's, or a code or amount cannot be.
    """
    size = len(event.body)
    if size == _OLD.size:
        layout = _OLD
    elif size >= _NEW_BYTES:
        layout = _NEW
    else:
        raise UnreadableError(f"TradeEvent has {size} bytes, neither 130 nor 139")
    values = layout.unpack_from(event.body)
    for_sale, virtual_base, virtual_quote, *real, paid, got = values[:9]
    base_before, quote_before, base_after, quote_after = real
    *fees, direction, status = values[9:]
    if direction > SELL or status >= _STATUSES:
        raise UnreadableError(f"a trade's direction is {direction} and its pool's status {status}")
    before = virtual_quote + quote_before, virtual_base - base_before
    after = virtual_quote + quote_after, virtual_base - base_after
    is_product = _is_product(before, after)
    return CurveTrade(
        is_buy=direction != SELL,
        paid=paid,
        got=got,
        fee=units(sum(fees)),
        left=units(for_sale - base_after),
        real_quote=quote_after,
        price=reserve_price(*after) if is_product else None,
        start_price=reserve_price(virtual_quote, virtual_base) if is_product else None,
        completes=status == _WAITS,
    )


def _is_product(before: Ratio, after: Ratio) -> bool:
    """Say whether a trade kept the product of the reserves, but for rounding up by a unit.

    The event does not state which kind of curve it is of; the others keep another sum.
    """
    grown = after[0] * after[1] - before[0] * before[1]
    return min(*before, *after) > 0 and 0 <= grown <= sum(after)


def read_created(event: Event) -> Created:
    """Return the launch that a PoolCreateEvent states.

    Raises:
        UnreadableError: it is too short, or a text is not UTF-8.
    """
    body, start, texts = event.body, _PARAMS + 1, []
    for _ in range(3):
        text, start = text_at(body, start)
        texts.append(text)
    if start >= len(body):
        raise UnreadableError(f"PoolCreateEvent of {len(body)} bytes ends before its curve")
    is_constant = body[start] == _CONSTANT
    supply = u64_at(body, start + 1)
    for_sale = u64_at(body, start + 9) if is_constant else None
    threshold = u64_at(body, start + (17 if is_constant else 9))
    if supply is None or threshold is None:
        raise UnreadableError(f"PoolCreateEvent of {len(body)} bytes ends in its curve")
    name, symbol, uri = texts
    return Created(name, symbol, uri, body[_PARAMS], supply, for_sale, threshold)
