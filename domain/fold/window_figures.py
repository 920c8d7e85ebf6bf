"""What happened to a token in each of its windows."""

from collections.abc import Callable

from domain.amounts import amount_text
from domain.curve import price_change, price_of
from domain.dollars import worth
from domain.fold.index import TokenIndex
from domain.fold.keys import start_key
from domain.fold.known import Known
from domain.fold.registers import reading
from domain.fold.state import Overlays
from domain.windows import Running, Series
from schemas.dollars import DollarPrice
from schemas.fields import Decimals, Ratio
from schemas.rows import Spot
from schemas.token import WindowFigures

SpotAt = Callable[[str], Spot | None]
"""The curve's state at the end of the row with a key."""


def windows_of(
    known: Known, token: TokenIndex, rows: Overlays, *, dollars: DollarPrice | None
) -> dict[str, WindowFigures]:
    """Return the figures of every window, at the position where *token*'s index stands."""
    figures: dict[str, WindowFigures] = {}
    price, quote_decimals = known.price, known.quote_decimals
    spots_at: tuple[tuple[Series, SpotAt], ...] = (
        (token.buckets, lambda key: bucket_spot(rows, key)),
        (token.minutes, lambda key: minute_spot(rows, key)),
    )
    for series, spot_at in spots_at:
        first = -1
        for running in series.running:
            # Of a young token all windows begin with the same row, so they are the same.
            if running.first != first:
                first = running.first
                change = _change(price, _before(series, running, spot_at, known))
                told = _figures(running, change, quote_decimals, dollars)
            figures[running.window.name] = told
    return figures


def bucket_spot(rows: Overlays, key: str) -> Spot | None:
    """Return the curve's state at the end of five seconds, None where no trade stands."""
    row = rows.buckets.peek(key)
    return None if row is None else reading(row.last, row.loose)


def minute_spot(rows: Overlays, key: str) -> Spot | None:
    """Return the curve's state at the end of a minute, None where no trade stands."""
    row = rows.candles.peek(key)
    return None if row is None else reading(row.last, row.loose_spots)


def _figures(
    running: Running,
    change: float | None,
    quote_decimals: Decimals | None,
    dollars: DollarPrice | None,
) -> WindowFigures:
    volume, in_usd = None, None
    if quote_decimals is not None:
        volume = amount_text(running.volume, quote_decimals)
        in_usd = worth(running.volume, quote_decimals, dollars) if dollars else None
    return WindowFigures(
        volume=volume,
        volume_usd=in_usd,
        buys=running.buys,
        sells=running.sells,
        trades=running.buys + running.sells,
        traders=running.traders,
        price_change=change,
    )


def _before(series: Series, running: Running, spot_at: SpotAt, known: Known) -> Ratio | None:
    """Return the price at the end of the last row before the window, else the curve's start."""
    for index in range(running.first - 1, -1, -1):
        spot = spot_at(start_key(known.mint, series.starts[index]))
        if spot is not None:  # A row whose trades were all retracted has none.
            return price_of(spot.price, spot.sqrt_price)
    # What was traded before a token was first seen, nobody knows.
    return None if known.launch is None else known.start_price


def _change(now: Ratio | None, before: Ratio | None) -> float | None:
    return None if now is None or before is None else price_change(now, before)
