"""One call of the fold: events applied to rows, and what was touched on the way."""

from typing import TypeVar, cast

from domain.dollars import is_good
from domain.fold import steps
from domain.fold.clock import PartitionClock
from domain.fold.fence import Mark, is_applied, mark_of, raised
from domain.fold.index import Index, TokenIndex
from domain.fold.keys import address_key, fact_key, start_key
from domain.fold.registers import reading
from domain.fold.state import Overlays
from domain.windows import FIVE_SECONDS, MINUTE
from schemas.chain_events import Balances, Complete, Launch, Migrate, Trade
from schemas.dollars import DollarPrice
from schemas.event import About, Clock, Event, Joined, OnChain, Op
from schemas.fields import Address, ChainTime, Mint, Slot
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
        # Every row that an event at or below this touched is in the tables, or has been dropped.
        self._fence = clock.fence()
        # The event at hand: its raw position, and whether a row that is missing was dropped.
        self._partition = 0
        self._mark: Mark = (0, 0, 0)
        self._dropped = False

    def take(self, offset: int, event: Event | None) -> bool:
        """Apply one record of events; None is one that nobody could read.

        Returns whether it is new: not delivered, nor said by its decoder, before.
        """
        match event:
            case OnChain():
                if event.op != Op.LOG:
                    self._on_chain(offset, event)
            case Clock():
                if self._clock.tick(event):
                    self.ticked = offset
            case About():
                self._about(offset, event)
            case DollarPrice():
                self._priced(event)
            case Joined():
                self._clock.join(event.complete)
        return self._clock.count(offset, event)

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
        raw = event.raw
        self._partition, self._mark = raw.partition, mark_of(raw)
        self._dropped = is_applied(self._fence, self._partition, self._mark)
        touched = self._touched(what.mint)
        touched.offset = offset
        token = self._index.token(what.mint)
        if type(what) is Trade:
            touched.minutes[event.time - event.time % MINUTE] = offset
            self._trade(event, what, token)
        elif type(what) is Balances:
            self._balances(event, what, token)
            for balance in what.accounts:
                touched.accounts[balance.account] = (offset, balance.owner, event.place.slot)
        elif isinstance(what, Launch | Complete | Migrate):
            self._milestone(event, what)

    def _trade(self, event: OnChain, trade: Trade, token: TokenIndex) -> None:
        spot = Spot(
            event.place,
            event.time,
            trade.sqrt_price,
            trade.quote_reserve,
            trade.threshold,
            trade.price,
            trade.base_reserve,
            trade.in_pool,
        )
        self._curve(event, trade, spot)
        self._bucket(event, trade, spot, token)
        self._candle(event, trade, spot, token)
        self._trader(event, trade, token)

    def _curve(self, event: OnChain, trade: Trade, spot: Spot) -> None:
        rows, mint = self.rows.curves, trade.mint
        row = self._open(rows[mint], self._blanks.curve)
        if row is not None:
            rows[mint] = steps.curve_after(
                row,
                event,
                trade,
                spot,
                fence=raised(row.fence, self._partition, self._mark),
                complete=self._clock.complete,
            )

    def _bucket(self, event: OnChain, trade: Trade, spot: Spot, token: TokenIndex) -> None:
        start = event.time - event.time % FIVE_SECONDS
        rows, key = self.rows.buckets, start_key(trade.mint, start)
        row = self._open(rows[key], self._blanks.bucket)
        if row is None:
            return
        after = steps.bucket_after(
            row,
            event,
            trade,
            spot,
            fence=raised(row.fence, self._partition, self._mark),
            complete=self._clock.complete,
        )
        rows[key] = after
        token.buckets.add(
            start, after.volume - row.volume, after.buys - row.buys, after.sells - row.sells
        )

    def _candle(self, event: OnChain, trade: Trade, spot: Spot, token: TokenIndex) -> None:
        start = event.time - event.time % MINUTE
        rows, key = self.rows.candles, start_key(trade.mint, start)
        row = self._open(rows[key], self._blanks.candle)
        if row is None:
            return
        after = steps.candle_after(
            row,
            event,
            trade,
            spot,
            fence=raised(row.fence, self._partition, self._mark),
            complete=self._clock.complete,
        )
        rows[key] = after
        token.minutes.add(
            start, after.volume - row.volume, after.buys - row.buys, after.sells - row.sells
        )
        if row is self._blanks.candle:
            self._index.close_later(trade.mint, start)

    def _trader(self, event: OnChain, trade: Trade, token: TokenIndex) -> None:
        rows, key = self.rows.traders, address_key(trade.mint, trade.trader)
        row = self._open(rows[key], self._blanks.trader)
        if row is None:
            return
        after = steps.trader_after(
            row,
            event,
            fence=raised(row.fence, self._partition, self._mark),
            complete=self._clock.complete,
        )
        rows[key] = after
        token.move_trader(reading(row.last, row.loose), reading(after.last, after.loose))

    def _balances(self, event: OnChain, balances: Balances, token: TokenIndex) -> None:
        rows, complete = self.rows.accounts, self._clock.complete
        for balance in balances.accounts:
            key = address_key(balances.mint, balance.account)
            row = self._open(rows[key], self._blanks.account)
            if row is None:
                continue
            after = steps.account_after(
                row,
                event,
                balance,
                fence=raised(row.fence, self._partition, self._mark),
                complete=complete,
            )
            rows[key] = after
            token.holders.move(reading(row.last, row.loose), reading(after.last, after.loose))

    def _milestone(self, event: OnChain, milestone: Launch | Complete | Migrate) -> None:
        rows, mint = self.rows.lives, milestone.mint
        row = self._open(rows[mint], self._blanks.life)
        if row is not None:
            rows[mint] = steps.life_after(
                row, event, milestone, fence=raised(row.fence, self._partition, self._mark)
            )

    def _open(self, row: R | None, blank: R) -> R | None:
        """Return the row to apply the event at hand to, None if that was done before."""
        if row is None:
            return None if self._dropped else blank
        return None if is_applied(row.fence, self._partition, self._mark) else row

    def _priced(self, price: DollarPrice) -> None:
        """Keep a price, unless a newer one is there; it is told with whatever is told next."""
        rows, key = self.rows.facts, fact_key(price.mint, DollarPrice)
        row = rows[key]
        if row is not None and row.revision > price.time:
            return
        rows[key] = FactRow(price.time, price)
        old = None if row is None else cast("DollarPrice", row.fact)
        if old is None or not is_good(old, price.time):
            self._index.priced(
                price,
                self._clock.time,
                curves=self.rows.curves.peek,
                lives=self.rows.lives.peek,
            )

    def _about(self, offset: int, about: About) -> None:
        """Keep a fact, unless one of a newer revision is there."""
        self.tell(about.mint, offset)
        rows, key = self.rows.facts, fact_key(about.mint, type(about.fact))
        row = rows[key]
        if row is None or row.revision <= about.revision:
            rows[key] = FactRow(about.revision, about.fact)
