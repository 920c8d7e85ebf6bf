"""How pump.fun writes its events: fixed offsets, read by prefix, layouts that only grow.

Source: IDL of SDK 2.0.0; recorded events of 121, 217, 350 and 363 bytes (trades) and of 188, 193,
335 and 346 bytes (launches). Offsets count from an event's body.
"""

from struct import Struct
from typing import NamedTuple

from domain.decode.layout import KEY, address_of, fields, text_at, u64_at, units
from domain.decode.program import Event
from domain.errors import UnreadableError
from schemas.fields import Address, BaseUnits, QuoteUnits

WSOL: Address = "So11111111111111111111111111111111111111112"
NATIVE = bytes(KEY)
"""How pump.fun names native SOL as a quote token: the address of the system program."""

_TRADE = Struct("<32s QQ B 32s q QQQQ")
"""Mint 0, quote 32, base 40, buy 48, user 49, time 81, virtual quote 89 and base 97, real 105."""
_FEES = Struct("<161x Q 40x Q")
"""Fee 161, creator's fee 209."""
_NAME = 250
"""Where the instruction's name is, behind which offsets depend on its length."""
_COMPLETE = Struct("<32x 32s 32s q")
"""Mint 32, curve 64, time 96."""
_MIGRATION = Struct("<32x 32s QQ 8x 32s q 32s")
"""Mint 32, base 64, quote 72, curve 88, time 120, pool 128."""
_CREATE = Struct("<32s 32s 32s")
"""Behind the texts: mint, curve, user."""
_CREATE_TAIL = Struct("<32s q QQQQ")
"""Behind these: creator, time, virtual base, virtual quote, real base, supply."""
_CREATE_QUOTE = 34
"""Behind these, and the token program and two flags: the quote token and its virtual reserve."""

_OLD_FEE_PARTS = 100
"""The oldest events state no fee. It was one in a hundred, rounded down.

Source: the buyers' lamports in JBnrBbgqh9jRUkUD68GdwBWoxWyz8SqEuM4eYqR6cyMMofFD43XQKjWBMHvRanPuzSU9
UC8CFBQH1brAmvjxZpA.
"""


class CurveTrade(NamedTuple):
    """A trade as its event states it; reserves are those after it.

    ``quote`` is what the curve was paid, or paid, without ``fee``, the sum of all fees.
    """

    mint: Address
    user: Address
    is_buy: bool
    quote: QuoteUnits
    base: BaseUnits
    fee: QuoteUnits
    quote_mint: Address
    virtual_quote: QuoteUnits
    virtual_base: BaseUnits
    real_quote: QuoteUnits
    real_base: BaseUnits

    @property
    def trader_quote(self) -> QuoteUnits:
        """What the trader paid, fees included, or received, after fees.

        Raises:
            UnreadableError: the fees exceed what was received.
        """
        return units(self.quote + self.fee if self.is_buy else self.quote - self.fee)


class _Tail(NamedTuple):
    """What newer trade events state behind the instruction's name; None where they end before."""

    cashback: int | None = None
    quote_mint: bytes | None = None
    quote: int | None = None
    virtual_quote: int | None = None
    real_quote: int | None = None
    holder_rewards: int | None = None


class Created(NamedTuple):
    """A launch as its event states it; None where an older event ends before."""

    name: str
    symbol: str
    uri: str
    mint: Address
    curve: Address
    user: Address
    creator: Address
    virtual_base: BaseUnits | None
    virtual_quote: QuoteUnits | None
    real_base: BaseUnits | None
    supply: BaseUnits | None
    quote_mint: Address


class Migrated(NamedTuple):
    """A migration as its event states it."""

    mint: Address
    curve: Address
    pool: Address
    base: BaseUnits
    quote: QuoteUnits


def read_trade(event: Event) -> CurveTrade:
    """Return the trade that a TradeEvent of any version states.

    Where SOL is not the quote token, the fields for SOL are 0 and those for the quote count.

    Raises:
        UnreadableError: it is too short, or its direction is no boolean.
    """
    mint, quote, base, buy, user, _, *reserves = fields(_TRADE, event)
    virtual_quote, virtual_base, real_quote, real_base = reserves
    if buy > 1:
        raise UnreadableError(f"a trade's direction is {buy}, neither 0 (sell) nor 1 (buy)")
    tail = _tail(event.body)
    if not quote and tail.quote is not None:
        quote = tail.quote
        virtual_quote, real_quote = tail.virtual_quote or 0, tail.real_quote or 0
    return CurveTrade(
        mint=address_of(mint),
        user=address_of(user),
        is_buy=bool(buy),
        quote=quote,
        base=base,
        fee=_fee(event.body, quote, tail),
        quote_mint=_quote_mint(tail.quote_mint),
        virtual_quote=virtual_quote,
        virtual_base=virtual_base,
        real_quote=real_quote,
        real_base=real_base,
    )


def _fee(body: bytes, quote: QuoteUnits, tail: _Tail) -> QuoteUnits:
    """Return the sum of all fees; the buyback is a part of the fee, not one more."""
    if len(body) < _FEES.size:
        return quote // _OLD_FEE_PARTS
    fee, creator_fee = _FEES.unpack_from(body)
    return int(fee + creator_fee) + (tail.cashback or 0) + (tail.holder_rewards or 0)


def _tail(body: bytes) -> _Tail:
    """Return what stands behind the instruction's name, as far as the body goes."""
    if len(body) < _NAME + 4:
        return _Tail()
    start = _NAME + 4 + int.from_bytes(body[_NAME : _NAME + 4], "little")
    # Behind the name: mayhem mode, a rate, the cashback 9, another rate, the buyback, then the
    # shareholders, of 34 bytes each.
    shares = start + 33
    count = int.from_bytes(body[shares : shares + 4], "little")
    quote = shares + 4 + 34 * count
    return _Tail(
        cashback=u64_at(body, start + 9),
        quote_mint=body[quote : quote + KEY] if quote + KEY <= len(body) else None,
        quote=u64_at(body, quote + 32),
        virtual_quote=u64_at(body, quote + 40),
        real_quote=u64_at(body, quote + 48),
        holder_rewards=u64_at(body, quote + 64),
    )


def _quote_mint(raw: bytes | None) -> Address:
    return WSOL if raw is None or raw == NATIVE else address_of(raw)


def read_created(event: Event) -> Created:
    """Return the launch that a CreateEvent of any version states.

    Raises:
        UnreadableError: it is too short, or a text is not UTF-8.
    """
    body, start, texts = event.body, 0, []
    for _ in range(3):
        text, start = text_at(body, start)
        texts.append(text)
    if len(body) < start + _CREATE.size:
        raise UnreadableError(f"CreateEvent has {len(body)} bytes, which end in its addresses")
    mint, curve, user = map(address_of, _CREATE.unpack_from(body, start))
    start += _CREATE.size
    tail: tuple[int | None, ...] = (None, None, None, None)
    creator = user
    if len(body) >= start + _CREATE_TAIL.size:
        raw, _, *stated_tail = _CREATE_TAIL.unpack_from(body, start)
        creator, tail = address_of(raw), tuple(stated_tail)
    virtual_base, virtual_quote, real_base, supply = tail
    at = start + _CREATE_TAIL.size + _CREATE_QUOTE
    quote_mint = body[at : at + KEY] if at + KEY <= len(body) else None
    stated = u64_at(body, at + KEY)
    return Created(
        name=texts[0],
        symbol=texts[1],
        uri=texts[2],
        mint=mint,
        curve=curve,
        user=user,
        creator=creator,
        virtual_base=virtual_base,
        virtual_quote=virtual_quote if stated is None else stated,
        real_base=real_base,
        supply=supply,
        quote_mint=_quote_mint(quote_mint),
    )


def read_completed(event: Event) -> tuple[Address, Address]:
    """Return the mint and the curve that closed.

    Raises:
        UnreadableError: the event is too short.
    """
    mint, curve, _ = fields(_COMPLETE, event)
    return address_of(mint), address_of(curve)


def read_migrated(event: Event) -> Migrated:
    """Return the migration that a CompletePumpAmmMigrationEvent states.

    Raises:
        UnreadableError: it is too short.
    """
    mint, base, quote, curve, _, pool = fields(_MIGRATION, event)
    return Migrated(address_of(mint), address_of(curve), address_of(pool), base, quote)
