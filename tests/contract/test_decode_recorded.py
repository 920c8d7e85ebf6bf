"""Real transactions of mainnet, by signature: what is decoded equals what their balances did."""

import json
from collections import Counter
from typing import Any

import pytest

from domain.decode import decode
from schemas.chain_events import Balances, Launch, Migrate, Trade
from tests.shared import needs_shared, recorded

pytestmark = needs_shared

POOL_AUTHORITY = "FhVo3mqL8PW5pH5U2CN4XE33DokiyZnUwuGpH2hmHLuM"
WSOL = "So11111111111111111111111111111111111111112"

SWAPS = {
    "dbc/swap-4RQk1sUf": "through a router, so the instruction is an inner one; version 0",
    "dbc/swap-5gf6fduS": "the shape of an enhanced webhook; an outer instruction",
    "dbc/swap2-AXGXTRuQ": "a sell with a referral through another router; version 1",
}


def changes(name: str) -> dict[tuple[str, str], int]:
    """Return how much each owner's balance of each mint changed, as the file itself states."""
    file = json.loads(recorded(name))
    if "meta" not in file:
        stated = [c for a in file["accountData"] for c in a["tokenBalanceChanges"]]
        return Counter(
            {(c["userAccount"], c["mint"]): int(c["rawTokenAmount"]["tokenAmount"]) for c in stated}
        )
    after, before = (
        owned(file["meta"][side]) for side in ("postTokenBalances", "preTokenBalances")
    )
    after.subtract(before)
    return after


def owned(balances: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Return the sums of balances by owner and mint."""
    sums: Counter[tuple[str, str]] = Counter()
    for balance in balances:
        sums[balance["owner"], balance["mint"]] += int(balance["uiTokenAmount"]["amount"])
    return sums


def only(name: str, kind: type) -> Any:
    """Return the one event of a kind in a recorded transaction."""
    (event,) = [e for _, _, e in decode(recorded(name)).events if isinstance(e, kind)]
    return event


@pytest.mark.parametrize("name", SWAPS, ids=SWAPS.values())
def test_the_base_amount_of_a_trade_is_what_the_vault_and_the_trader_exchanged(name: str) -> None:
    """What leaves the vault reaches the trader, and the other way round; both as balances say."""
    trade, moved = only(name, Trade), changes(name)

    assert moved[POOL_AUTHORITY, trade.mint] == trade.base_change
    assert moved[trade.trader, trade.mint] == -trade.base_change
    assert trade.base_amount == abs(trade.base_change)


@pytest.mark.parametrize("name", ["dbc/swap-4RQk1sUf", "dbc/swap-5gf6fduS"])
def test_the_quote_amount_of_a_buy_is_what_the_vault_received(name: str) -> None:
    """A buyer's payment, fees included, goes to the quote vault."""
    trade = only(name, Trade)

    assert "buy" == trade.side
    assert changes(name)[POOL_AUTHORITY, WSOL] == trade.quote_amount


def test_the_quote_amount_of_a_sell_leaves_out_what_the_referral_received() -> None:
    """The vault pays seller and referral; the seller's part is the trade's amount."""
    trade, moved = only("dbc/swap2-AXGXTRuQ", Trade), changes("dbc/swap2-AXGXTRuQ")
    referral = 1_020_246  # EvtSwap2.referral_fee, read by its offset in the fact sheet.

    assert "sell" == trade.side
    assert moved[POOL_AUTHORITY, WSOL] == -(trade.quote_amount + referral)


def test_the_figures_of_a_sell_that_the_fact_sheet_states() -> None:
    """Offsets of EvtSwap2 give the published figures of swap2-AXGXTRuQ."""
    trade = only("dbc/swap2-AXGXTRuQ", Trade)

    assert 6_297_406_455_448 == trade.base_amount
    assert 824_699_561 == trade.quote_amount
    assert 213016001903116979 == trade.sqrt_price
    assert 20_404_938 + 4_080_988 + 1_020_246 == trade.fee
    assert (trade.quote_reserve, trade.threshold) == (35_873_837_759, 87_292_630_727)
    assert not trade.fee_in_base


@pytest.mark.parametrize(
    ("name", "path", "index"),
    [
        ("dbc/swap-4RQk1sUf", (4, 16), 508),
        ("dbc/swap-5gf6fduS", (6, 3), None),
        ("dbc/swap2-AXGXTRuQ", (2, 5), 7),
    ],
)
def test_a_trade_stands_at_the_path_of_the_event_that_states_it(
    name: str, path: tuple[int, int], index: int | None
) -> None:
    """The path is the EvtSwap2's; the index in the block is taken where the input says it."""
    decoded = decode(recorded(name))
    file = json.loads(recorded(name))

    assert decoded.events[0][:2] == path
    assert decoded.index == index
    assert (decoded.slot, decoded.time) == (
        file["slot"],
        file.get("blockTime", file.get("timestamp")),
    )


@pytest.mark.parametrize("name", ["dbc/init_pool-3tGnaX8D", "dbc/init_pool-5hsqkSAZ"])
def test_the_supply_of_a_launch_is_what_the_vault_received(name: str) -> None:
    """All that is minted goes into the vault, in RPC's shape and in a webhook's."""
    launch = only(name, Launch)

    assert changes(name)[POOL_AUTHORITY, launch.mint] == launch.supply


def test_believe_is_known_by_the_key_that_pays() -> None:
    """Believe's backend pays for the launch; its name and document are those of the file."""
    launch = only("dbc/init_pool-3tGnaX8D", Launch)
    document = json.loads(recorded(f"believe_metadata/{launch.mint}"))

    assert (launch.launchpad, launch.by_authority) == ("believe", True)
    assert "5qWya6UjwWnGVhdSBL3hyZ7B45jbk6Byt1hwd7ohEGXE" == launch.signer
    assert "GV74pg6zi1Hy19woBW9msKUqxxvw63A7SQ15tGj5wWJ4" == launch.mint
    assert launch.uri == document["ipfs_uri"]
    assert launch.name == document["ipfs_content"]["name"]
    assert launch.symbol == document["ipfs_content"]["symbol"]
    assert (launch.base_decimals, launch.quote_decimals) == (9, 9)


def test_another_platform_is_the_programs_own_launchpad() -> None:
    """Without a known key the launchpad is the program, and the signer is who paid."""
    launch = only("dbc/init_pool-5hsqkSAZ", Launch)

    assert (launch.launchpad, launch.by_authority) == ("meteora-dbc", False)
    assert launch.signer == launch.creator == "5awoNsCULYySQaxHsGYxd9Xm7cr3GjyTZj8FmU4zsVEf"


def test_a_migration_is_known_by_its_instruction() -> None:
    """DBC records no event of it; the pool and mint are those of the launch 5hsqkSAZ."""
    migrate, launch = (
        only("dbc/migration_damm_v2-4hhaf2y5", Migrate),
        only("dbc/init_pool-5hsqkSAZ", Launch),
    )
    after = json.loads(recorded("dammv2/swap-28uuEn15"))
    traded = [i for i in after["instructions"] if i["programId"].startswith("cpamd")]

    assert (migrate.mint, migrate.pool) == (launch.mint, launch.pool)
    assert migrate.new_pool in traded[0]["accounts"]
    assert "meteora-damm-v2" == migrate.venue


@pytest.mark.parametrize("name", ["dbc/swap-4RQk1sUf", "dbc/swap2-AXGXTRuQ"])
def test_balances_are_those_after_the_transaction_without_vaults(name: str) -> None:
    """An account that is only in the balances before counts 0; the vault is no holder."""
    balances, file = only(name, Balances), json.loads(recorded(name))
    sides = file["meta"]["preTokenBalances"], file["meta"]["postTokenBalances"]
    before, after = (owned([b for b in side if b["mint"] == balances.mint]) for side in sides)
    owners = {owner for owner, _ in (*before, *after)} - {POOL_AUTHORITY}

    assert {(o, after[o, balances.mint]) for o in owners} == {
        (held.owner, held.amount) for held in balances.accounts
    }


@pytest.mark.parametrize(
    "name",
    [
        "dammv2/swap-28uuEn15",
        "launchlab/initialize-buy_exact_in-mqSGNwKK",
        "pumpfun/buy-628Q5CDN",
        "pumpfun/create-buy-52ar89rg",
        "pumpfun/create_v2-buy-5EDHe12K",
        "pumpfun/sell-trjspFNZ",
        "pumpswap/deposit-63PQNtzD",
    ],
)
def test_every_shape_of_other_programs_is_read(name: str) -> None:
    """Versions legacy, 0 and missing; json, jsonParsed, base64, webhook; with a slot or without."""
    decoded, file = decode(recorded(name)), json.loads(recorded(name))
    bare = file.get("result", file)

    assert decoded.slot == bare.get("slot")
    assert () == decoded.unreadable
    assert len(decoded.signature) in {87, 88}
