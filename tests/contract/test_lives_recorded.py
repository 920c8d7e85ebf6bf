"""Whole lives of recorded tokens: curve, migration, pool, folded in every order, against vaults."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from domain.decode import decode
from schemas.chain_events import Migrate, Other, Trade
from schemas.event import Event, OnChain, Op
from schemas.place import Place, RawPosition
from tests.ledger import owned
from tests.shared import needs_shared, recorded
from tests.unit.fold.store import Store

pytestmark = needs_shared

WSOL = "So11111111111111111111111111111111111111112"
PUMP = (
    "pumpfun/migrate-2ffHb9AX",
    "pumpswap/buy-2F7KM7K1",
    "pumpswap/buy-4DHUWn3Z",
    "pumpswap/buy-3tzUwy8J",
)
"""One token's migration with the first buy, and three buys of a later block, in chain order: what
the pool holds before each is less than after the one before it."""
DBC = (
    "dbc/init_pool-5hsqkSAZ",
    "dbc/swap-5gf6fduS",
    "dbc/migration_damm_v2-4hhaf2y5",
    "dammv2/swap-28uuEn15",
)
"""One token from its launch to a buy in the pool where its curve went."""


def told(names: Sequence[str], order: Sequence[int]) -> list[Event]:
    """Return the events of recorded transactions, told in *order*, each by its own partition."""
    events: list[Event] = []
    for number in order:
        decoded = decode(recorded(names[number]))
        kept = [found for found in decoded.events if not isinstance(found.event, Other)]
        for ordinal, (outer, inner, event) in enumerate(kept):
            place = Place(1_000 + number, 0, outer, inner, decoded.signature)
            raw = RawPosition(number, 1, 0, ordinal)
            events.append(OnChain(Op.APPLY, raw, place, decoded.time or 0, True, event))
    return events


def life(names: Sequence[str], order: Sequence[int]) -> Any:
    """Return the one token's record after all transactions."""
    store = Store(raw_partitions=len(names))
    store.feed(told(names, order))
    (token,) = store.of("tokens").values()
    return token


def events_of(names: Sequence[str], kind: type) -> list[Any]:
    """Return all events of a kind, in chain order."""
    return [e for name in names for _, _, e in decode(recorded(name)).events if isinstance(e, kind)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_token_of_pump_fun_trades_on_in_its_pool(order: tuple[int, ...]) -> None:
    """Price and liquidity are the vaults' after the last buy; volume and counts are all buys'."""
    token, trades = life(PUMP, order), events_of(PUMP, Trade)
    (migrate,) = events_of(PUMP, Migrate)
    base, quote = (owned(PUMP[-1], migrate.new_pool, mint) for mint in (migrate.mint, WSOL))

    assert abs(Fraction(token.price) / (Fraction(quote, base) / 1000) - 1) < Fraction(1, 10**20)
    assert Fraction(token.liquidity) == Fraction(quote, 10**9)
    assert Fraction(token.curve.base_reserve) == Fraction(base, 10**6)
    assert (4, "migrated", 1.0) == (token.trades, token.stage, token.progress)
    assert migrate.new_pool == token.migrated_pool
    assert Fraction(token.windows["24h"].volume) * 10**9 == sum(t.quote_amount for t in trades)
    # Nobody has seen the launch, so nobody says what was minted.
    assert token.supply is token.market_cap is token.launchpad is None


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_token_of_dbc_trades_on_in_its_pool(order: tuple[int, ...]) -> None:
    """The square root that the pool's event states, and the reserve; the curve's before."""
    token = life(DBC, order)
    exact = Fraction(81671379781740927**2, 2**128) / 1000

    assert abs(Fraction(token.price) / exact - 1) < Fraction(1, 10**20)
    assert abs(Fraction(token.market_cap) / (exact * 10**9) - 1) < Fraction(1, 10**20)
    assert ("1.979999998", "101010116.582689") == (token.liquidity, token.curve.base_reserve)
    assert (2, "migrated", "meteora-dbc") == (token.trades, token.stage, token.protocol)
    # 0.2 SOL on the curve, one in the pool.
    assert "1.2" == token.windows["24h"].volume


def test_before_the_migration_is_told_the_pool_counts_already() -> None:
    """Its address says whose it is, so there has been a migration; when and who, nobody saw."""
    token = life(PUMP[1:], (0, 1, 2))

    assert (3, "migrated", 1.0) == (token.trades, token.stage, token.progress)
    assert token.migrated_pool is token.migrated_at is None
    assert token.price == life(PUMP, (0, 1, 2, 3)).price
