"""Candles of any resolution against brute force over a recorded market's trades."""

from collections.abc import AsyncIterator
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from domain.amounts import seconds_of, timestamp
from domain.candles import RESOLUTIONS
from domain.errors import UsageError
from tests import samples
from tests.samples import LAUNCH, batch, put
from tests.shared import MARKET as RECORDING
from tests.truth import candles as brute_force
from tests.truth import load, trade_price, whole
from views.candles import CandleQuery, candles
from views.contract import Views
from views.sqlite.store import SQLiteViews
from views.writes import Write

recorded = pytest.mark.skipif(not RECORDING.exists(), reason="the recorded truth is not here")


@pytest_asyncio.fixture
async def views(tmp_path: Path) -> AsyncIterator[Views]:
    """An empty store."""
    store = SQLiteViews(tmp_path / "store.sqlite")
    yield store
    await store.close()


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    """The recorded market."""
    return load(RECORDING)


def text(number: Decimal) -> str:
    """Return a decimal in plain notation."""
    return f"{number:f}"


def trades_of(mint: str, token: Any) -> list[Write[Any]]:
    """Return a token's trades as the topic has them, versions in order of arrival."""
    decimals = token["decimals"]
    return [
        put(
            samples.trade(
                mint, slot, id=f"{slot}:{signature}:{n}", time=timestamp(at), side=side,
                sort_key=f"{n:09d}", quote_amount=text(whole(quote, 9)), trader=trader,
                base_amount=text(whole(base, decimals)),
                price=text(trade_price(quote, base, decimals)),
            ),
            n + 1,
        )
        for n, (at, slot, side, quote, base, trader, signature) in enumerate(token["trades"])
    ]  # fmt: skip


def minutes_of(mint: str, token: Any) -> list[Write[Any]]:
    """Return a token's minutes as the topic has them."""
    found = []
    for candle in brute_force(token["trades"], "1m", token["decimals"]):
        prices = {name: text(candle[name]) for name in ("open", "high", "low", "close", "volume")}
        at, trades = seconds_of(candle["time"]), candle["trades"]
        found.append(put(samples.minute(mint, at, trades=trades, rev=7, final=True, **prices), 7))
    return found


@recorded
async def test_every_resolution_equals_brute_force(views: Views, truth: dict[str, Any]) -> None:
    """For busy and quiet tokens all eleven resolutions are those of the trades, to the digit."""
    order = sorted(truth["tokens"], key=lambda mint: len(truth["tokens"][mint]["trades"]))
    for mint in (order[-1], order[len(order) // 2], order[0]):
        token = truth["tokens"][mint]
        writes = [*trades_of(mint, token), *minutes_of(mint, token)]
        await views.write(batch(*writes))
        for resolution in RESOLUTIONS:
            found = await candles(
                views,
                CandleQuery(
                    mint=mint, resolution=resolution, now=truth["end_time"], empty=False,
                    limit=5000,
                ),
            )  # fmt: skip
            names = ("open", "high", "low", "close", "volume")
            actual = [
                {"time": c.time, "trades": c.trades, **{n: Decimal(getattr(c, n)) for n in names}}
                for c in found
            ]

            assert brute_force(token["trades"], resolution, token["decimals"]) == actual


@recorded
async def test_a_full_answer_carries_the_close_on(views: Views, truth: dict[str, Any]) -> None:
    """With empty intervals every step is there, and each empty one repeats the close before."""
    mint = max(truth["tokens"], key=lambda m: len(truth["tokens"][m]["trades"]))
    token = truth["tokens"][mint]
    await views.write(batch(*trades_of(mint, token), *minutes_of(mint, token)))
    for resolution, step in RESOLUTIONS.items():
        query = CandleQuery(mint=mint, resolution=resolution, now=truth["end_time"], limit=5000)
        found = await candles(views, query)
        expected = {c["time"]: c for c in brute_force(token["trades"], resolution, 6)}
        newest = truth["end_time"] // step * step
        times = [timestamp(newest - step * n) for n in reversed(range(len(found)))]
        close = found[0].open

        assert times == [candle.time for candle in found]
        assert len(found) == min(5000, (newest - token["trades"][0][0] // step * step) // step + 1)
        for candle in found:
            want = expected.get(candle.time)
            close = text(want["close"]) if want else close
            assert (candle.trades, candle.close) == (want["trades"] if want else 0, close)
            assert want or (candle.open, candle.high, candle.volume) == (close, close, "0")


async def test_market_cap_is_price_times_supply(views: Views) -> None:
    """Market cap is the exact product, printed to 21 digits half even."""
    start = LAUNCH - LAUNCH % 60
    supply, price = "753865692.295287", "0.000000170766653383763442554"
    await views.write(
        batch(samples.token("m", supply=supply), samples.minute("m", start, close=price))
    )
    query = CandleQuery(mint="m", resolution="1m", now=start + 30, kind="marketCap")
    with localcontext(prec=21, rounding=ROUND_HALF_EVEN):
        expected = Decimal(supply) * Decimal(price)

    (candle,) = await candles(views, query)

    assert text(expected) == candle.close


async def test_of_an_unknown_supply_there_is_no_market_cap(views: Views) -> None:
    """Unknown is null, never 0 and never the price."""
    start = LAUNCH - LAUNCH % 60
    await views.write(batch(samples.token("m", supply=None), samples.minute("m", start)))
    query = CandleQuery(mint="m", resolution="5m", now=start + 30, kind="marketCap")

    assert [c.close for c in await candles(views, query)] == [None]


@pytest.mark.parametrize(("later", "final"), [(119, False), (120, True)])
async def test_a_candle_is_final_a_minute_after_its_end(
    views: Views, later: int, *, final: bool
) -> None:
    """With final minutes a candle is final once the clock is a minute past its end."""
    start = LAUNCH - LAUNCH % 300
    await views.write(batch(samples.minute("m", start, final=True)))
    query = CandleQuery(mint="m", resolution="1m", now=start + later, empty=False)
    (candle,) = await candles(views, query)

    assert final is candle.final


async def test_a_minute_that_may_change_keeps_its_candles_open(views: Views) -> None:
    """As long as a minute is not final, neither are the finer nor the coarser candles of it."""
    start = LAUNCH - LAUNCH % 300
    trade = samples.trade("m", 2, time=timestamp(start + 7))
    await views.write(batch(samples.minute("m", start, final=False), trade))
    found = [
        await candles(views, CandleQuery(mint="m", resolution=r, now=start + 9999, empty=False))
        for r in RESOLUTIONS
    ]

    assert [[False]] * len(RESOLUTIONS) == [[c.final for c in answer] for answer in found]


async def test_a_retraction_moves_the_revision_on(views: Views) -> None:
    """A candle whose only trade is taken back is empty, at a greater revision."""
    await views.write(batch(put(samples.trade("m", 2), 5)))
    query = CandleQuery(mint="m", resolution="5s", now=LAUNCH + 1)
    (before,) = await candles(views, query)
    await views.write(batch(put(samples.trade("m", 2, retracted=True), 8)))
    (after,) = await candles(views, query)

    assert (before.trades, before.rev) == (1, 5)
    assert (after.trades, after.rev, after.close) == (0, 8, None)


async def test_the_newest_of_too_many_are_answered(views: Views) -> None:
    """Of more candles than the limit the newest come, over years of silence too."""
    start = LAUNCH - LAUNCH % 86_400
    at = [start - 86_400 * 900, start - 86_400 * 2, start]
    await views.write(batch(*(samples.minute("m", t) for t in at)))

    async def times(resolution: str, limit: int) -> list[str]:
        query = CandleQuery(
            mint="m", resolution=resolution, now=start + 60, empty=False, limit=limit
        )
        return [candle.time for candle in await candles(views, query)]

    assert await times("1m", 2) == [timestamp(t) for t in at[1:]]
    assert await times("1h", 9) == [timestamp(t) for t in at]


async def test_an_interval_without_a_price_is_found_over_any_silence(views: Views) -> None:
    """Trades of no tokens make no price, yet an interval of nothing else is not lost."""
    start = LAUNCH - LAUNCH % 86_400
    unpriced = {"open": None, "high": None, "low": None, "close": None}
    at = [start - 86_400 * 900, start]
    await views.write(batch(samples.minute("m", at[0], **unpriced), samples.minute("m", at[1])))
    query = CandleQuery(mint="m", resolution="1m", now=start + 60, empty=False, limit=9)

    assert [c.time for c in await candles(views, query)] == [timestamp(t) for t in at]


async def test_an_unknown_resolution_is_refused(views: Views) -> None:
    """A resolution that is not of the contract is an error of the caller."""
    with pytest.raises(UsageError, match="7m"):
        await candles(views, CandleQuery(mint="m", resolution="7m", now=LAUNCH))
