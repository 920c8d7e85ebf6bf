"""pump.fun's events in every length: prefixes, quotes other than SOL, what belongs together."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from domain.decode import decode
from schemas.chain_events import Complete, Launch, Migrate, Other, Trade
from schemas.fields import U64
from tests.borsh import IDL, Values, named_idl
from tests.shared import SHARED, needs_shared
from tests.unit.decode.scene import SQUADS, WSOL, Scene, fresh, names, only

pytestmark = needs_shared

PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
USDC = bytes(Pubkey.from_string("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"))
NATIVE = bytes(32)


def pump() -> IDL:
    """Return pump.fun's IDL."""
    return named_idl(SHARED / "idl", "pump-2.0.0")


def data(instruction: str) -> bytes:
    """Return the beginning of an instruction's data; its arguments are never read."""
    return bytes(pump().instructions[instruction]["discriminator"])


def accounts(seed: int = 3) -> list[str]:
    """Return accounts for any instruction."""
    rng = random.Random(seed)
    return [fresh(rng) for _ in range(18)]


def stated(**over: Any) -> Values:
    """Return what a buy for 1,000 lamports states, with fees of 10 + 3 + 2 + 1."""
    usual = {
        "sol_amount": 1_000, "token_amount": 50, "is_buy": True, "fee": 10, "creator_fee": 3,
        "cashback": 2, "buyback_fee": 5, "holder_rewards": 1, "quote_mint": NATIVE,
        "quote_amount": 1_000, "virtual_sol_reserves": 31_000, "virtual_token_reserves": 900,
        "real_sol_reserves": 1_000, "real_token_reserves": 700, "virtual_quote_reserves": 31_000,
        "real_quote_reserves": 1_000, "ix_name": "buy",
    }  # fmt: skip
    return usual | over


def traded(instruction: str = "buy", *, cut: int | None = None, **over: Any) -> Scene:
    """Return a transaction with one trade."""
    scene = Scene().call(data(instruction), accounts(), program=PUMP)
    return scene.emit(pump(), PUMP, "TradeEvent", cut=cut, **stated(**over))


def test_all_fees_are_counted_once() -> None:
    """The buyback is a part of the fee; cashback and rewards are not."""
    buy = only(decode(traded().json()), Trade)
    sell = only(decode(traded("sell", is_buy=False).json()), Trade)

    assert (1_016, 16, "buy", -50) == (buy.quote_amount, buy.fee, buy.side, buy.base_change)
    assert (984, 16, "sell", 50) == (sell.quote_amount, sell.fee, sell.side, sell.base_change)
    assert ((31_000, 900), 1_000, 700) == (buy.price, buy.quote_reserve, buy.base_reserve)


@pytest.mark.parametrize(
    ("cut", "fee"), [(121, 10), (217, 13), (250 + 4 + 3 + 17, 15), (350, 15), (366, 16)]
)
def test_older_events_state_fewer_fees(cut: int, fee: int) -> None:
    """What an older event leaves out was not charged; the oldest charged one in a hundred."""
    trade = only(decode(traded(cut=cut, shareholders=[]).json()), Trade)

    assert (1_000 + fee, fee) == (trade.quote_amount, trade.fee)


def test_another_quote_token_rules_where_sol_is_0() -> None:
    """Amount, reserves and price are those of the quote token."""
    over = {"sol_amount": 0, "virtual_sol_reserves": 0, "real_sol_reserves": 0, "fee": 0}
    trade = only(decode(traded("buy_v2", quote_mint=USDC, **over).json()), Trade)

    assert (str(Pubkey(USDC)), 1_006) == (trade.quote_mint, trade.quote_amount)
    assert ((31_000, 900), 1_000) == (trade.price, trade.quote_reserve)


@pytest.mark.parametrize(
    ("instruction", "curve"),
    [
        ("buy", 3), ("buy_exact_sol_in", 3), ("sell", 3),
        ("buy_v2", 10), ("buy_exact_quote_in_v2", 10), ("sell_v2", 10),
    ],
)  # fmt: skip
def test_the_curve_is_an_account_of_the_instruction(instruction: str, curve: int) -> None:
    """Instructions have their accounts in two orders; the IDL names the curve."""
    known = [each["name"] for each in pump().instructions[instruction]["accounts"]]

    assert "bonding_curve" == known[curve]
    assert accounts()[curve] == only(decode(traded(instruction).json()), Trade).pool


def test_a_router_may_trade_several_times() -> None:
    """Trades as inner instructions keep their own events and paths."""
    scene = Scene().call(b"route", [], program=SQUADS)
    for seed, amount in ((1, 10), (2, 20)):
        scene.inside(data("buy"), accounts(seed), program=PUMP)
        scene.emit(pump(), PUMP, "TradeEvent", **stated(token_amount=amount))
    found = [(o, i, e.base_amount, e.pool) for o, i, e in decode(scene.json()).events]

    assert [(0, 1, 10, accounts(1)[3]), (0, 3, 20, accounts(2)[3])] == found


@pytest.mark.parametrize("instruction", ["create", "create_v2"])
def test_a_launch_states_how_its_curve_begins(instruction: str) -> None:
    """Reserves, supply, creator and quote token are the event's."""
    scene = Scene().call(data(instruction), accounts(), program=PUMP)
    scene.emit(
        pump(), PUMP, "CreateEvent", name="N", symbol="S", uri="u", quote_mint=USDC,
        virtual_token_reserves=900, virtual_sol_reserves=0, real_token_reserves=700,
        token_total_supply=1_000, virtual_quote_reserves=31_000,
    )  # fmt: skip
    launch = only(decode(scene.json()), Launch)

    assert ("N", "S", "u", str(Pubkey(USDC))) == (
        launch.name,
        launch.symbol,
        launch.uri,
        launch.quote_mint,
    )
    assert ((31_000, 900), 700, 1_000) == (launch.start_price, launch.for_sale, launch.supply)


def test_completion_and_migration() -> None:
    """A curve closes with a buy, and its liquidity goes to the pool that the event names."""
    scene = traded().emit(pump(), PUMP, "CompleteEvent")
    scene.call(data("migrate"), accounts(), program=PUMP)
    scene.emit(pump(), PUMP, "CompletePumpAmmMigrationEvent", mint_amount=7, sol_amount=9)
    decoded = decode(scene.json())
    migrate = only(decoded, Migrate)

    assert () == decoded.unreadable
    assert (7, 9) == (migrate.base_reserve, migrate.quote_reserve)
    assert "pump.fun" == only(decoded, Complete).protocol


def test_a_migration_in_another_quote_may_not_state_the_pool() -> None:
    """A quote amount of 0 is no reserve of 0: nothing is known of the pool."""
    scene = Scene().call(data("migrate_v2"), accounts(), program=PUMP)
    scene.emit(pump(), PUMP, "CompletePumpAmmMigrationEvent", mint_amount=7, sol_amount=0)
    migrate = only(decode(scene.json()), Migrate)

    assert migrate.base_reserve is migrate.quote_reserve is None


@pytest.mark.parametrize("instruction", ["buy", "sell_v2", "create", "create_v2", "migrate"])
def test_what_cannot_have_happened_without_its_event(instruction: str) -> None:
    """A node that keeps no inner instructions cannot tell what was done."""
    (part,) = decode(Scene().call(data(instruction), accounts(), program=PUMP).json()).unreadable

    assert f"{instruction} came without its event" == part.reason


def test_a_trade_by_an_unknown_instruction_is_unreadable() -> None:
    """Nobody can tell which of its accounts is the curve."""
    scene = Scene().call(b"newtrade", accounts(), program=PUMP)
    decoded = decode(scene.emit(pump(), PUMP, "TradeEvent", **stated()).json())

    assert () == decoded.events
    assert "TradeEvent came with instruction unknown:6e65777472616465" == (
        decoded.unreadable[0].reason
    )


def test_amounts_that_contradict_each_other_are_unreadable() -> None:
    """Fees above what was received, sums above 64 bits, a third direction: no trade."""
    for over in (
        {"is_buy": False, "fee": 2_000},
        {"sol_amount": U64, "fee": U64},
        {"is_buy": 2},
    ):
        decoded = decode(traded(**over).json())

        assert (1, ()) == (len(decoded.unreadable), decoded.events)


KNOWN = sorted(pump().events) if SHARED.exists() else []


@pytest.mark.parametrize("event", KNOWN)
def test_every_event_of_the_idl_has_its_name(event: str) -> None:
    """Those that change nothing we keep are Other by name; none is unknown."""
    scene = Scene().call(data("set_params"), accounts(), program=PUMP)
    decoded = decode(scene.emit(pump(), PUMP, event).json())
    kept = {"TradeEvent", "CreateEvent", "CompleteEvent", "CompletePumpAmmMigrationEvent"}

    assert event in kept or [event] == names(decoded)


@pytest.mark.parametrize("instruction", sorted(pump().instructions) if SHARED.exists() else [])
def test_every_instruction_of_the_idl_has_its_name(instruction: str) -> None:
    """One without an event is Other by name, or cannot have run without."""
    decoded = decode(Scene().call(data(instruction), accounts(), program=PUMP).json())
    said = names(decoded) or [part.reason.split()[0] for part in decoded.unreadable]

    assert [instruction] == said


@pytest.mark.parametrize(
    ("event", "instruction", "least"),
    [
        ("TradeEvent", "buy", 121),
        # Three texts of one letter, three addresses.
        ("CreateEvent", "create", 3 * 5 + 96),
        ("CompleteEvent", "buy", 104),
        ("CompletePumpAmmMigrationEvent", "migrate", 160),
    ],
)
def test_every_prefix_is_read_or_refused(event: str, instruction: str, least: int) -> None:
    """From the oldest known length on an event is read, however much of the newest there is."""
    values = {"name": "N", "symbol": "S", "uri": "u"} if event == "CreateEvent" else {}
    values |= stated() if event == "TradeEvent" else {}
    for cut in range(420):
        scene = Scene().call(data(instruction), accounts(), program=PUMP)
        decoded = decode(scene.emit(pump(), PUMP, event, cut=cut, **values).json())

        assert (cut >= least) == bool(decoded.events)
        assert all(not isinstance(e, Other) for _, _, e in decoded.events)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), quote=st.sampled_from([NATIVE, USDC]))
def test_what_the_idl_writes_is_what_is_read(seed: int, quote: bytes) -> None:
    """Round trip: made-up values, written by the IDL alone, come back in their fields."""
    rng = random.Random(seed)
    made = pump().made_up("TradeEvent", rng)
    small = {
        name: rng.randrange(2**50)
        for name in ("sol_amount", "fee", "creator_fee", "cashback", "holder_rewards")
    }
    made |= small | {"quote_mint": quote, "is_buy": True, "sol_amount": small["sol_amount"] + 1}
    trade = only(decode(traded(**made).json()), Trade)
    fee = sum(small.values()) - small["sol_amount"]

    assert (made["token_amount"], fee) == (trade.base_amount, trade.fee)
    assert made["sol_amount"] + fee == trade.quote_amount
    assert (made["real_token_reserves"], made["real_sol_reserves"]) == (
        trade.base_reserve,
        trade.quote_reserve,
    )
    assert (WSOL if quote == NATIVE else str(Pubkey(USDC))) == trade.quote_mint
    assert str(Pubkey(made["user"])) == trade.trader
