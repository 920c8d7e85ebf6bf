"""PumpSwap's events in every length, base and quote either way round, pools of anybody's."""

import random
from fractions import Fraction
from typing import Any

import pytest

from domain.decode import decode
from domain.decode.partition import PartitionDecoder
from domain.decode.pools import pump_swap_home
from domain.decode.raw import RawDelivery
from schemas.chain_events import Balances, Trade
from tests.borsh import CPI_EVENT, IDL, Values, named_idl
from tests.shared import SHARED, needs_shared
from tests.unit.decode.scene import WSOL, Scene, fresh, names, only

pytestmark = needs_shared

PUMP_SWAP = "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
TOKEN, OTHER, ANN = (fresh(random.Random(seed)) for seed in (11, 12, 13))
SIDES = {"buy": "BuyEvent", "sell": "SellEvent"}


def amm() -> IDL:
    """Return PumpSwap's IDL."""
    return named_idl(SHARED / "idl", "pump_amm-1.20.0")


def data(instruction: str) -> bytes:
    """Return the beginning of an instruction's data; its arguments are never read."""
    return bytes(amm().instructions[instruction]["discriminator"])


def accounts(base: str, quote: str, pool: str | None = None) -> list[str]:
    """Return the accounts of a swap: pool 0, user 1, mints 3 and 4."""
    made = [fresh(random.Random(4)) for _ in range(19)]
    made[0], made[1], made[3], made[4] = pool or pump_swap_home(base, quote), ANN, base, quote
    return made


def stated(*, buy: bool) -> Values:
    """Return what a swap of 100 base for 1,000 quote states; fees of 4 in the pool, 3 beside."""
    pool = {
        "pool_base_token_reserves": 10_100 if buy else 9_900,
        "pool_quote_token_reserves": 101_000,
        "virtual_quote_reserves": 0, "cashback": 0, "lp_fee": 4,
    }  # fmt: skip
    if buy:
        return pool | {
            "base_amount_out": 100, "quote_amount_in": 1_000, "quote_amount_in_with_lp_fee": 1_004,
            "user_quote_amount_in": 1_007,
        }  # fmt: skip
    return pool | {
        "base_amount_in": 100, "quote_amount_out": 1_000, "quote_amount_out_without_lp_fee": 996,
        "user_quote_amount_out": 993,
    }  # fmt: skip


def swapped(
    side: str, *mints: str, pool: str | None = None, cut: int | None = None, **over: Any
) -> Scene:
    """Return a transaction with one swap."""
    scene = Scene().call(data(side), accounts(*mints, pool), program=PUMP_SWAP)
    values = stated(buy=side == "buy") | over
    return scene.emit(amm(), PUMP_SWAP, SIDES[side], cut=cut, **values)


@pytest.mark.parametrize(
    ("side", "quote", "reserves"),
    [("buy", 1_007, (10_000, 102_004)), ("sell", 993, (10_000, 100_004))],
)
@pytest.mark.parametrize("cut", [None, 352])
def test_a_swap_of_the_token(
    side: str, quote: int, reserves: tuple[int, int], cut: int | None
) -> None:
    """With all fees for the trader; reserves after it, with the fee that stays."""
    trade = only(decode(swapped(side, TOKEN, WSOL, cut=cut).json()), Trade)

    assert (TOKEN, WSOL, ANN, side) == (trade.mint, trade.quote_mint, trade.trader, trade.side)
    assert (100, quote, 7, False) == (
        trade.base_amount,
        trade.quote_amount,
        trade.fee,
        trade.fee_in_base,
    )
    assert reserves == (trade.base_reserve, trade.quote_reserve)
    assert Fraction(*trade.price) == Fraction(*reversed(reserves))
    assert not trade.aside


@pytest.mark.parametrize(("side", "base", "quote"), [("sell", 1_007, 100), ("buy", 993, 100)])
def test_a_pool_whose_base_is_sol(side: str, base: int, quote: int) -> None:
    """What the pool calls a buy is a sell of the token, whose units the fee is in too."""
    called = {"sell": "buy", "buy": "sell"}[side]
    trade = only(decode(swapped(called, WSOL, TOKEN).json()), Trade)

    assert (TOKEN, WSOL, side) == (trade.mint, trade.quote_mint, trade.side)
    assert (base, quote, True) == (trade.base_amount, trade.quote_amount, trade.fee_in_base)
    assert (7, 10_000) == (trade.fee, trade.quote_reserve)
    assert Fraction(*trade.price) == Fraction(trade.quote_reserve, trade.base_reserve)
    assert trade.aside


def test_a_pool_that_anybody_made_is_aside() -> None:
    """It is a trade, but not the token's: nothing is said of who holds what."""
    scene = swapped("buy", TOKEN, WSOL, pool=OTHER).balance(OTHER, TOKEN, ANN, before=1, after=2)
    own = swapped("buy", TOKEN, WSOL).balance(OTHER, TOKEN, ANN, before=1, after=2)
    decoded = decode(scene.json())

    assert only(decoded, Trade).aside
    assert [Trade] == [type(event) for _, _, event in decoded.events]
    assert 2 == only(decode(own.json()), Balances).accounts[0].amount


@pytest.mark.parametrize(("pool", "trades"), [(None, 1), (OTHER, 0)])
def test_a_trade_aside_does_not_reach_the_token(pool: str | None, trades: int) -> None:
    """The decoder of a partition applies the transaction and emits nothing of it."""
    value = swapped("buy", TOKEN, WSOL, pool=pool).json()
    key = decode(value).signature.encode()
    decoder = PartitionDecoder({}, {}, partition=0, epoch=1, retention_s=3_600)
    chunk = decoder.take([RawDelivery(0, key, value, [("bt_kind", b"confirmed")])])

    assert [Trade] * trades == [type(event.event) for _, event in chunk.events]
    assert (1, trades) == (chunk.progress.counts.applied, chunk.progress.counts.trades)


def test_what_no_idl_has_is_counted_by_protocol() -> None:
    """A program was upgraded: its new instructions and events are Other, and show."""
    scene = Scene().call(b"newswap!", accounts(TOKEN, WSOL), program=PUMP_SWAP)
    scene.inside(CPI_EVENT + b"newevent" + bytes(9), [ANN], program=PUMP_SWAP)
    value = scene.call(b"another!", [], program=PUMP_SWAP).json()
    key = decode(value).signature.encode()
    decoder = PartitionDecoder({}, {}, partition=0, epoch=1, retention_s=3_600)
    chunk = decoder.take([RawDelivery(0, key, value, [("bt_kind", b"confirmed")])])

    assert {"pumpswap": 2} == chunk.unknown
    assert ["unknown:6e65776576656e74", "unknown:616e6f7468657221"] == names(decode(value))


def test_two_quote_tokens_are_no_launched_token() -> None:
    """SOL against dollars is Other."""
    decoded = decode(swapped("buy", WSOL, USDC).json())

    assert ["BuyEvent"] == names(decoded)


def test_a_boosted_pool_shows_by_its_amounts_that_it_pretends() -> None:
    """Virtual reserves count where real and virtual together give the amounts of this swap."""
    # (900 + 100) x 100 / (10,100 - 100) = 10 for 100 base, where 900 alone would give 9.
    over = {
        "quote_amount_in": 10, "quote_amount_in_with_lp_fee": 10, "user_quote_amount_in": 10,
        "pool_quote_token_reserves": 900, "lp_fee": 0,
    }  # fmt: skip
    boosted = only(
        decode(swapped("buy", TOKEN, WSOL, virtual_quote_reserves=100, **over).json()), Trade
    )
    strange = only(
        decode(swapped("buy", TOKEN, WSOL, virtual_quote_reserves=900, **over).json()), Trade
    )

    assert ((1_010, 10_000), 910) == (boosted.price, boosted.quote_reserve)
    assert strange.price is None


@pytest.mark.parametrize("instruction", ["buy", "buy_exact_quote_in", "sell"])
def test_a_swap_without_its_event(instruction: str) -> None:
    """A node that keeps no inner instructions cannot tell what was traded."""
    scene = Scene().call(data(instruction), accounts(TOKEN, WSOL), program=PUMP_SWAP)
    (part,) = decode(scene.json()).unreadable

    assert f"{instruction} came without its event" == part.reason


@pytest.mark.parametrize(
    "over", [{"base_amount_out": 10_101}, {"user_quote_amount_in": 999}], ids=["empty", "fee"]
)
def test_amounts_that_contradict_each_other(over: Any) -> None:
    """More than the pool held, or a negative fee: nobody can count that."""
    decoded = decode(swapped("buy", TOKEN, WSOL, **over).json())

    assert (1, ()) == (len(decoded.unreadable), decoded.events)


@pytest.mark.parametrize("event", sorted(amm().events) if SHARED.exists() else [])
def test_every_event_of_the_idl_has_its_name(event: str) -> None:
    """Those that are no trade are Other by name; none is unknown."""
    scene = Scene().call(data("disable"), accounts(TOKEN, WSOL), program=PUMP_SWAP)
    decoded = decode(scene.emit(amm(), PUMP_SWAP, event).json())

    assert event in {"BuyEvent", "SellEvent"} or [event] == names(decoded)


@pytest.mark.parametrize("instruction", sorted(amm().instructions) if SHARED.exists() else [])
def test_every_instruction_of_the_idl_has_its_name(instruction: str) -> None:
    """One without an event is Other by name, or cannot have run without."""
    scene = Scene().call(data(instruction), accounts(TOKEN, WSOL), program=PUMP_SWAP)
    decoded = decode(scene.json())
    said = names(decoded) or [part.reason.split()[0] for part in decoded.unreadable]

    assert [instruction] == said


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_every_prefix_is_read_or_refused(side: str) -> None:
    """From the user's amount on an event is read, however much of the newest there is."""
    for cut in range(480):
        decoded = decode(swapped(side, TOKEN, WSOL, cut=cut).json())

        assert (cut >= 112) == bool(decoded.events) == (not decoded.unreadable)
        assert all(isinstance(e, Trade) for _, _, e in decoded.events)
