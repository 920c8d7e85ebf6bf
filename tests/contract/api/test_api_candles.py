"""Candles over REST: every resolution, spans and their pages, empty intervals, market cap."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import pytest

from schemas.public import TradeRecord
from tests.contract.api.market import Market, rfc3339, seconds
from tests.contract.api.test_api_parts import trades_of

RESOLUTIONS = {
    "1s": 1, "5s": 5, "15s": 15, "30s": 30, "1m": 60, "5m": 300,
    "15m": 900, "30m": 1800, "1h": 3600, "4h": 14_400, "1d": 86_400,
}  # fmt: skip


def candles(trades: list[TradeRecord], step: int) -> list[dict[str, Any]]:
    """Return the candles of intervals with trades, by brute force."""
    grouped: dict[int, list[TradeRecord]] = {}
    for trade in trades:
        grouped.setdefault(seconds(trade.time) // step * step, []).append(trade)
    return [
        {
            "time": rfc3339(start),
            "open": Decimal(inside[0].price or 0),
            "high": max(Decimal(t.price or 0) for t in inside),
            "low": min(Decimal(t.price or 0) for t in inside),
            "close": Decimal(inside[-1].price or 0),
            "volume": sum(Decimal(t.quote_amount or 0) for t in inside),
            "trades": len(inside),
        }
        for start, inside in sorted(grouped.items())
    ]


def exact(item: dict[str, Any]) -> dict[str, Any]:
    """Return an answered candle with exact numbers, without what says how settled it is."""
    numbers = {name: Decimal(item[name]) for name in ("open", "high", "low", "close", "volume")}
    return {"time": item["time"], **numbers, "trades": item["trades"]}


@pytest.mark.parametrize("resolution", RESOLUTIONS)
async def test_candles_are_those_of_the_trades(
    client: httpx.AsyncClient, market: Market, resolution: str
) -> None:
    """At every resolution a candle is what brute force makes of the trades in it."""
    for token in market.tokens[:5]:
        answer = await client.get(
            f"/v1/tokens/{token.mint}/candles",
            params={"resolution": resolution, "from": token.launched_at, "limit": 5000},
        )
        expected = candles(trades_of(market, token.mint), RESOLUTIONS[resolution])

        assert expected == [exact(item) for item in answer.json()["items"]]


async def test_candles_are_the_newest_of_the_span(
    client: httpx.AsyncClient, market: Market
) -> None:
    """Where there are more candles than the limit, the newest are answered, oldest first."""
    mint = market.tokens[0].mint
    answer = await client.get(f"/v1/tokens/{mint}/candles", params={"resolution": "1s", "limit": 2})
    expected = candles(trades_of(market, mint), 1)[-2:]

    assert expected == [exact(item) for item in answer.json()["items"]]


@pytest.mark.parametrize("resolution", ["1s", "1m"])
@pytest.mark.parametrize("empty", ["true", "false"])
async def test_candles_go_on_with_older_ones(
    client: httpx.AsyncClient, market: Market, resolution: str, empty: str
) -> None:
    """Page after page, each older than the one before, gives every candle of the span once."""
    token = market.tokens[0]
    path = f"/v1/tokens/{token.mint}/candles"
    end = str(seconds(trades_of(market, token.mint)[-1].time) + 1)
    span = {"resolution": resolution, "empty": empty, "from": token.launched_at, "to": end}
    whole = (await client.get(path, params={**span, "limit": "5000"})).json()
    pages = [(await client.get(path, params={**span, "limit": "2"})).json()]
    while cursor := pages[-1]["nextCursor"]:
        asked = {**span, "limit": "2", "cursor": cursor}
        pages.append((await client.get(path, params=asked)).json())
    elsewhere = await client.get(path, params={"cursor": pages[0]["nextCursor"]})

    assert whole["items"] == [item for page in pages[::-1] for item in page["items"]]
    assert (None, True) == (whole["nextCursor"], len(pages) > 2)
    assert (400, "badCursor") == (elsewhere.status_code, elsewhere.json()["code"])


@pytest.mark.parametrize("resolution", ["15s", "1m", "5m"])
async def test_empty_intervals_carry_the_close_before(
    client: httpx.AsyncClient, market: Market, resolution: str
) -> None:
    """Filled in, a span has no holes; an empty interval opens and closes at the close before."""
    token, step = market.tokens[1], RESOLUTIONS[resolution]
    made = trades_of(market, token.mint)
    end = seconds(made[-1].time) + 10 * step
    answer = await client.get(
        f"/v1/tokens/{token.mint}/candles",
        params={"resolution": resolution, "to": str(end), "empty": "true", "limit": 5000},
    )
    items = answer.json()["items"]
    with_trades = [exact(item) for item in items if item["trades"]]
    starts = [seconds(item["time"]) for item in items]

    assert candles(made, step) == with_trades
    assert list(range(starts[0], end, step)) == starts
    for before, item in pairwise(items):
        if not item["trades"]:
            close = before["close"]
            flat = (close, close, close, close, "0")
            assert flat == tuple(item[n] for n in ("open", "high", "low", "close", "volume"))


async def test_candles_of_market_cap_are_price_times_supply(
    client: httpx.AsyncClient, market: Market
) -> None:
    """``kind=marketCap`` multiplies prices by what was minted, and leaves volume alone."""
    token = market.tokens[0]
    path = f"/v1/tokens/{token.mint}/candles"
    prices = (await client.get(path)).json()["items"]
    caps = (await client.get(path, params={"kind": "marketCap"})).json()["items"]

    assert [Decimal(p["high"]) * Decimal(token.supply or 0) for p in prices] == [
        Decimal(c["high"]) for c in caps
    ]
    assert [p["volume"] for p in prices] == [c["volume"] for c in caps]
