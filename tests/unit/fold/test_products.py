"""Tokens of constant-product curves, which state reserves; and of the pools they went to."""

from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from schemas.chain_events import Config, Launch, Migrate, Trade
from schemas.event import About, Event, OnChain, Op
from schemas.place import OUTER, Place, RawPosition
from tests.unit.fold.store import Store
from tests.unit.fold.world import START, WSOL

MINT = "MintA"
SUPPLY = 10**15


def launch(**over: Any) -> Launch:
    """Return the launch of a curve of 30 SOL and 1,073 million virtual tokens."""
    stated = {
        "start_price": (30 * 10**9, 1_073 * 10**12),
        "for_sale": 793_100_000_000_000,
    } | over
    return Launch(
        MINT, "Curve", "Program", "pump.fun", "pump.fun", "", "Ann", "Ann", MINT, MINT, "uri",
        WSOL, 6, 9, SUPPLY, False, **stated,
    )  # fmt: skip


def trade(price: tuple[int, int], *, quote: int, base: int | None, pool: str = "Curve") -> Trade:
    """Return a buy after which price and reserves are as stated."""
    return Trade(
        MINT, pool, "Program", "pump.fun", "buy", "Ann", 10**6, 2 * 10**9, -(10**6), 10**7, False,
        WSOL, 6, 9, None, quote, None, None, price, base,
    )  # fmt: skip


def on_chain(event: Any, offset: int, *, at: int = START) -> OnChain:
    """Return an event of raw partition 0, settled, in a slot of its own."""
    place = Place(1000 + offset, 0, 1, OUTER, f"sig{offset}")
    return OnChain(Op.APPLY, RawPosition(0, 1, offset, 0), place, at, True, event)


def token(*events: Event) -> Any:
    """Return the token's record after *events*."""
    store = Store(raw_partitions=1)
    store.feed(events)
    return store.of("tokens").get(MINT)


def test_before_the_first_trade() -> None:
    """The launch itself states where the curve begins: there is no configuration."""
    got = token(on_chain(launch(), 0))
    price = Fraction(30 * 10**9, 1_073 * 10**12) / 1000

    assert abs(Fraction(got.price) / price - 1) < Fraction(1, 10**20)
    assert abs(Fraction(got.market_cap) / (price * 10**9) - 1) < Fraction(1, 10**20)
    assert (0.0, "0", "793100000") == (got.progress, got.liquidity, got.curve.base_reserve)
    assert (None, None, None) == (got.config, got.curve.threshold, got.curve.sqrt_price_x64)


def test_progress_by_what_has_been_sold() -> None:
    """Where no threshold is stated, progress is the part of the base that was sold."""
    got = token(
        on_chain(launch(), 0), on_chain(trade((3, 7), quote=5, base=396_550_000_000_000), 1)
    )

    assert (0.5, "396550000") == (got.progress, got.curve.base_reserve)


def test_progress_by_what_has_been_collected() -> None:
    """A launch may state the threshold that its curve is to collect."""
    start = launch(threshold=20, for_sale=SUPPLY)
    got = token(on_chain(start, 0), on_chain(trade((3, 7), quote=5, base=1), 1))

    assert (0.25, "0.00000002") == (got.progress, got.curve.threshold)


def test_progress_is_unknown_without_the_launch() -> None:
    """Nobody has said how much was for sale."""
    got = token(on_chain(trade((3, 7), quote=5, base=1), 1))

    assert (None, "0.000428571428571428571429") == (got.progress, got.price)


def test_change_is_the_ratio_of_exact_prices() -> None:
    """Since the start, and since the trade before the window; square roots and ratios compare."""
    late = START + 8 * 3600
    events = [
        on_chain(launch(start_price=(1, 4)), 0),
        on_chain(trade((1, 3), quote=5, base=1), 1, at=START),
        on_chain(trade((1, 2), quote=5, base=1), 2, at=late),
    ]
    windows = token(*events).windows

    assert (0.5, 1.0) == (windows["6h"].price_change, windows["24h"].price_change)


def test_a_configured_start_compares_with_a_ratio() -> None:
    """A curve of DBC starts at a square root; its pool may state reserves: 1/256, then 1/64."""
    config = Config("Config", "Program", "dbc", WSOL, 6, 60, 2**60)
    start = launch(start_price=None, for_sale=None)
    moved = on_chain(trade((1, 64), quote=5, base=64), 1)
    got = token(on_chain(start, 0), About(MINT, 1, config), moved)

    assert {3.0} == {one.price_change for one in got.windows.values()}


MIGRATE = Migrate(MINT, "Curve", "Program", "pump.fun", "Pool", "pumpswap", 4 * 10**6, 10**9)
LIFE = [
    on_chain(launch(), 0),
    on_chain(trade((31, 1_000), quote=9, base=8), 1),
    on_chain(MIGRATE, 2),
    on_chain(trade((3, 7), quote=3 * 10**9, base=7 * 10**6, pool="Pool"), 3),
]


def test_a_pool_that_has_just_opened() -> None:
    """Price and liquidity are what went there, until somebody trades."""
    got = token(*LIFE[:3])

    # One SOL for four tokens.
    assert ("0.25", "1", "4", "Pool") == (
        got.price,
        got.liquidity,
        got.curve.base_reserve,
        got.migrated_pool,
    )
    assert (1.0, "migrated") == (got.progress, got.stage)


def test_a_pool_of_which_nothing_is_stated() -> None:
    """Then the curve's last state is all that is known."""
    bare = Migrate(MINT, "Curve", "Program", "dbc", "Pool", "damm-v2")
    got = token(*LIFE[:2], on_chain(bare, 2))

    assert ("0.000031", "0.000000009") == (got.price, got.liquidity)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_trading_goes_on_in_the_pool_in_whatever_order_it_is_told(order: tuple[int, ...]) -> None:
    """After a migration the pool's trades are the token's: price, liquidity, counts, volume."""
    store = Store(raw_partitions=4)
    events = []
    for number in order:
        one = LIFE[number]
        events.append(
            OnChain(one.op, RawPosition(number, 1, 0, 0), one.place, one.time, True, one.event)
        )
    store.feed(events)
    got = store.of("tokens")[MINT]

    assert ("0.000428571428571428571429", "3", "7", 2) == (
        got.price,
        got.liquidity,
        got.curve.base_reserve,
        got.trades,
    )
    assert "4" == got.windows["24h"].volume
    assert "migrated" == got.stage
