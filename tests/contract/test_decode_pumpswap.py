"""PumpSwap on mainnet, by signature: what is decoded equals what the balances did."""

from fractions import Fraction
from typing import Any

import pytest

from domain import curve
from domain.decode import decode, parse_transaction
from domain.decode.pools import pump_swap_home
from schemas.chain_events import Migrate, Other, Trade
from tests.ledger import held, tokens
from tests.shared import needs_shared, recorded

pytestmark = needs_shared

WSOL = "So11111111111111111111111111111111111111112"
PUMP_SWAP = "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA"
TRADES = [
    "pumpswap/buy-2F7KM7K1",
    "pumpswap/buy-3tzUwy8J",
    "pumpswap/buy-4DHUWn3Z",
    "pumpswap/sell-3QvhUBMp",
    "pumpswap/sell-QgAiv9WC",
    "pumpfun/migrate-2ffHb9AX",
]
"""Entries of a block, and a buy in the transaction that made the pool."""


def only(name: str, kind: type) -> Any:
    """Return the one event of a kind in a recorded transaction."""
    (event,) = [e for _, _, e in decode(recorded(name)).events if isinstance(e, kind)]
    return event


def vaults(name: str) -> tuple[str, str]:
    """Return the pool's accounts of base and quote, as the instruction that swaps names them."""
    tx = parse_transaction(recorded(name))
    swap = next(
        one
        for one in reversed(tx.instructions)
        if one.program == PUMP_SWAP and len(one.raw_accounts) >= 19
    )
    return tx.named(swap.raw_accounts[7]), tx.named(swap.raw_accounts[8])


@pytest.mark.parametrize("name", TRADES)
def test_the_amounts_are_what_the_trader_got_and_gave(name: str) -> None:
    """A seller's quote arrives in an account; a buyer's comes as SOL, so the others' add up."""
    trade, moved = only(name, Trade), tokens(name)

    assert moved[trade.trader, trade.mint] == -trade.base_change
    if trade.side == "sell":
        assert moved[trade.trader, WSOL] == trade.quote_amount
        assert trade.quote_amount == -sum(
            n for (owner, mint), n in moved.items() if mint == WSOL and owner != trade.trader
        )
    elif "migrate" not in name:
        assert trade.quote_amount == sum(n for (_, mint), n in moved.items() if mint == WSOL)


@pytest.mark.parametrize("name", TRADES)
def test_reserves_are_what_the_vaults_hold_after_the_trade(name: str) -> None:
    """The event states them from before; providers' fees stay in the pool, the others' do not."""
    trade, (base, quote) = only(name, Trade), vaults(name)

    assert held(name, base, side="post") == trade.base_reserve
    assert held(name, quote, side="post") == trade.quote_reserve
    if "migrate" not in name:
        assert held(name, base, side="pre") == trade.base_reserve - trade.base_change


@pytest.mark.parametrize("name", TRADES)
def test_the_price_is_the_ratio_of_the_vaults(name: str) -> None:
    """Printed, it is that Fraction in whole tokens."""
    trade, (base, quote) = only(name, Trade), vaults(name)
    exact = Fraction(held(name, quote, side="post"), held(name, base, side="post")) / 1000
    text = curve.spot_price(trade.price, base_decimals=6, quote_decimals=9)

    assert abs(Fraction(text) / exact - 1) < Fraction(1, 10**20)


@pytest.mark.parametrize("name", [name for name in TRADES if "migrate" not in name])
def test_the_fee_is_what_is_not_swapped(name: str) -> None:
    """Thirty hundredths of a percent in three parts: two go to others, one stays in the pool."""
    trade, moved = only(name, Trade), tokens(name)
    others = sum(
        n for (owner, mint), n in moved.items()
        if mint == WSOL and owner not in {trade.trader, trade.pool}
    )  # fmt: skip
    parts = (20, 5, 5)
    gross = trade.quote_amount + (-trade.fee if trade.side == "buy" else trade.fee)

    assert trade.fee == sum(-(-gross * part // 10_000) for part in parts)
    assert others == sum(-(-gross * part // 10_000) for part in parts[1:])


@pytest.mark.parametrize("name", TRADES)
def test_the_pool_of_a_migration_is_the_tokens_own(name: str) -> None:
    """It has the one address that pump.fun alone can make; the migration names it."""
    trade, migrate = only(name, Trade), only("pumpfun/migrate-2ffHb9AX", Migrate)

    assert not trade.aside
    assert trade.pool == pump_swap_home(trade.mint, WSOL)
    if trade.mint == migrate.mint:
        assert trade.pool == migrate.new_pool


def test_a_deposit_is_no_trade() -> None:
    """Liquidity that comes or goes is Other, by name; nothing is said of the token."""
    (found,) = decode(recorded("pumpswap/deposit-63PQNtzD")).events

    assert Other(PUMP_SWAP, "pumpswap", "DepositEvent") == found.event
