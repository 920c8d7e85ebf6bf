"""Swaps in pools of Meteora DAMM v2: the token may be either, the fee in either."""

import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import curve
from domain.decode import decode
from domain.decode.pools import damm_homes
from schemas.chain_events import Trade
from tests.borsh import CPI_EVENT, IDL, Values, named_idl
from tests.shared import SHARED, needs_shared
from tests.unit.decode.scene import WSOL, Scene, fresh, names, only

pytestmark = needs_shared

DAMM = "cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
TOKEN, OTHER, ANN = (fresh(random.Random(seed)) for seed in (21, 22, 23))


def amm() -> IDL:
    """Return DAMM v2's IDL."""
    return named_idl(SHARED / "idl", "cp_amm")


def data(instruction: str) -> bytes:
    """Return the beginning of an instruction's data; its arguments are never read."""
    return bytes(amm().instructions[instruction]["discriminator"])


def accounts(a: str = TOKEN, b: str = WSOL, pool: str | None = None) -> list[str]:
    """Return the accounts of a swap: pool 1, mints 6 and 7, payer 8."""
    made = [fresh(random.Random(4)) for _ in range(14)]
    made[1], made[6], made[7], made[8] = pool or min(damm_homes(a, b)), a, b, ANN
    return made


def stated(*, direction: int, on_input: bool) -> Values:
    """Return what a swap of 1,000 for 50 states, with fees of 9 in four parts."""
    result = {
        "included_fee_input_amount": 1_000, "excluded_fee_input_amount": 991 if on_input else 1_000,
        "output_amount": 50, "next_sqrt_price": 3 << 62, "claiming_fee": 4, "protocol_fee": 3,
        "compounding_fee": 1, "referral_fee": 1, "amount_left": 0,
    }  # fmt: skip
    return {
        "trade_direction": direction, "swap_result": result, "reserve_a_amount": 70,
        "reserve_b_amount": 80, "current_timestamp": 1_700_000_001,
    }  # fmt: skip


def swapped(used: list[str], *, cut: int | None = None, **over: Any) -> Scene:
    """Return a transaction with one swap."""
    scene = Scene().call(data("swap2"), used, program=DAMM)
    return scene.emit(amm(), DAMM, "EvtSwap2", cut=cut, **over)


@pytest.mark.parametrize("on_input", [True, False])
@pytest.mark.parametrize("direction", [0, 1], ids=["a to b", "b to a"])
@pytest.mark.parametrize("swap", [False, True], ids=["token is a", "token is b"])
def test_a_swap_is_a_trade_of_the_token(swap: bool, direction: int, on_input: bool) -> None:
    """Side, amounts, reserves, price and the fee's token follow the mints, not their places."""
    used = accounts(*((WSOL, TOKEN) if swap else (TOKEN, WSOL)))
    trade = only(
        decode(swapped(used, **stated(direction=direction, on_input=on_input)).json()), Trade
    )
    is_buy = (direction == 1) != swap
    price = Fraction(9, 16)  # The square of 3 / 4, b per a.

    assert ("buy" if is_buy else "sell", 9) == (trade.side, trade.fee)
    assert ((50, 1_000) if is_buy else (1_000, 50)) == (trade.base_amount, trade.quote_amount)
    assert ((80, 70) if swap else (70, 80)) == (trade.base_reserve, trade.quote_reserve)
    assert trade.fee_in_base == (on_input != is_buy)
    assert (1 / price if swap else price) == Fraction(
        *curve.price_of(trade.price, trade.sqrt_price)
    )
    assert (TOKEN, WSOL, ANN, False) == (trade.mint, trade.quote_mint, trade.trader, trade.aside)


def test_a_pool_that_anybody_made_is_aside() -> None:
    """Its address is none that DBC could have made."""
    used = accounts(pool=OTHER)

    assert only(decode(swapped(used, **stated(direction=1, on_input=True)).json()), Trade).aside


def test_two_quote_tokens_are_no_launched_token() -> None:
    """SOL against dollars is Other."""
    used = accounts(WSOL, USDC, pool=OTHER)

    assert ["EvtSwap2"] == names(decode(swapped(used).json()))


def test_the_older_event_alone_does_not_tell_the_fees_token() -> None:
    """In the token's own pool that is unreadable, elsewhere nobody needs it."""
    older = CPI_EVENT + bytes.fromhex("1b3c15d58aaabb93") + bytes(122)
    for used, reason in ((accounts(), 1), (accounts(pool=OTHER), 0)):
        scene = Scene().call(data("swap"), used, program=DAMM).inside(older, [ANN], program=DAMM)
        decoded = decode(scene.json())

        assert (reason, ["EvtSwap"] * (1 - reason)) == (len(decoded.unreadable), names(decoded))


def test_the_time_of_a_block_entry_is_what_the_event_states() -> None:
    """Entries of a block have neither slot nor time."""
    scene = swapped(accounts(), **stated(direction=1, on_input=True))

    assert 1_700_000_001 == decode(scene.json(slot=None, blockTime=None)).time


@pytest.mark.parametrize("event", sorted(amm().events) if SHARED.exists() else [])
def test_every_event_of_the_idl_has_its_name(event: str) -> None:
    """Those that are no trade are Other by name; none is unknown."""
    scene = Scene().call(data("dummy_ix"), accounts(), program=DAMM)
    decoded = decode(scene.emit(amm(), DAMM, event).json())

    assert event == "EvtSwap2" or [event] == names(decoded)


@pytest.mark.parametrize("instruction", sorted(amm().instructions) if SHARED.exists() else [])
def test_every_instruction_of_the_idl_has_its_name(instruction: str) -> None:
    """One without an event is Other by name, or cannot have run without."""
    decoded = decode(Scene().call(data(instruction), accounts(), program=DAMM).json())
    said = names(decoded) or [part.reason.split()[0] for part in decoded.unreadable]

    assert [instruction] == said


def test_every_prefix_is_read_or_refused() -> None:
    """All fields are needed; what newer versions append is ignored."""
    for cut in range(200):
        decoded = decode(swapped(accounts(), cut=cut, **stated(direction=1, on_input=True)).json())

        assert (cut >= 180) == bool(decoded.events) == (not decoded.unreadable)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_the_idl_writes_is_what_is_read(seed: int) -> None:
    """Round trip: made-up values, written by the IDL alone, come back in their fields."""
    made = amm().made_up("EvtSwap2", random.Random(seed))
    result = made["swap_result"]
    for name in ("claiming_fee", "protocol_fee", "compounding_fee", "referral_fee"):
        result[name] >>= 3
    trade = only(decode(swapped(accounts(), **made | {"trade_direction": 1}).json()), Trade)

    assert (result["output_amount"], result["included_fee_input_amount"]) == (
        trade.base_amount,
        trade.quote_amount,
    )
    assert result["next_sqrt_price"] == trade.sqrt_price
    assert (made["reserve_a_amount"], made["reserve_b_amount"]) == (
        trade.base_reserve,
        trade.quote_reserve,
    )
