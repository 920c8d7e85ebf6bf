"""Swaps of Meteora DBC: which field of the event is whose amount (fact sheet, section 11)."""

from typing import Any

import pytest

from domain.decode import decode
from schemas.chain_events import Complete, Trade
from tests.shared import needs_shared
from tests.unit.decode.scene import (
    POOL_AUTHORITY,
    SQUADS,
    Scene,
    discriminator,
    newest,
    only,
    swap2,
    swap2_fields,
    swap_accounts,
    swap_fields,
)

pytestmark = needs_shared


def test_a_swap_that_records_both_events_is_one_trade() -> None:
    """EvtSwap2 is preferred for what it knows more; the trade stands at its path."""
    scene = Scene().call(discriminator("swap"), accounts := swap_accounts(Scene(9).rng))
    scene.event("EvtSwap", **swap_fields())
    scene.event("EvtSwap2", **swap2_fields(), quote_reserve_amount=77, migration_threshold=88)
    decoded = decode(scene.json())
    trade = only(decoded, Trade)

    assert (0, 1) == decoded.events[0][:2]
    assert (trade.quote_reserve, trade.threshold) == (77, 88)
    assert (trade.pool, trade.config) == (accounts[2], accounts[1])
    assert (trade.mint, trade.quote_mint, trade.trader) == (*accounts[7:9], accounts[9])


def test_history_has_the_older_event_only() -> None:
    """Before program 0.1.6 there was no EvtSwap2: the same amounts, reserves unknown."""
    old, new = Scene(), Scene()
    for scene in (old, new):
        scene.call(discriminator("swap"), swap_accounts(Scene(9).rng))
    before = only(decode(old.event("EvtSwap", **swap_fields()).json()), Trade)
    after = only(decode(new.event("EvtSwap2", **swap2_fields()).json()), Trade)

    assert before.quote_reserve is before.threshold is None
    for name in ("side", "base_amount", "quote_amount", "base_change", "fee", "sqrt_price"):
        assert getattr(before, name) == getattr(after, name)


@pytest.mark.parametrize(
    ("buy", "over", "quote", "base", "change", "fee_in_base"),
    [
        (True, {}, 1_000, 5_000, -5_000, False),
        (False, {"excluded_fee_input_amount": 1_000}, 5_000, 1_000, 1_000, False),
        (True, {"excluded_fee_input_amount": 1_000}, 1_000, 5_000, -5_030, True),
    ],
    ids=["buy", "sell", "buy with the fee in base"],
)
def test_amounts(
    buy: bool, over: Any, quote: int, base: int, change: int, fee_in_base: bool
) -> None:
    """Paid with fees, received after fees; a fee in base leaves the reserve, not the vault."""
    trade = only(decode(swap2(Scene(), swap_accounts(Scene().rng), buy=buy, **over).json()), Trade)

    assert (trade.quote_amount, trade.base_amount) == (quote, base)
    assert (trade.base_change, trade.fee_in_base) == (change, fee_in_base)
    assert (trade.fee, trade.side) == (30, "buy" if buy else "sell")


def test_transfer_hook_swaps_and_completions() -> None:
    """The variants for tokens with a transfer hook are trades and completions alike."""
    accounts = swap_accounts(Scene(4).rng)
    scene = Scene().call(discriminator("swap2_with_transfer_hook"), accounts)
    scene.event("EvtSwap2WithTransferHook", **swap2_fields())
    scene.event("EvtCurveCompleteWithTransferHook", base_reserve=5, quote_reserve=6)
    decoded = decode(scene.json())
    complete = only(decoded, Complete)

    assert 5_000 == only(decoded, Trade).base_amount
    assert (complete.mint, complete.pool) == (accounts[7], accounts[2])
    assert (complete.base_reserve, complete.quote_reserve) == (5, 6)


def test_several_swaps_in_one_transaction_keep_their_own_events() -> None:
    """An event belongs to the call before it, also where a router makes several calls."""
    first, second = (swap_accounts(Scene(seed).rng) for seed in (1, 2))
    scene = Scene().call(b"route", [], program=SQUADS)
    scene.inside(discriminator("swap2"), first).event("EvtSwap2", **swap2_fields())
    scene.inside(discriminator("swap2"), second).event("EvtSwap2", **swap2_fields(output_amount=9))
    events = decode(scene.json()).events

    assert [(first[9], 5_000, (0, 1)), (second[9], 9, (0, 3))] == [
        (e.trader, e.base_amount, (outer, inner)) for outer, inner, e in events
    ]


def test_a_newer_program_may_append_fields() -> None:
    """Longer bodies are read by prefix."""
    longer = newest().event("EvtSwap2", newest().made_up("EvtSwap2", Scene().rng) | swap2_fields())
    scene = Scene().call(discriminator("swap2"), swap_accounts(Scene().rng))
    decoded = decode(scene.inside(longer + b"newer", [POOL_AUTHORITY]).json())

    assert 5_000 == only(decoded, Trade).base_amount


def test_the_time_of_a_block_entry_is_what_the_event_states() -> None:
    """Entries of a block have neither slot nor time."""
    scene = Scene().call(discriminator("swap2"), swap_accounts(Scene().rng))
    scene.event("EvtSwap2", **swap2_fields(), current_timestamp=1_690_000_000)
    decoded = decode(scene.json(slot=None, blockTime=None))

    assert (decoded.slot, decoded.time) == (None, 1_690_000_000)
