"""LaunchLab's events: two layouts by length, platforms, completion, migration."""

import random
from typing import Any

import pytest

from domain.decode import decode
from schemas.chain_events import Complete, Launch, Migrate, Trade
from tests.borsh import IDL, Values, named_idl
from tests.shared import SHARED, needs_shared
from tests.unit.decode.scene import Scene, fresh, names, only

pytestmark = needs_shared

LAB = "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj"
LETSBONK = "FfYek5vEz23cMkWsdJwG2oa6EphsvXSHrGpdALN4g6W1"
BUYS, SELLS = ("buy_exact_in", "buy_exact_out"), ("sell_exact_in", "sell_exact_out")


def lab() -> IDL:
    """Return LaunchLab's IDL."""
    return named_idl(SHARED / "idl", "raydium_launchpad-0.2.0")


def data(instruction: str) -> bytes:
    """Return the beginning of an instruction's data; its arguments are never read."""
    return bytes(lab().instructions[instruction]["discriminator"])


def accounts(platform: str | None = None) -> list[str]:
    """Return accounts for any instruction; an initialize has the platform's at 3."""
    rng = random.Random(8)
    made = [fresh(rng) for _ in range(32)]
    made[3] = platform or made[3]
    return made


def stated(*, buy: bool = True, status: int = 0, **over: int) -> Values:
    """Return what a trade of 91 states, with a fee of ten.

    The virtual reserves are 10,000 and 1,100; ten were sold for 900. Then floor(1,090 x 1,000 /
    11,900) = 91 are bought for 1,000, or sold again for floor(11,900 x 91 / 1,090) = 993.
    """
    first, last = ((10, 900), (101, 1_900)) if buy else ((101, 1_900), (10, 907))
    usual = {
        "total_base_sell": 800, "virtual_base": 1_100, "virtual_quote": 10_000,
        "real_base_before": first[0], "real_quote_before": first[1],
        "real_base_after": last[0], "real_quote_after": last[1],
        "amount_in": 1_010 if buy else 91, "amount_out": 91 if buy else 983,
        "protocol_fee": 3, "platform_fee": 4, "creator_fee": 1, "share_fee": 2,
        "trade_direction": (0 if buy else 1, {}), "pool_status": (status, {}), "exact_in": True,
    }  # fmt: skip
    return usual | over


def old(values: Values, rng: random.Random) -> bytes:
    """Return the data of an event of June 2025, which had no creator's fee and no last flag."""
    newest = lab().event("TradeEvent", lab().made_up("TradeEvent", rng) | values)
    start = 16 + 120
    return newest[:start] + newest[start + 8 : -1]


def traded(instruction: str, **over: Any) -> Scene:
    """Return a transaction with one trade of the newest layout."""
    scene = Scene().call(data(instruction), accounts(), program=LAB)
    return scene.emit(lab(), LAB, "TradeEvent", **stated(buy=instruction in BUYS) | over)


@pytest.mark.parametrize("instruction", [*BUYS, *SELLS])
def test_both_layouts_are_one_trade(instruction: str) -> None:
    """They differ in the middle: only the newer has a creator's fee."""
    values = stated(buy=instruction in BUYS)
    scene = Scene().call(data(instruction), accounts(), program=LAB)
    scene.inside(old(values, scene.rng), [LAB], program=LAB)
    before = only(decode(scene.json()), Trade)
    after = only(decode(traded(instruction).json()), Trade)

    assert (9, 10) == (before.fee, after.fee)
    for trade in (before, after):
        expected = ("buy", 1_010, (11_900, 999), 699) if instruction in BUYS else (
            "sell", 983, (10_907, 1_090), 790,
        )  # fmt: skip
        assert expected == (trade.side, trade.quote_amount, trade.price, trade.base_reserve)
        assert 91 == trade.base_amount == abs(trade.base_change)
        assert (accounts()[9], accounts()[10], accounts()[4], accounts()[0]) == (
            trade.mint,
            trade.quote_mint,
            trade.pool,
            trade.trader,
        )


def test_curves_of_other_kinds_have_no_price_that_we_can_tell() -> None:
    """A trade that does not keep the product is of another curve; its amounts are as stated."""
    over = {"real_quote_after": 905}
    trade = only(decode(traded("buy_exact_in", **over).json()), Trade)

    assert (None, 905, 1_010) == (trade.price, trade.quote_reserve, trade.quote_amount)


def test_a_trade_after_which_the_pool_waits_completes_the_curve() -> None:
    """There is no event of its own for that."""
    decoded = decode(traded("buy_exact_in", pool_status=(1, {})).json())
    complete = only(decoded, Complete)

    assert (699, 1_900) == (complete.base_reserve, complete.quote_reserve)
    assert only(decoded, Trade).mint == complete.mint


@pytest.mark.parametrize("platform", [LETSBONK, None])
@pytest.mark.parametrize("kind", [0, 1, 2], ids=["constant", "fixed", "linear"])
@pytest.mark.parametrize(
    "instruction", ["initialize", "initialize_v2", "initialize_with_token_2022"]
)
def test_launches_by_platform_and_curve(instruction: str, kind: int, platform: str | None) -> None:
    """The platform's configuration names the launchpad; only a product states what is for sale."""
    used = accounts(platform)
    scene = Scene().call(data(instruction), used, program=LAB)
    curve = {"supply": 1_000, "total_base_sell": 800, "total_quote_fund_raising": 30}
    scene.emit(
        lab(), LAB, "PoolCreateEvent",
        base_mint_param={"decimals": 6, "name": "N", "symbol": "S", "uri": "u"},
        curve_param=(kind, {"data": curve | {"migrate_type": 1}}),
    )  # fmt: skip
    launch = only(decode(scene.json()), Launch)

    assert ("letsbonk" if platform else "raydium-launchlab") == launch.launchpad
    assert (1_000, 30, None if kind else 800, None) == (
        launch.supply,
        launch.threshold,
        launch.for_sale,
        launch.start_price,
    )
    assert ("N", "S", "u", 6) == (launch.name, launch.symbol, launch.uri, launch.base_decimals)
    assert (used[6], used[7], used[5], used[1], used[0]) == (
        launch.mint,
        launch.quote_mint,
        launch.pool,
        launch.creator,
        launch.signer,
    )


@pytest.mark.parametrize(
    ("instruction", "places", "venue"),
    [
        ("migrate_to_amm", ("pool_state", "amm_pool", "amm_base_vault", "amm_quote_vault"), "amm"),
        (
            "migrate_to_cpswap",
            ("pool_state", "cpswap_pool", "cpswap_base_vault", "cpswap_quote_vault"),
            "cpmm",
        ),
    ],
)
def test_a_migration_has_what_the_new_vaults_hold(
    instruction: str, places: tuple[str, ...], venue: str
) -> None:
    """The IDL names the accounts; the balances after the transaction are the pool's reserves."""
    known = [each["name"] for each in lab().instructions[instruction]["accounts"]]
    used = accounts()
    pool, new_pool, base, quote = (used[known.index(place)] for place in places)
    scene = Scene().call(data(instruction), used, program=LAB)
    scene.balance(base, used[1], used[0], before=None, after=70)
    scene.balance(quote, used[2], used[0], before=None, after=30)
    migrate = only(decode(scene.json()), Migrate)

    assert (pool, new_pool, 70, 30) == (
        migrate.pool,
        migrate.new_pool,
        migrate.base_reserve,
        migrate.quote_reserve,
    )
    assert (used[1], f"raydium-{venue}") == (migrate.mint, migrate.venue)


@pytest.mark.parametrize("instruction", sorted(lab().instructions) if SHARED.exists() else [])
def test_every_instruction_of_the_idl_has_its_name(instruction: str) -> None:
    """One without an event is Other by name, a migration, or cannot have run without."""
    decoded = decode(Scene().call(data(instruction), accounts(), program=LAB).json())
    said = names(decoded) or [part.reason.split()[0] for part in decoded.unreadable]

    assert instruction.startswith("migrate_") or [instruction] == said


@pytest.mark.parametrize("event", sorted(lab().events) if SHARED.exists() else [])
def test_every_event_of_the_idl_has_its_name(event: str) -> None:
    """Those that change nothing we keep are Other by name; the others belong to instructions."""
    scene = Scene().call(data("collect_fee"), accounts(), program=LAB)
    decoded = decode(scene.emit(lab(), LAB, event).json())
    said = names(decoded) or [part.reason.split()[0] for part in decoded.unreadable]

    assert [event] == said


def test_every_prefix_is_read_or_refused() -> None:
    """A trade has one of two lengths, or more than the newer; a launch what its curve needs."""
    for cut in range(300):
        decoded = decode(traded("buy_exact_in", cut=cut).json())

        # Of 130 bytes the newest layout has its direction where the older has the last fee.
        assert cut >= 139 or 130 == cut or not decoded.events
        assert cut < 139 or only(decoded, Trade)
    for cut in range(300):
        scene = Scene().call(data("initialize"), accounts(), program=LAB)
        scene.emit(
            lab(), LAB, "PoolCreateEvent", cut=cut,
            base_mint_param={"decimals": 6, "name": "N", "symbol": "S", "uri": "u"},
        )  # fmt: skip
        decoded = decode(scene.json())

        assert 1 == len(decoded.unreadable) + len(decoded.events)
        assert cut < 96 + 1 + 15 + 25 or only(decoded, Launch)
