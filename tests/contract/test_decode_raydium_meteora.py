"""LaunchLab and DAMM v2 on mainnet, by signature: what is decoded equals what balances did."""

import json
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from domain import curve
from domain.decode import decode, parse_transaction
from domain.decode.pools import damm_homes
from schemas.chain_events import Launch, Migrate, Trade
from tests.ledger import held, tokens
from tests.shared import needs_shared, recorded

pytestmark = needs_shared

WSOL = "So11111111111111111111111111111111111111112"
VAULTS = "WLHv2UAZm6z4KyaaELi5pjdbJh6RESMva1Rnn8pJVVh"
LAUNCH = "launchlab/initialize-buy_exact_in-mqSGNwKK"
SWAP = "dammv2/swap-28uuEn15"


def only(name: str, kind: type) -> Any:
    """Return the one event of a kind in a recorded transaction."""
    (event,) = [e for _, _, e in decode(recorded(name)).events if isinstance(e, kind)]
    return event


def test_the_amounts_of_a_buy_are_what_vaults_and_trader_exchanged() -> None:
    """What is paid, fees included, lies in the quote vault; what is got left the base vault."""
    trade, launch, moved = only(LAUNCH, Trade), only(LAUNCH, Launch), tokens(LAUNCH)

    assert moved[trade.trader, trade.mint] == trade.base_amount == -trade.base_change
    assert moved[VAULTS, trade.mint] - launch.supply == trade.base_change
    assert moved[VAULTS, WSOL] == trade.quote_amount
    assert trade.quote_reserve == trade.quote_amount - trade.fee
    assert (2_500_000 + 7_500_000, "buy") == (trade.fee, trade.side)


def test_the_launch_states_what_the_vault_received() -> None:
    """All is minted into the vault; eight tenths are for sale, for thirty SOL."""
    trade, launch = only(LAUNCH, Trade), only(LAUNCH, Launch)
    tx = parse_transaction(recorded(LAUNCH))
    vault = next(
        tx.named(one.raw_accounts[8]) for one in tx.instructions if one.outer == 2 and one.inner < 0
    )

    assert launch.supply == held(LAUNCH, vault, side="post") + trade.base_amount == 10**15
    assert (launch.for_sale, launch.threshold) == (8 * 10**14, 30 * 10**9)
    assert trade.base_reserve == launch.for_sale - trade.base_amount
    assert (6, 9, "raydium-launchlab") == (
        launch.base_decimals,
        launch.quote_decimals,
        launch.launchpad,
    )
    assert (launch.pool, launch.mint, launch.config) == (trade.pool, trade.mint, trade.config)


def test_the_price_is_that_of_the_product() -> None:
    """The curve begins where its end meets the pool: 30 SOL for a fifth of all that was minted."""
    trade, launch = only(LAUNCH, Trade), only(LAUNCH, Launch)
    sell, raised, rest = launch.for_sale, launch.threshold, launch.supply - launch.for_sale
    # Both from (quote + raised) / (base - sell) = raised / rest and quote x base unchanged.
    base, quote = sell * sell // (sell - rest), raised * rest // (sell - rest)
    net = trade.quote_amount - trade.fee

    assert launch.start_price == (quote, base)
    assert trade.price == (quote + net, base - base * net // (quote + net))
    exact = Fraction(*trade.price) / 1000
    text = curve.spot_price(trade.price, base_decimals=6, quote_decimals=9)
    assert abs(Fraction(text) / exact - 1) < Fraction(1, 10**20)


def changes() -> Counter[tuple[str, str]]:
    """Return the changes of balances that the webhook of the swap states."""
    stated = [
        c for a in json.loads(recorded(SWAP))["accountData"] for c in a["tokenBalanceChanges"]
    ]
    return Counter(
        {(c["userAccount"], c["mint"]): int(c["rawTokenAmount"]["tokenAmount"]) for c in stated}
    )


def test_two_events_of_a_pool_are_one_trade() -> None:
    """Its amounts are what pool and trader exchanged, its price the event's square root."""
    trade, moved = only(SWAP, Trade), changes()
    authority = "HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC"

    assert moved[trade.trader, trade.mint] == trade.base_amount
    assert moved[authority, trade.mint] == trade.base_change
    assert moved[authority, WSOL] == trade.quote_amount
    # Two hundredths, in the quote token, as migrated pools of this configuration have it.
    assert (trade.quote_amount // 50, False) == (trade.fee, trade.fee_in_base)


def test_the_price_of_a_pool_agrees_with_its_reserves() -> None:
    """Nearly all liquidity lies over the whole range: the root's square is quote over base."""
    trade = only(SWAP, Trade)
    price = Fraction(*curve.price_of(trade.price, trade.sqrt_price))

    assert abs(price / Fraction(trade.quote_reserve, trade.base_reserve) - 1) < Fraction(1, 10**3)


@pytest.mark.parametrize("name", ["dbc/migration_damm_v2-4hhaf2y5"])
def test_the_pool_of_a_migration_is_the_tokens_own(name: str) -> None:
    """It is derived from one of the configurations that DBC migrates to."""
    trade, migrate = only(SWAP, Trade), only(name, Migrate)

    assert (trade.mint, trade.pool) == (migrate.mint, migrate.new_pool)
    assert migrate.new_pool in damm_homes(trade.mint, WSOL)
    assert not trade.aside
