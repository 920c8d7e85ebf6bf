"""Rows that many events of one call touch: open while it lasts, and a frozen row again at its end.

A token's curve, five seconds and minute are touched by every trade of a chunk; a new row for each
of them was what folding a backlog cost most.
"""

from typing import Generic, TypeVar

from domain.fold import registers
from domain.fold.fence import Mark, is_applied, lift
from domain.fold.ticks import Prices, priced, reticked
from domain.fold.turn import Turn
from schemas.chain_events import Trade
from schemas.fields import QuoteUnits
from schemas.rows import BucketRow, CandleRow, CurveRow, Fence, Spot, Tick

R = TypeVar("R", bound=CurveRow | BucketRow | CandleRow)
S = TypeVar("S", bound=BucketRow | CandleRow)


class OpenRow(Generic[R]):
    """A row before the call (``was``; blank if there was none), its fence and its spots now."""

    __slots__ = ("_fence", "_is_there", "is_changed", "last", "loose", "was")

    def __init__(self, row: R | None, blank: R) -> None:
        self._is_there = row is not None
        self.was: R = blank if row is None else row
        self.is_changed = False
        self._fence: list[Mark | None] = [*self.was.fence]
        self.last: Spot | None = self.was.last
        self.loose: tuple[Spot, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the row was not there before."""
        return self.is_changed and not self._is_there

    @property
    def unchanged(self) -> R | None:
        """The row as it was."""
        return self.was if self._is_there else None

    @property
    def fence(self) -> Fence:
        """The fence now."""
        return tuple(self._fence)

    def admits(self, turn: Turn, spot: Spot) -> bool:
        """Say whether the event at hand is to be applied; if so its spot and its mark are now."""
        fence, partition = self._fence, turn.partition
        if is_applied(fence, partition, turn.mark):
            return False
        if turn.is_dropped and not (self._is_there or self.is_changed):
            return False
        lift(fence, partition, turn.mark)
        self.is_changed = True
        if turn.is_plain and not self.loose:
            if self.last is None or spot.place > self.last.place:
                self.last = spot
        else:
            self.last, self.loose = registers.latest(self.last, self.loose, spot, turn)
        return True


class OpenCurve(OpenRow[CurveRow]):
    """The hot row of a token."""

    __slots__ = ("base_change", "base_decimals", "quote_decimals", "quote_mint", "trades")

    def __init__(self, row: CurveRow | None, blank: CurveRow) -> None:
        super().__init__(row, blank)
        was = self.was
        self.loose = was.loose
        self.trades, self.base_change = was.trades, was.base_change
        self.base_decimals, self.quote_decimals = was.base_decimals, was.quote_decimals
        self.quote_mint = was.quote_mint

    def take(self, turn: Turn, trade: Trade, spot: Spot) -> None:
        """Apply the trade at hand, unless that was done before."""
        if not self.admits(turn, spot):
            return
        self.trades += turn.sign
        self.base_change += turn.sign * trade.base_change
        if trade.base_decimals is not None:
            self.base_decimals = trade.base_decimals
        if trade.quote_decimals is not None:
            self.quote_decimals = trade.quote_decimals
        self.quote_mint = trade.quote_mint

    def row(self) -> CurveRow | None:
        """Return the row as it is now."""
        if not self.is_changed:
            return self.unchanged
        return CurveRow(
            self.fence,
            self.trades,
            self.base_change,
            self.last,
            self.loose,
            self.base_decimals,
            self.quote_decimals,
            self.quote_mint,
        )


class OpenSums(OpenRow[S]):
    """A row of so many seconds."""

    __slots__ = ("buys", "key", "sells", "volume")

    def __init__(self, key: str, row: S | None, blank: S) -> None:
        super().__init__(row, blank)
        self.key = key
        was = self.was
        self.volume, self.buys, self.sells = was.volume, was.buys, was.sells

    def count(self, turn: Turn, trade: Trade) -> None:
        """Count the trade at hand."""
        self.volume += turn.sign * trade.quote_amount
        if trade.side == "buy":
            self.buys += turn.sign
        else:
            self.sells += turn.sign

    @property
    def added(self) -> tuple[QuoteUnits, int, int]:
        """What the call has added: volume, buys, sells."""
        was = self.was
        return self.volume - was.volume, self.buys - was.buys, self.sells - was.sells


class OpenBucket(OpenSums[BucketRow]):
    """Five seconds of a token."""

    __slots__ = ()

    def __init__(self, key: str, row: BucketRow | None, blank: BucketRow) -> None:
        super().__init__(key, row, blank)
        self.loose = self.was.loose

    def take(self, turn: Turn, trade: Trade, spot: Spot) -> None:
        """Apply the trade at hand, unless that was done before."""
        if self.admits(turn, spot):
            self.count(turn, trade)

    def row(self) -> BucketRow | None:
        """Return the row as it is now."""
        if not self.is_changed:
            return self.unchanged
        return BucketRow(self.fence, self.volume, self.buys, self.sells, self.last, self.loose)


class OpenCandle(OpenSums[CandleRow]):
    """A minute of a token."""

    __slots__ = ("loose_ticks", "prices")

    def __init__(self, key: str, row: CandleRow | None, blank: CandleRow) -> None:
        super().__init__(key, row, blank)
        was = self.was
        self.loose = was.loose_spots
        self.loose_ticks = was.loose
        self.prices: Prices = (was.open, was.high, was.low, was.close)

    def take(self, turn: Turn, trade: Trade, spot: Spot) -> None:
        """Apply the trade at hand, unless that was done before."""
        if not self.admits(turn, spot):
            return
        self.count(turn, trade)
        if trade.base_amount:
            tick = Tick(turn.event.place, trade.base_amount, trade.quote_amount)
            if turn.is_plain and not self.loose_ticks:
                self.prices = priced(self.prices, tick)
            else:
                self.prices, self.loose_ticks = reticked(self.prices, self.loose_ticks, tick, turn)

    def row(self) -> CandleRow | None:
        """Return the row as it is now."""
        if not self.is_changed:
            return self.unchanged
        return CandleRow(
            self.fence,
            self.volume,
            self.buys,
            self.sells,
            *self.prices,
            self.loose_ticks,
            self.last,
            self.loose,
        )
