"""What happened to a token in each of its windows."""

from collections.abc import Callable

from domain.amounts import amount_text
from domain.curve import price_change
from domain.fold.index import TokenIndex
from domain.fold.keys import start_key
from domain.fold.known import Known
from domain.fold.registers import reading
from domain.fold.state import Overlays
from domain.windows import Running, Series
from schemas.fields import ChainTime, Decimals, SqrtPrice
from schemas.rows import Spot
from schemas.token import WindowFigures

SpotAt = Callable[[ChainTime], Spot | None]


def windows_of(known: Known, token: TokenIndex, rows: Overlays) -> dict[str, WindowFigures]:
    """Return the figures of every window, at the position where *token*'s index stands."""

    def bucket(start: ChainTime) -> Spot | None:
        row = rows.buckets.peek(start_key(known.mint, start))
        return None if row is None else reading(row.last, row.loose)

    def minute(start: ChainTime) -> Spot | None:
        row = rows.candles.peek(start_key(known.mint, start))
        return None if row is None else reading(row.last, row.loose_spots)

    quote_decimals = known.quote_decimals
    return {
        running.window.name: _figures(
            running, _change(known, _before(series, running, spot_at, known)), quote_decimals
        )
        for series, spot_at in ((token.buckets, bucket), (token.minutes, minute))
        for running in series.running
    }


def _figures(
    running: Running, change: float | None, quote_decimals: Decimals | None
) -> WindowFigures:
    return WindowFigures(
        volume=None if quote_decimals is None else amount_text(running.volume, quote_decimals),
        volume_usd=None,
        buys=running.buys,
        sells=running.sells,
        trades=running.buys + running.sells,
        traders=running.traders,
        price_change=change,
    )


def _before(series: Series, running: Running, spot_at: SpotAt, known: Known) -> SqrtPrice | None:
    """Return the price at the end of the last row before the window, else the curve's start."""
    for index in range(running.first - 1, -1, -1):
        spot = spot_at(series.starts[index])
        if spot is not None:  # A row whose trades were all retracted has none.
            return spot.sqrt_price
    return None if known.launch is None else known.start_sqrt_price


def _change(known: Known, before: SqrtPrice | None) -> float | None:
    now = known.sqrt_price
    return None if now is None or before is None else price_change(now, before)
