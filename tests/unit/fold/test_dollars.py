"""What tokens are worth in dollars: as of their own time, and never with a price too old."""

from fractions import Fraction
from typing import Any

import pytest

from schemas.dollars import DollarPrice
from schemas.event import Event
from tests.unit.fold.store import Store
from tests.unit.fold.test_facts import MINT, clock, on_chain, trade
from tests.unit.fold.world import START, WSOL, launch

GOOD_S = 3_600


def priced(units: int, *, at: int = START, mint: str = WSOL) -> DollarPrice:
    """Return a price of so many cents."""
    return DollarPrice(mint, units, 2, at, GOOD_S, "feed")


def store_of(*events: Event) -> Store:
    """Return what was made public after *events*."""
    store = Store(raw_partitions=1)
    store.feed(events)
    return store


def token(*events: Event) -> Any:
    """Return the token's record after *events*."""
    return store_of(*events).of("tokens")[MINT]


def test_everything_in_dollars() -> None:
    """Each …Usd is its figure times the dollars of one quote token, which the record names."""
    got = token(priced(14325), on_chain(launch(MINT), offset=0), on_chain(trade(), offset=1))
    sol = Fraction("143.25")

    assert ("143.25", "2026-09-21T14:13:20Z") == (got.quote.price_usd, got.quote.priced_at)
    for in_usd, in_sol in (
        (got.price_usd, got.price),
        (got.market_cap_usd, got.market_cap),
        (got.liquidity_usd, got.liquidity),
        *((one.volume_usd, one.volume) for one in got.windows.values()),
    ):
        assert Fraction(in_sol) > 0
        assert Fraction(in_sol) * sol == Fraction(in_usd)


@pytest.mark.parametrize(
    "other", [priced(14325, mint="Other"), priced(14325, at=START - GOOD_S - 1),
              priced(14325, at=START + GOOD_S + 1)]
)  # fmt: skip
def test_no_price_is_no_dollars(other: DollarPrice) -> None:
    """A price of another token, or of too long before or after, is none."""
    got = token(other, on_chain(trade(), offset=0))
    windows = {one.volume_usd for one in got.windows.values()}

    assert {None} == {
        got.price_usd, got.market_cap_usd, got.liquidity_usd, got.quote.price_usd,
        got.quote.priced_at, *windows,
    }  # fmt: skip


def test_the_newest_price_counts() -> None:
    """Of prices in any order of arrival the one of the latest time counts."""
    got = token(priced(200, at=START + 20), priced(100, at=START + 10), on_chain(trade(), offset=0))

    assert "2" == got.quote.price_usd


def test_a_tick_tells_nothing() -> None:
    """A price makes no token public that nothing else touches."""
    store = Store(raw_partitions=1)
    fold = store.open()
    store.keep(
        fold.fold(list(enumerate([priced(1), on_chain(trade(), offset=0), clock(1, START)])))
    )
    told = fold.fold([(3 + n, priced(100 + n, at=START + n)) for n in range(20)]).publications

    assert [] == told


@pytest.mark.parametrize("is_restarted", [False, True])
def test_an_idle_token_follows_within_the_limit(is_restarted: bool) -> None:
    """While prices come, no token keeps an older one than the limit; once they end it has none.

    It is told once per limit or so, and for ever silent when it has no dollars any more. A fold
    made from the rows alone does the same.
    """
    store = Store(raw_partitions=1)
    fold, offset = store.open(), 0
    day, tells = 86_400, 0
    now = START + 2 * day  # All its windows are empty from here on.
    for event in (priced(1), on_chain(trade(), offset=0), clock(1, now)):
        store.keep(fold.fold([(offset, event)]))
        offset += 1
    for step in range(0, 20 * GOOD_S, 60):
        fold = store.open() if is_restarted and step == 10 * GOOD_S else fold
        prices = [priced(step + 1, at=now + step)] if step <= 15 * GOOD_S else []
        for event in (*prices, clock(2 + offset, now + step)):
            folded = fold.fold([(offset, event)])
            tells += len(folded.publications)
            store.keep(folded)
            offset += 1
        quote = store.of("tokens")[MINT].quote
        if GOOD_S <= step <= 15 * GOOD_S:
            assert step - int(Fraction(quote.price_usd) * 100 - 1) <= GOOD_S + 60

    assert quote.price_usd is None
    assert 15 <= tells <= 35


def test_a_token_from_before_the_first_price_gets_dollars() -> None:
    """When prices begin, tokens that nothing else touches are told in dollars, in their turn."""
    before = [on_chain(trade(), offset=0), clock(1, START + 200_000)]
    late = [priced(300, at=START + 200_010), clock(2, START + 200_020)]
    end = clock(3, START + 200_020 + GOOD_S // 2)

    assert token(*before, *late, end).quote.price_usd == "3"
    assert token(*before, end).quote.price_usd is None


def test_a_price_ahead_of_a_replay_waits_for_it() -> None:
    """Today's price is none for a recording of last month; once chain time is there, it counts."""
    at = START + 30 * 86_400
    events = [priced(300, at=at), on_chain(trade(), offset=0), clock(1, at - 2 * GOOD_S)]

    assert token(*events).quote.price_usd is None
    assert "3" == token(*events, clock(2, at)).quote.price_usd
