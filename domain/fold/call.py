"""One call of the fold: events applied to rows, and what was touched on the way."""

from typing import TypeVar

from domain.fold import steps
from domain.fold.clock import PartitionClock
from domain.fold.fence import is_applied
from domain.fold.index import Index
from domain.fold.keys import address_key, fact_key, start_key
from domain.fold.registers import reading
from domain.fold.state import Overlay, Overlays
from domain.windows import FIVE_SECONDS, MINUTE
from schemas.chain_events import Balances, Complete, Launch, Migrate, Trade
from schemas.event import About, Clock, Event, Joined, OnChain, Op
from schemas.fields import Address, ChainTime, Mint, Slot
from schemas.place import RawPosition
from schemas.rows import (
    AccountRow,
    BucketRow,
    CandleRow,
    CurveRow,
    FactRow,
    Fence,
    LifeRow,
    Spot,
    TraderRow,
)

R = TypeVar("R", CurveRow, BucketRow, CandleRow, TraderRow, AccountRow, LifeRow)


class Touched:
    """What of a token a call touched, with the offset of the last record that did.

    ``offset`` is that of the token itself, -1 if only a minute of it is to be told.
    """

    __slots__ = ("accounts", "minutes", "offset")

    def __init__(self) -> None:
        self.offset = -1
        self.minutes: dict[ChainTime, int] = {}
        self.accounts: dict[Address, tuple[int, Address, Slot]] = {}


class Blanks:
    """A row of each kind before its first event."""

    __slots__ = ("account", "bucket", "candle", "curve", "life", "trader")

    def __init__(self, fence: Fence) -> None:
        self.curve = CurveRow(fence)
        self.bucket = BucketRow(fence)
        self.candle = CandleRow(fence)
        self.trader = TraderRow(fence)
        self.account = AccountRow(fence)
        self.life = LifeRow(fence)


class Call:
    """Applies events to the rows of one partition and keeps the index in step with them."""

    def __init__(
        self, rows: Overlays, index: Index, clock: PartitionClock, *, blanks: Blanks
    ) -> None:
        self.rows = rows
        self.tokens: dict[Mint, Touched] = {}
        self.ticked = -1  # The offset of the last clock that was news.
        self._index = index
        self._clock = clock
        self._blanks = blanks
        # Every row an event at or below this touched is in the tables, or has been dropped.
        self._fence = clock.fence

    def take(self, offset: int, event: Event | None) -> None:
        """Apply one record of events; None is one that nobody could read."""
        superseded = False
        match event:
            case OnChain():
                if event.op != Op.LOG:
                    self._on_chain(offset, event)
            case Clock():
                if self._clock.tick(event):
                    self.ticked = offset
            case About():
                superseded = not self._about(offset, event)
            case Joined():
                superseded = not self._clock.join(event.complete)
        self._clock.count(offset, event, superseded=superseded)

    def tell(self, mint: Mint, offset: int) -> None:
        """Take note that the token is to be told because of the record at *offset*."""
        touched = self._touched(mint)
        touched.offset = max(touched.offset, offset)

    def tell_minute(self, mint: Mint, start: ChainTime, offset: int) -> None:
        """Take note that a minute is to be told because of the record at *offset*."""
        minutes = self._touched(mint).minutes
        minutes[start] = max(minutes.get(start, -1), offset)

    def _touched(self, mint: Mint) -> Touched:
        touched = self.tokens.get(mint)
        if touched is None:
            touched = self.tokens[mint] = Touched()
        return touched

    def _on_chain(self, offset: int, event: OnChain) -> None:
        what = event.event
        touched = self._touched(what.mint)
        touched.offset = offset
        if type(what) is Trade:
            touched.minutes[event.time - event.time % MINUTE] = offset
            self._trade(event, what)
        elif type(what) is Balances:
            self._balances(event, what, offset, touched)
        elif isinstance(what, Launch | Complete | Migrate):
            self._milestone(event, what)

    def _trade(self, event: OnChain, trade: Trade) -> None:
        spot = Spot(event.place, event.time, trade.sqrt_price, trade.quote_reserve, trade.threshold)
        self._curve(event, trade, spot)
        self._bucket(event, trade, spot)
        self._candle(event, trade, spot)
        self._trader(event, trade)

    def _curve(self, event: OnChain, trade: Trade, spot: Spot) -> None:
        rows = self.rows.curves
        row = self._open(rows, trade.mint, self._blanks.curve, event.raw)
        if row is not None:
            rows.touched[trade.mint] = steps.curve_after(
                row, event, trade, spot, complete=self._clock.complete
            )

    def _bucket(self, event: OnChain, trade: Trade, spot: Spot) -> None:
        start = event.time - event.time % FIVE_SECONDS
        key = start_key(trade.mint, start)
        rows = self.rows.buckets
        row = self._open(rows, key, self._blanks.bucket, event.raw)
        if row is None:
            return
        after = steps.bucket_after(row, event, trade, spot, complete=self._clock.complete)
        rows.touched[key] = after
        self._index.token(trade.mint).buckets.add(
            start, after.volume - row.volume, after.buys - row.buys, after.sells - row.sells
        )

    def _candle(self, event: OnChain, trade: Trade, spot: Spot) -> None:
        start = event.time - event.time % MINUTE
        key = start_key(trade.mint, start)
        rows = self.rows.candles
        row = self._open(rows, key, self._blanks.candle, event.raw)
        if row is None:
            return
        after = steps.candle_after(row, event, trade, spot, complete=self._clock.complete)
        rows.touched[key] = after
        self._index.token(trade.mint).minutes.add(
            start, after.volume - row.volume, after.buys - row.buys, after.sells - row.sells
        )
        if row is self._blanks.candle:
            self._index.close_later(trade.mint, start)

    def _trader(self, event: OnChain, trade: Trade) -> None:
        key = address_key(trade.mint, trade.trader)
        rows = self.rows.traders
        row = self._open(rows, key, self._blanks.trader, event.raw)
        if row is None:
            return
        after = steps.trader_after(row, event, complete=self._clock.complete)
        rows.touched[key] = after
        self._index.token(trade.mint).move_trader(
            reading(row.last, row.loose), reading(after.last, after.loose)
        )

    def _balances(self, event: OnChain, balances: Balances, offset: int, touched: Touched) -> None:
        rows = self.rows.accounts
        for balance in balances.accounts:
            key = address_key(balances.mint, balance.account)
            touched.accounts[balance.account] = (offset, balance.owner, event.place.slot)
            row = self._open(rows, key, self._blanks.account, event.raw)
            if row is None:
                continue
            after = steps.account_after(row, event, balance, complete=self._clock.complete)
            rows.touched[key] = after
            self._index.token(balances.mint).holders.move(
                reading(row.last, row.loose), reading(after.last, after.loose)
            )

    def _milestone(self, event: OnChain, milestone: Launch | Complete | Migrate) -> None:
        rows = self.rows.lives
        row = self._open(rows, milestone.mint, self._blanks.life, event.raw)
        if row is not None:
            rows.touched[milestone.mint] = steps.life_after(row, event, milestone)

    def _about(self, offset: int, about: About) -> bool:
        """Keep a fact of the newest revision; return False for an older one."""
        rows = self.rows.facts
        key = fact_key(about.mint, type(about.fact))
        row = rows.get(key)
        self.tell(about.mint, offset)
        if row is not None and row.revision > about.revision:
            rows.touched[key] = row
            return False
        rows.touched[key] = FactRow(about.revision, about.fact)
        return True

    def _open(self, rows: Overlay[R], key: str, blank: R, raw: RawPosition) -> R | None:
        """Return the row to apply an event to, None if it has been applied: then it is re-sent."""
        row = rows.get(key)
        if row is None:
            if not is_applied(self._fence, raw):
                return blank
        elif not is_applied(row.fence, raw):
            return row
        rows.touched[key] = row
        return None
