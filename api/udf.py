"""UDF: what charts of TradingView's library read, in the numbers that they calculate with. Pure.

Source: the UDF page of the charting library's documentation, and the requests that its
``udf-compatible-datafeed`` sends.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from domain.amounts import seconds_of
from schemas.candle import Candle
from schemas.fields import ChainTime, Timestamp
from schemas.public import LifecycleRecord
from schemas.token import Token

RESOLUTIONS: Mapping[str, str] = {
    "1S": "1s", "5S": "5s", "15S": "15s", "30S": "30s", "1": "1m", "5": "5m", "15": "15m",
    "30": "30m", "60": "1h", "240": "4h", "1D": "1d",
}  # fmt: skip
"""Their names of our resolutions."""
SHORT: Mapping[str, str] = {"S": "1S", "D": "1D"}
"""How the library calls a resolution of one second or day in some of its versions."""

DIGITS = 6
"""Significant digits of a price on a chart."""
MOST_DECIMALS = 15
"""A price scale is a number of JavaScript, which counts whole ones up to 2^53."""
UNPRICED_DECIMALS = 12

KINDS: Mapping[str, tuple[str, str, str]] = {
    "launch": ("L", "Launched", "blue"),
    "complete": ("C", "Curve completed", "green"),
    "migrate": ("M", "Migrated", "red"),
}
"""Letter, words and colour of a mark."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What this datafeed can do."""

    supports_search: bool = True
    supports_group_request: bool = False
    supports_marks: bool = True
    supports_timescale_marks: bool = True
    supports_time: bool = True
    exchanges: tuple[Mapping[str, str], ...] = ({"value": "", "name": "All", "desc": ""},)
    symbols_types: tuple[Mapping[str, str], ...] = ({"value": "crypto", "name": "Tokens"},)
    supported_resolutions: tuple[str, ...] = tuple(RESOLUTIONS)


class SymbolInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A token as a symbol: ``ticker`` is its mint, which names it in all requests.

    ``pricescale``: prices are shown in steps of 1 / pricescale.
    """

    name: str
    ticker: str
    description: str
    exchange: str
    listed_exchange: str
    pricescale: int
    type: str = "crypto"
    session: str = "24x7"
    timezone: str = "Etc/UTC"
    format: str = "price"
    minmov: int = 1
    has_intraday: bool = True
    has_seconds: bool = True
    has_daily: bool = True
    has_weekly_and_monthly: bool = False
    has_empty_bars: bool = False
    visible_plots_set: str = "ohlcv"
    seconds_multipliers: tuple[str, ...] = ("1", "5", "15", "30")
    intraday_multipliers: tuple[str, ...] = ("1", "5", "15", "30", "60", "240")
    daily_multipliers: tuple[str, ...] = ("1",)
    supported_resolutions: tuple[str, ...] = tuple(RESOLUTIONS)
    volume_precision: int = 4
    data_status: str = "streaming"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A symbol that a search found."""

    symbol: str
    full_name: str
    description: str
    exchange: str
    ticker: str
    type: str = "crypto"


class Bars(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Candles as columns, oldest first: time, open, high, low, close, volume.

    Prices and volume are exact JSON numbers. ``v`` is absent where a volume is unknown.
    ``next_time``: where there is nothing, when there was something last.
    """

    s: Literal["ok", "no_data"]
    t: tuple[ChainTime, ...] = ()
    o: tuple[Any, ...] = ()
    h: tuple[Any, ...] = ()
    l: tuple[Any, ...] = ()  # noqa: E741  (Its name there.)
    c: tuple[Any, ...] = ()
    v: tuple[Any, ...] = ()
    next_time: ChainTime | None = msgspec.field(name="nextTime", default=None)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no answer."""

    s: Literal["error"] = "error"
    errmsg: str


class Marks(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Marks on bars, as columns."""

    id: tuple[str, ...]
    time: tuple[ChainTime, ...]
    color: tuple[str, ...]
    text: tuple[str, ...]
    label: tuple[str, ...]
    label_font_color: tuple[str, ...]
    min_size: tuple[int, ...]


class TimescaleMark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark below a chart."""

    id: str
    time: ChainTime
    color: str
    label: str
    tooltip: tuple[str, ...]


SHAPES: tuple[Any, ...] = (Configuration, SymbolInfo, Found, Bars, Failure, Marks, TimescaleMark)


def resolution_of(name: str) -> str | None:
    """Return our name of a resolution, None if there is no such one."""
    return RESOLUTIONS.get(SHORT.get(name, name))


def mint_of(symbol: str) -> str:
    """Return what a symbol names a token by, which may stand behind an exchange."""
    return symbol.rpartition(":")[2]


def decimals(price: str | None) -> int:
    """Return how many decimal places a chart shows of prices like this one.

    As many as give six significant digits, 2 to 15: tokens have prices from 10^-12 to 10^3.
    """
    exact = Decimal(price or 0)
    if not exact:
        return UNPRICED_DECIMALS
    return min(MOST_DECIMALS, max(2, DIGITS - 1 - exact.adjusted()))


def symbol_info(token: Token) -> SymbolInfo:
    """Return a token as a symbol."""
    found = listed(token)
    return SymbolInfo(
        name=found.symbol,
        ticker=found.ticker,
        description=found.description,
        exchange=found.exchange,
        listed_exchange=found.exchange,
        pricescale=10 ** decimals(token.price),
    )


def listed(token: Token) -> Found:
    """Return a token as one of a list of symbols."""
    quote = token.quote.symbol or token.quote.mint
    symbol = token.symbol or token.mint
    return Found(
        symbol=f"{symbol}/{quote}" if quote else symbol,
        full_name=f"{token.launchpad or 'Solana'}:{token.mint}",
        description=token.name or token.mint,
        exchange=token.launchpad or "Solana",
        ticker=token.mint,
    )


def bars(candles: Sequence[Candle], *, before: Timestamp | None) -> Bars:
    """Return candles as bars; *before*: when the candle began that is before all of them.

    Candles without a price are left out, for a chart has nowhere to put them.
    """
    priced = [candle for candle in candles if candle.open is not None]
    if not priced:
        return Bars(s="no_data", next_time=None if before is None else seconds_of(before))
    volumes = [candle.volume for candle in priced]
    return Bars(
        s="ok",
        t=tuple(seconds_of(candle.time) for candle in priced),
        o=_numbers(candle.open for candle in priced),
        h=_numbers(candle.high for candle in priced),
        l=_numbers(candle.low for candle in priced),
        c=_numbers(candle.close for candle in priced),
        v=() if None in volumes else _numbers(volumes),
    )


def marks(events: Iterable[LifecycleRecord]) -> Marks:
    """Return what became of a token as marks on its bars."""
    found = timescale_marks(events)
    return Marks(
        id=tuple(mark.id for mark in found),
        time=tuple(mark.time for mark in found),
        color=tuple(mark.color for mark in found),
        text=tuple(mark.tooltip[0] for mark in found),
        label=tuple(mark.label for mark in found),
        label_font_color=("white",) * len(found),
        min_size=(20,) * len(found),
    )


def timescale_marks(events: Iterable[LifecycleRecord]) -> tuple[TimescaleMark, ...]:
    """Return what became of a token as marks below its chart, oldest first."""
    found = []
    for event in sorted(events, key=lambda event: event.time):
        letter, words, colour = KINDS[event.kind]
        at = seconds_of(event.time)
        tooltip = (f"{words} in slot {event.slot}", event.time)
        found.append(
            TimescaleMark(id=event.id, time=at, color=colour, label=letter, tooltip=tooltip)
        )
    return tuple(found)


def _numbers(texts: Iterable[str | None]) -> tuple[msgspec.Raw, ...]:
    """Return exact decimals as JSON numbers: in plain notation they are that already."""
    return tuple(msgspec.Raw((text or "0").encode()) for text in texts)
