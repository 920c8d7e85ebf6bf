"""The datafeed for charts: asked as its public client asks, it gives the candles of the trades."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.udf import RESOLUTIONS, decimals
from tests.contract.api.door import bearer, door, give_key
from tests.contract.api.market import NOW, SOL, Market, rfc3339, seconds
from tests.contract.api.test_api_candles import RESOLUTIONS as STEPS
from tests.contract.api.test_api_candles import candles
from tests.contract.api.test_api_parts import trades_of

Bar = dict[str, Any]


async def asked(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    """Return an answer as the client reads it: the text as JSON, whatever the status; exact."""
    answer = await client.get(f"/v1/udf/{path}", params=query)
    return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)


async def history(
    client: httpx.AsyncClient,
    mint: str,
    resolution: str,
    start: int,
    end: int,
    countback: int | None = None,
) -> Any:
    """Return what the client's getBars asks for."""
    more = {} if countback is None else {"countback": countback}
    query = {"symbol": mint, "resolution": resolution, "from": start, "to": end, **more}
    return await asked(client, "history", **query)


def bars(found: Any) -> list[Bar]:
    """Return columns as the client makes bars of them."""
    if found["s"] == "no_data":
        return []
    columns = (found[name] for name in "tohlcv")
    return [dict(zip("tohlcv", row, strict=True)) for row in zip(*columns, strict=True)]


def expected(market: Market, mint: str, resolution: str) -> list[Bar]:
    """Return the bars of all of a token's trades, by brute force."""
    names = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
    return [
        {"t": seconds(candle["time"]), **{short: candle[name] for short, name in names.items()}}
        for candle in candles(trades_of(market, mint), STEPS[RESOLUTIONS[resolution]])
    ]


@pytest.mark.parametrize("resolution", RESOLUTIONS)
async def test_bars_are_those_of_the_trades(
    client: httpx.AsyncClient, market: Market, resolution: str
) -> None:
    """Every resolution's bars are brute force's, and to the digit those of the candles route."""
    for token in market.tokens[:3]:
        mint = token.mint
        found = bars(await history(client, mint, resolution, 0, NOW))
        query = {"resolution": RESOLUTIONS[resolution], "limit": 5000}
        route = (await client.get(f"/v1/tokens/{mint}/candles", params=query)).json()["items"]

        assert expected(market, mint, resolution) == found
        assert [
            tuple(item[name] for name in ("time", "open", "high", "low", "close", "volume"))
            for item in route
        ] == [(rfc3339(int(bar["t"])), *(f"{bar[name]}" for name in "ohlcv")) for bar in found]


async def test_a_chart_that_is_scrolled_back_has_every_bar(
    client: httpx.AsyncClient, market: Market
) -> None:
    """A client that counts bars back, and one that goes by nextTime, both see each bar once."""
    for token, resolution in zip(market.tokens, ("1S", "1", "5", "60", "1D", "30S"), strict=False):
        mint, step = token.mint, STEPS[RESOLUTIONS[resolution]]
        whole = expected(market, mint, resolution)
        counted: list[Bar] = []
        end = NOW
        # The library asks for so many bars before the first one that it has, until there is none.
        while page := bars(await history(client, mint, resolution, end - 2 * step, end, 2)):
            assert len(page) <= 2
            counted, end = page + counted, int(page[0]["t"])
        spanned: list[Bar] = []
        end = NOW
        while True:
            found = await history(client, mint, resolution, end - 3 * step, end)
            page = bars(found)
            spanned = [bar for bar in page if bar["t"] < end] + spanned
            if page:
                end = int(page[0]["t"])
            elif "nextTime" in found:
                assert found["nextTime"] < end
                end = int(found["nextTime"]) + 1
            else:
                break

        assert whole == counted
        assert whole == list({bar["t"]: bar for bar in spanned}.values())


async def test_where_there_are_no_bars(client: httpx.AsyncClient, market: Market) -> None:
    """Before the launch there is nothing and never was; after the last trade, what was last."""
    token = market.tokens[0]
    launched, whole = seconds(token.launched_at or ""), expected(market, token.mint, "1")
    before = await history(client, token.mint, "1", launched - 9000, launched - 60)
    counted = await history(client, token.mint, "1", launched - 9000, launched - 60, 300)
    ahead = await history(client, token.mint, "1", NOW + 86_400, NOW + 90_000)
    pulse = await history(client, token.mint, "1", NOW + 600, NOW + 900, 2)
    negative = await history(client, token.mint, "1", -5000, -1)
    reversed_ = await history(client, token.mint, "1", NOW, launched)

    assert [{"s": "no_data"}] * 3 == [before, counted, negative]
    assert {"s": "no_data", "nextTime": whole[-1]["t"]} == ahead
    assert whole[-2:] == bars(pulse)
    assert {"s": "no_data"} == reversed_


async def test_the_span_is_kept(client: httpx.AsyncClient, market: Market) -> None:
    """Without a count a span has the bars that begin in it, and not the one at its end."""
    mint = market.tokens[1].mint
    whole = expected(market, mint, "1")
    found = bars(await history(client, mint, "1", int(whole[1]["t"]), int(whole[-1]["t"])))

    assert whole[1:-1] == found
    assert whole[:2] == bars(await history(client, mint, "1", NOW, int(whole[2]["t"]), 50))


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"symbol": "nothing"},
        {"symbol": SOL},
        {"symbol": "M", "resolution": "1"},
        {"resolution": "7"},
        {"resolution": "1W"},
        {"from": "yesterday"},
        {"to": "1e9"},
        {"to": "9" * 40},
        {"countback": "0"},
        {"countback": "-1"},
        {"countback": "x"},
    ],
)
async def test_mistakes_are_said_as_the_client_reads_them(
    client: httpx.AsyncClient, market: Market, query: dict[str, str]
) -> None:
    """A symbol, resolution or time that there is not is s: error with a reason, never a 5xx."""
    whole = {"symbol": market.tokens[0].mint, "resolution": "1", "from": "0", "to": "1"}
    sent = {**whole, **query} if query else {}
    answer = await client.get("/v1/udf/history", params=sent)
    found = answer.json()

    assert (200, "error") == (answer.status_code, found["s"])
    assert found["errmsg"]
    assert "no-store" == answer.headers["cache-control"]
    assert ("symbol" in query) == (found["errmsg"] == "unknown_symbol")


async def test_a_symbol_is_its_mint(client: httpx.AsyncClient, market: Market) -> None:
    """A token is resolved by its mint, with an exchange before it or not; all else is unknown."""
    for token in market.tokens[:10]:
        info = await asked(client, "symbols", symbol=token.mint)

        assert (token.mint, f"{token.symbol}/SOL", token.name) == (
            info["ticker"], info["name"], info["description"],
        )  # fmt: skip
        assert info == await asked(client, "symbols", symbol=f"{token.launchpad}:{token.mint}")
        assert ("24x7", "Etc/UTC") == (info["session"], info["timezone"])
        # What it says it can do it can.
        assert list(RESOLUTIONS) == info["supported_resolutions"]
        assert {"s", "errmsg"}.isdisjoint(info)
    for symbol in ("", "SOL", SOL, f"believe:{SOL}", "1" * 100, "a:b:c"):
        unknown = {"s": "error", "errmsg": "unknown_symbol"}

        assert unknown == await asked(client, "symbols", symbol=symbol)


def test_the_scale_fits_the_price() -> None:
    """A price is shown with at least four significant digits, and the scale counts exactly."""
    for price in (
        "0.000000000000123456",
        "0.000000170766653383763442554",
        "0.0001",
        "0.5",
        "372.7",
    ):
        places = decimals(price)
        shown = round(Decimal(price), places)

        assert 2 <= places <= 15
        assert 10**places <= 2**53
        assert abs(shown - Decimal(price)) <= Decimal(price) / 100
    assert [12, 12, 2, 2] == [decimals(price) for price in (None, "0", "98765", "123456789")]


async def test_symbols_are_found(client: httpx.AsyncClient, market: Market) -> None:
    """A search, sent in capitals as the client does, finds names and mints; an empty one trends."""
    token = market.tokens[3]
    for text in ((token.name or "").upper(), token.mint[:14].upper()):
        found = await asked(client, "search", query=text, type="", exchange="", limit=30)

        assert token.mint in {one["ticker"] for one in found}
    trending = await asked(client, "search", query="", type="crypto", exchange="", limit=5)
    board = (await client.get("/v1/boards/trending", params={"limit": 5})).json()["items"]

    assert [one["mint"] for one in board] == [one["ticker"] for one in trending]
    for one in trending:
        assert one["ticker"] == (await asked(client, "symbols", symbol=one["full_name"]))["ticker"]
    assert [] == await asked(client, "search", query="qqqqzzzz", limit=5)


async def test_marks_are_the_milestones(client: httpx.AsyncClient, market: Market) -> None:
    """Launch, completion and migration are marked where they were; outside the span are none."""
    for token in market.tokens[:10]:
        events = [e for e in market.lifecycle if e.mint == token.mint]
        span = {"symbol": token.mint, "resolution": "1", "from": 0, "to": NOW}
        columns = await asked(client, "marks", **span)
        below = await asked(client, "timescale_marks", **span)
        none = await asked(client, "timescale_marks", **{**span, "from": NOW - 1})

        assert ids(e.id for e in events) == ids(columns["id"]) == ids(m["id"] for m in below)
        assert ids(seconds(e.time) for e in events) == ids(columns["time"])
        assert {len(events)} == {len(column) for column in columns.values()}
        assert [] == none


def ids(found: Iterable[Any]) -> list[Any]:
    """Return some values, to be compared as a set with repetitions."""
    return sorted(found)


async def test_the_time_is_a_plain_number(client: httpx.AsyncClient) -> None:
    """The time is the chain's, as text that is a number."""
    answer = await client.get("/v1/udf/time")

    assert answer.headers["content-type"].startswith("text/plain")
    assert re.fullmatch("[0-9]+", answer.text)
    assert NOW == int(answer.text)


async def test_the_configuration_names_what_there_is(client: httpx.AsyncClient) -> None:
    """Every resolution is offered, and each request that is offered is answered."""
    found = await asked(client, "config")

    assert ["1S", "5S", "15S", "30S", "1", "5", "15", "30", "60", "240", "1D"] == (
        found["supported_resolutions"]
    )
    assert found["supports_search"]
    assert not found["supports_group_request"]


async def test_polling_is_cheap_for_both(client: httpx.AsyncClient, market: Market) -> None:
    """A client that has the answer is not sent it again."""
    query = {"symbol": market.tokens[0].mint, "resolution": "1", "from": 0, "to": NOW}
    first = await client.get("/v1/udf/history", params=query)
    headers = {"if-none-match": first.headers["etag"]}
    again = await client.get("/v1/udf/history", params=query, headers=headers)

    assert "public, max-age=1" == first.headers["cache-control"]
    assert (304, b"") == (again.status_code, again.content)


async def test_it_needs_the_scopes_of_its_twins(tmp_path: Path) -> None:
    """Bars need what tokens need, the search what the search needs."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        _, tokens = give_key(at.settings, scopes=("read:tokens",))
        _, market = give_key(at.settings, scopes=("read:market",))
        paths = ("/v1/udf/config", "/v1/udf/history", "/v1/udf/symbols?symbol=x")
        for path in paths:
            assert (await at.ask(path, headers=bearer(tokens))).status_code == 200
            assert (403, "forbidden") == await at.refuses(path, headers=bearer(market))
        assert (await at.ask("/v1/udf/search", headers=bearer(market))).status_code == 200
        assert (403, "forbidden") == await at.refuses("/v1/udf/search", headers=bearer(tokens))
        assert (401, "notAuthorised") == await at.refuses("/v1/udf/history")
