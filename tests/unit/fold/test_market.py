"""A recorded market, decoded and folded, against what the chain's own accounts say of it."""

from decimal import Decimal
from typing import Any

import pytest

from domain.amounts import seconds_of
from tests import truth as oracle
from tests.unit.fold import market
from tests.unit.fold.store import Store

pytestmark = pytest.mark.skipif(
    not market.RECORDING.exists(), reason="the recorded market is not on this machine"
)


@pytest.fixture(scope="module")
def folded() -> Store:
    """Return the public records after the whole market."""
    store = Store()
    store.feed(market.events())
    return store


@pytest.fixture(params=range(40))
def token(request: pytest.FixtureRequest, folded: Store) -> tuple[Any, Any]:
    """Return (our record, truth) of one token after the other."""
    mint = sorted(market.truth()["tokens"])[request.param]
    return folded.of("tokens")[mint], market.truth()["tokens"][mint]


def test_tokens(folded: Store) -> None:
    """Every launched token has a record, and nothing else has."""
    assert set(market.truth()["tokens"]) == set(folded.of("tokens"))


def test_launch(token: tuple[Any, Any]) -> None:
    """What a launch fixes is as launched."""
    got, want = token
    names = ("name", "symbol", "uri", "pool", "config", "creator", "decimals", "launchpad")

    assert {name: want[name] for name in names} == {name: getattr(got, name) for name in names}
    assert (want["launch_slot"], want["launch_signature"]) == (
        got.launch_slot,
        got.launch_signature,
    )
    assert want["launch_time"] == seconds_of(got.launched_at)
    assert oracle.whole(want["supply"], want["decimals"]) == Decimal(got.supply)


def test_curve(token: tuple[Any, Any]) -> None:
    """Reserves, threshold, price, market cap and stage are those of the pool's account."""
    got, want = token
    price = oracle.spot_price(want["sqrt_price_x64"], want["decimals"])
    product = Decimal(want["sqrt_price_x64"]) ** 2 * Decimal(want["supply"]) / 2**128

    assert oracle.whole(want["base_reserve"], want["decimals"]) == Decimal(got.curve.base_reserve)
    assert oracle.whole(want["quote_reserve"], 9) == Decimal(got.curve.quote_reserve)
    assert oracle.whole(want["threshold"], 9) == Decimal(got.curve.threshold)
    assert want["sqrt_price_x64"] == got.curve.sqrt_price_x64
    assert price == Decimal(got.price)
    assert float(product / 10**9) == pytest.approx(float(got.market_cap), rel=1e-15)
    assert got.liquidity == got.curve.quote_reserve
    assert ("completed" if want["complete"] else "bonding") == got.stage
    completed = got.completed_at and seconds_of(got.completed_at)
    assert want.get("completed_time") == completed


def test_progress(token: tuple[Any, Any]) -> None:
    """Progress is the collected part of the threshold, at most 1."""
    got, want = token

    assert min(1.0, int(want["quote_reserve"]) / want["threshold"]) == pytest.approx(
        got.progress, abs=1e-10
    )


def test_holders(folded: Store, token: tuple[Any, Any]) -> None:
    """Holders are the wallets with a balance; their accounts sum up to the truth's largest ones."""
    got, want = token
    owners: dict[str, int] = {}
    for record in folded.of("holders").values():
        if record.mint == got.mint:
            owners[record.owner] = owners.get(record.owner, 0) + int(record.base_units)
    largest = sorted(owners.items(), key=lambda item: -item[1])[: len(want["top_holders"])]
    share = sum(amount for _, amount in want["top_holders"]) / int(want["supply"])

    assert want["holders"] == got.holders
    assert sorted(map(tuple, want["top_holders"])) == sorted(largest)
    assert round(share, 4) == got.top10_share
    assert round(owners.get(want["creator"], 0) / int(want["supply"]), 4) == got.creator_share


def test_windows(token: tuple[Any, Any]) -> None:
    """Every window holds what the truth's trades say by the bucket rule, at the end."""
    got, want = token
    at = seconds_of(got.as_of)

    for name in oracle.WINDOWS:
        expected = oracle.window(want["trades"], name, at)
        have = got.windows[name]
        assert expected == {
            "volume": Decimal(have.volume),
            "buys": have.buys,
            "sells": have.sells,
            "traders": have.traders,
        }
        assert expected["buys"] + expected["sells"] == have.trades


def test_trades(folded: Store, token: tuple[Any, Any]) -> None:
    """The trades are the truth's, in its order, with prices to 18 digits."""
    got, want = token
    trades = [record for record in folded.of("trades").values() if record.mint == got.mint]
    trades.sort(key=lambda record: record.sort_key)

    assert want["trade_count"] == got.trades
    assert [
        (at, slot, side, oracle.whole(quote, 9), oracle.whole(base, want["decimals"]), who, sig)
        for at, slot, side, quote, base, who, sig in want["trades"]
    ] == [
        (
            seconds_of(one.time), one.slot, one.side, Decimal(one.quote_amount),
            Decimal(one.base_amount), one.trader, one.signature,
        )
        for one in trades
    ]  # fmt: skip
    assert [
        oracle.trade_price(quote, base, want["decimals"])
        for _, _, _, quote, base, _, _ in want["trades"]
    ] == [Decimal(one.price) for one in trades]


def test_candles(folded: Store, token: tuple[Any, Any]) -> None:
    """A minute opens, peaks, dips and closes at prices of its trades, by brute force."""
    got, want = token
    candles = [record for record in folded.of("candles").values() if record.mint == got.mint]
    candles.sort(key=lambda record: record.time)

    assert oracle.candles(want["trades"], "1m", want["decimals"]) == [
        {
            "time": one.time,
            "open": Decimal(one.open),
            "high": Decimal(one.high),
            "low": Decimal(one.low),
            "close": Decimal(one.close),
            "volume": Decimal(one.volume),
            "trades": one.trades,
        }
        for one in candles
    ]
    end = market.truth()["end_time"]
    assert [seconds_of(one.time) + 60 <= end for one in candles] == [one.final for one in candles]


def test_counts() -> None:
    """Everything seen is applied; delivered a second time, it is counted no second time."""
    store = Store()
    store.feed(market.events()[:3000])
    clock = store.tables.clocks["0"]
    fold = store.open()
    again = fold.fold(list(enumerate(market.events()[:3000])))

    assert (3000, 3000, 0) == (clock.seen, clock.applied, clock.duplicate)
    assert clock == again.clock["0"]
    assert store.tables.curves == {
        key: row for key, row in again.curves.items() if key in store.tables.curves
    }
