"""How Meteora DBC writes its events and arguments: fixed offsets, read by prefix.

Source: IDLs 0.1.4 and 0.2.1. Offsets count from an event's body.
"""

from struct import Struct
from typing import NamedTuple

from domain.decode.layout import fields, text_at
from domain.decode.program import Call, Event
from domain.errors import UnreadableError

_SWAP = Struct("<64x B x 8x8x Q Q QQ QQQ Q 8x")
"""EvtSwap: direction 64, input without fees 82, output 90, square-root price 98, fees 114,
input with fees 138, time 146."""
_SWAP2 = Struct("<64x B x 8x8xx Q Q 8x Q QQ QQQ Q Q 8x")
"""EvtSwap2: direction 64, input with fees 83, without 91, output 107, square-root price 115,
fees 131, quote reserve 155, threshold 163, time 171."""
_COMPLETE = Struct("<64x QQ")
"""EvtCurveComplete: base reserve 64, quote reserve 72."""

BUY = 1


class Swap(NamedTuple):
    """A swap as its event states it: ``included`` is the input with fees, ``excluded`` without.

    ``quote_reserve`` and ``threshold`` are None in an EvtSwap, which does not state them.
    """

    outer: int
    inner: int
    is_buy: bool
    included: int
    excluded: int
    output: int
    sqrt_price: int
    fee: int
    referral_fee: int
    quote_reserve: int | None
    threshold: int | None

    @property
    def fee_in_base(self) -> bool:
        """Whether the fee was taken from what a buyer gets, so that the whole input is swapped."""
        return self.is_buy and self.fee > 0 and self.included == self.excluded

    @property
    def base_change(self) -> int:
        """The change of the curve's base reserve, which pays a fee in base too."""
        return -(self.output + self.fee * self.fee_in_base) if self.is_buy else self.included

    @property
    def vault_change(self) -> int:
        """The change of the base vault, which keeps a fee in base except the referral's part."""
        paid = self.output + self.referral_fee * self.fee_in_base
        return -paid if self.is_buy else self.included


def read_swap2(event: Event) -> Swap:
    """Return the swap that an EvtSwap2, with transfer hook or without, states.

    Raises:
        UnreadableError: it is too short or has no known direction.
    """
    values = fields(_SWAP2, event)
    direction, included, excluded, output, low, high, trading, protocol, referral = values[:9]
    return Swap(
        outer=event.outer,
        inner=event.inner,
        is_buy=_is_buy(direction),
        included=included,
        excluded=excluded,
        output=output,
        sqrt_price=low | high << 64,
        fee=trading + protocol + referral,
        referral_fee=referral,
        quote_reserve=values[9],
        threshold=values[10],
    )


def read_swap(event: Event) -> Swap:
    """Return the swap that an EvtSwap states.

    Raises:
        UnreadableError: it is too short or has no known direction.
    """
    values = fields(_SWAP, event)
    direction, excluded, output, low, high, trading, protocol, referral, included = values
    return Swap(
        outer=event.outer,
        inner=event.inner,
        is_buy=_is_buy(direction),
        included=included,
        excluded=excluded,
        output=output,
        sqrt_price=low | high << 64,
        fee=trading + protocol + referral,
        referral_fee=referral,
        quote_reserve=None,
        threshold=None,
    )


def _is_buy(direction: int) -> bool:
    if direction > BUY:
        raise UnreadableError(f"a swap's direction is {direction}, neither 0 (sell) nor 1 (buy)")
    return direction == BUY


def read_complete(event: Event) -> tuple[int, int]:
    """Return the base and the quote reserve at which a curve closed.

    Raises:
        UnreadableError: the event is too short.
    """
    base, quote = fields(_COMPLETE, event)
    return base, quote


def read_texts(call: Call, count: int) -> list[str]:
    """Return the first *count* arguments of an instruction, which are strings.

    Raises:
        UnreadableError: the data ends before, or is not UTF-8.
    """
    texts, start = [], 8
    for _ in range(count):
        text, start = text_at(call.data, start)
        texts.append(text)
    return texts
