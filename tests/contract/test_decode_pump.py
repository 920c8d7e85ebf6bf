"""pump.fun on mainnet, by signature: what is decoded equals what the balances did."""

import json
from fractions import Fraction

import pytest

from domain import curve
from domain.decode import decode, parse_transaction
from schemas.chain_events import Balances, Launch, Migrate, Other, Trade
from schemas.place import OUTER
from tests.ledger import held, lamports, rent, tokens
from tests.shared import needs_shared, recorded

pytestmark = needs_shared

PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
WSOL = "So11111111111111111111111111111111111111112"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
TOKEN, TOKEN_2022, MINT, CURVE_2024, CURVE_2026 = 165, 170, 82, 49, 115

SOL_TRADES = {
    # The bytes of the accounts made on the way, whose rent the trader pays beside the trade.
    "pumpfun/buy-4U8kypMu": [TOKEN],
    "pumpfun/buy-628Q5CDN": [],
    "pumpfun/create-buy-2s393PSY": [TOKEN, TOKEN, MINT, CURVE_2024],
    "pumpfun/create-buy-52ar89rg": [TOKEN, TOKEN, MINT, CURVE_2024],
    # A mint with its metadata, a creator's vault, a trader's volume.
    "pumpfun/create_v2-buy-5EDHe12K": [TOKEN_2022, TOKEN_2022, 410, CURVE_2026, 0, 137],
    "pumpfun/create_v2-extend_account-buy_exact_sol_in-2RoRJxat": [TOKEN_2022] * 2 + [399, 151],
    "pumpfun/sell-3bYXWjjN": [],
    "pumpfun/sell-trjspFNZ": [],
}
"""121 bytes, inside a router's instruction with a lookup table, launches old and new, a cashback,
217 bytes without a version."""
TRADES = [*SOL_TRADES, "pumpfun/buy_v2-2m5nWLnD"]
LAUNCHES = [name for name in SOL_TRADES if "create" in name]


def trades(name: str) -> list[Trade]:
    """Return the trades of a recorded transaction, in order."""
    return [e for _, _, e in decode(recorded(name)).events if isinstance(e, Trade)]


def only(name: str, kind: type) -> object:
    """Return the one event of a kind."""
    (event,) = [e for _, _, e in decode(recorded(name)).events if isinstance(e, kind)]
    return event


def involved(name: str, trade: Trade) -> set[str]:
    """Return the accounts of the instruction that traded, without the trader."""
    tx = parse_transaction(recorded(name))
    every = [
        {tx.named(account) for account in one.raw_accounts}
        for one in tx.instructions
        if one.program == trade.program
    ]
    (accounts,) = [a for a in every if {trade.pool, trade.trader} <= a and len(a) < 20][-1:]
    return accounts - {trade.trader}


@pytest.mark.parametrize("name", TRADES)
def test_an_event_that_comes_twice_is_one_trade(name: str) -> None:
    """Log and instruction state the same; nothing is left over, and nothing unreadable."""
    decoded = decode(recorded(name))

    assert 1 == len(trades(name))
    assert () == decoded.unreadable


@pytest.mark.parametrize("name", TRADES)
def test_the_log_is_read_where_a_node_kept_no_inner_instructions(name: str) -> None:
    """It states the same trade, at the path of the instruction; what a router did is not there."""
    file = json.loads(recorded(name))
    bare = file.get("result", file)
    bare["meta"]["innerInstructions"] = None
    decoded = decode(json.dumps(bare).encode())
    by_log = [event for _, _, event in decoded.events if isinstance(event, Trade)]
    is_outer = any(
        one.program == PUMP and one.inner == OUTER
        for one in parse_transaction(recorded(name)).instructions
    )

    assert by_log == (trades(name) if is_outer else [])


@pytest.mark.parametrize("name", TRADES)
def test_the_base_amount_is_what_the_trader_got_or_gave(name: str) -> None:
    """The trader's tokens change by it, and the curve's unless they were minted just before."""
    (trade,), moved = trades(name), tokens(name)
    minted = only(name, Launch).supply if name in LAUNCHES else 0

    assert moved[trade.trader, trade.mint] == -trade.base_change
    assert moved[trade.pool, trade.mint] - minted == trade.base_change
    assert trade.base_amount == abs(trade.base_change)


@pytest.mark.parametrize(("name", "made"), SOL_TRADES.items(), ids=SOL_TRADES)
def test_the_quote_amount_is_what_the_accounts_of_the_trade_received(
    name: str, made: list[int]
) -> None:
    """Curve, fees and cashback together receive what a buyer pays, or pay what a seller gets."""
    (trade,), moved = trades(name), lamports(name)
    received = sum(moved[account] for account in involved(name, trade)) - sum(map(rent, made))

    assert received == (trade.quote_amount if trade.side == "buy" else -trade.quote_amount)


@pytest.mark.parametrize(("name", "made"), SOL_TRADES.items(), ids=SOL_TRADES)
def test_the_fee_is_what_does_not_reach_the_curve(name: str, made: list[int]) -> None:
    """The curve's lamports change by the amount without fees; a new curve holds its rent too."""
    (trade,) = trades(name)
    own = rent(next(size for size in made if size in {49, 115, 151})) if name in LAUNCHES else 0
    paid = (
        trade.quote_amount - trade.fee if trade.side == "buy" else -trade.quote_amount - trade.fee
    )

    assert lamports(name)[trade.pool] - own == paid


def test_four_buys_in_one_transaction_are_four_traders() -> None:
    """Each wallet pays its own buy and the rent of its account; the first the network's fee too."""
    name = "pumpfun/buy-JBnrBbgq"
    moved, network = lamports(name), iter((20_000, 0, 0, 0))
    owned = tokens(name)

    assert [moved[t.trader] for t in trades(name)] == [
        -(t.quote_amount + rent(TOKEN) + next(network)) for t in trades(name)
    ]
    assert [owned[t.trader, t.mint] for t in trades(name)] == [t.base_amount for t in trades(name)]
    assert 4 == len({t.trader for t in trades(name)})


def test_a_coin_in_dollars() -> None:
    """The fields for SOL are 0; those of the quote token count, with its decimals."""
    name = "pumpfun/buy_v2-2m5nWLnD"
    (trade,), moved = trades(name), tokens(name)

    assert (USDC, 6) == (trade.quote_mint, trade.quote_decimals)
    assert moved[trade.trader, USDC] == -trade.quote_amount == -3_517_192
    assert moved[trade.pool, USDC] == trade.quote_amount - trade.fee
    # A Fraction of the virtual reserves that the fact sheet's offsets give, in dollars per token.
    assert Fraction(*trade.price) == Fraction(9_798_461_752, 1_067_677_499_811_569)
    assert (25_148_140, 787_777_499_811_569) == (trade.quote_reserve, trade.base_reserve)


@pytest.mark.parametrize("name", [name for name in SOL_TRADES if name not in LAUNCHES])
def test_the_price_is_that_of_the_constant_product(name: str) -> None:
    """The product of the virtual reserves is the standard one, whatever has been traded."""
    (trade,) = trades(name)
    quote, base = trade.price
    standard = 30_000_000_000 * 1_073_000_000_000_000
    exact = Fraction(quote, base) * Fraction(10) ** (6 - 9)
    text = curve.spot_price(trade.price, base_decimals=6, quote_decimals=9)

    assert abs(Fraction(quote * base, standard) - 1) < Fraction(1, 10**6)
    assert abs(Fraction(text) / exact - 1) < Fraction(1, 10**20)
    # What the curve collected, in excess of the thirty that are only virtual.
    assert trade.quote_reserve == quote - 30_000_000_000


@pytest.mark.parametrize("name", LAUNCHES)
def test_a_launch_begins_where_its_first_trade_began(name: str) -> None:
    """The start price is the reserves before the first buy; older launches do not state it."""
    launch, (trade,) = only(name, Launch), trades(name)
    quote, base = trade.price
    before = quote - (trade.quote_amount - trade.fee), base + trade.base_amount

    assert launch.start_price == before
    assert launch.for_sale == trade.base_reserve + trade.base_amount
    assert (launch.pool, launch.mint, launch.quote_mint) == (trade.pool, trade.mint, WSOL)
    assert launch.signer == trade.trader


@pytest.mark.parametrize("name", LAUNCHES)
def test_the_supply_of_a_launch_is_what_all_accounts_hold_after_it(name: str) -> None:
    """Everything minted is with the curve or the first buyer."""
    launch, moved = only(name, Launch), tokens(name)

    assert launch.supply == sum(n for (_, mint), n in moved.items() if mint == launch.mint)
    assert (6, 9, "pump.fun") == (launch.base_decimals, launch.quote_decimals, launch.launchpad)


def test_a_migration_names_the_pool_and_what_it_holds() -> None:
    """The pool's vaults receive what the event states; a first buyer trades there at once."""
    name = "pumpfun/migrate-2ffHb9AX"
    migrate = only(name, Migrate)
    tx = parse_transaction(recorded(name))
    bought = next(one for one in tx.instructions if one.outer == 3 and one.program[:4] == "pAMM")
    base_vault = tx.named(bought.raw_accounts[7])
    buyer = tx.named(bought.raw_accounts[1])
    got = tokens(name)[buyer, migrate.mint]

    assert tx.named(bought.raw_accounts[0]) == migrate.new_pool
    assert migrate.base_reserve == held(name, base_vault, side="post") + got
    assert (206_900_000_000_001, 84_990_359_420) == (migrate.base_reserve, migrate.quote_reserve)
    assert "pumpswap" == migrate.venue


@pytest.mark.parametrize("name", [*TRADES, "pumpfun/migrate-2ffHb9AX"])
def test_curves_and_pools_hold_nothing_as_holders_do(name: str) -> None:
    """A coin's vault belongs to its own curve or pool, which is nobody."""
    decoded = decode(recorded(name))
    (balances,) = [e for _, _, e in decoded.events if isinstance(e, Balances)]
    pools = {getattr(e, name, None) for _, _, e in decoded.events for name in ("pool", "new_pool")}

    assert balances.accounts
    assert not pools & {balance.owner for balance in balances.accounts}


def test_events_that_change_nothing_are_named() -> None:
    """An account that was extended between launch and trade is an Other."""
    name = "pumpfun/create_v2-extend_account-buy_exact_sol_in-2RoRJxat"

    assert "ExtendAccountEvent" == only(name, Other).name


def test_an_entry_of_a_block_takes_its_time_from_the_event() -> None:
    """It has neither slot nor time of its own."""
    decoded = decode(recorded("pumpfun/create_v2-buy-5EDHe12K"))

    assert (None, 1_785_328_607) == (decoded.slot, decoded.time)
