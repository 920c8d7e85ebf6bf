"""What is kept in memory beside the rows, so that a token can be told without reading them all.

Nothing here is a truth of its own: ``Index.of_rows`` makes the same from the rows alone.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import cast

from domain.dollars import first_look
from domain.fold.clock import PartitionClock
from domain.fold.holders import Holders
from domain.fold.keys import mint_of, start_of
from domain.fold.known import Backdrop, Known, as_of, first_launch, known_of, wait_end
from domain.fold.registers import reading
from domain.fold.state import Overlays, Tables
from domain.windows import FIVE_SECONDS, IN_BUCKETS, IN_MINUTES, MINUTE, Series
from schemas.chain_events import Launch
from schemas.dollars import DollarPrice
from schemas.fields import ChainTime, Mint
from schemas.rows import CurveRow, LifeRow, Seen


class TokenIndex:
    """Windows and holders of one token. ``due``: when the clock has to look at it again."""

    __slots__ = (
        "buckets", "dollars_until", "due", "holders", "is_looked_at", "minutes", "waits_until",
    )  # fmt: skip

    def __init__(self) -> None:
        self.buckets = Series(IN_BUCKETS, FIVE_SECONDS)
        self.minutes = Series(IN_MINUTES, MINUTE)
        self.holders = Holders()
        self.due: ChainTime | None = None
        self.waits_until: ChainTime | None = None  # When its post is no longer expected.
        self.dollars_until: ChainTime | None = None  # When its dollars are looked at again.
        self.is_looked_at = False  # Whether its launch may be lacking, ``Lacking`` decides once.

    def move_trader(self, old: Seen | None, new: Seen | None) -> None:
        """Take note that one trader's newest trade was *old* and is now *new*."""
        was = None if old is None else old.time
        now = None if new is None else new.time
        if was != now:
            self.buckets.move_trader(was, now)
            self.minutes.move_trader(was, now)

    def count_traders(self, at: ChainTime, change: int) -> None:
        """Take note of how many more traders have their newest trade in the bucket of *at*."""
        self.buckets.count_traders(at, change)
        self.minutes.count_traders(at, change)

    def advance(self, at: ChainTime) -> None:
        """Put the ends of all windows at chain time *at*."""
        self.buckets.advance(at)
        self.minutes.advance(at)

    def next_change(self) -> ChainTime | None:
        """Return the chain time at which the token changes without being touched."""
        exits = self.buckets.next_exit(), self.minutes.next_exit()
        changes = (*exits, self.waits_until, self.dollars_until)
        return min((time for time in changes if time is not None), default=None)


class Index:
    """The tokens of one partition, and the chain times at which they, or minutes, are due.

    ``backdrops`` has those of tokens that were told; whoever changes a row that they are made of
    drops them.
    """

    __slots__ = ("_closing", "_due", "backdrops", "tokens")

    def __init__(self) -> None:
        self.tokens: dict[Mint, TokenIndex] = {}
        self.backdrops: dict[Mint, Backdrop] = {}
        self._due: list[tuple[ChainTime, Mint]] = []
        self._closing: list[tuple[ChainTime, Mint]] = []

    @classmethod
    def of_rows(cls, tables: Tables, clock: PartitionClock) -> "Index":
        """Return the index that says what the rows say at *clock*."""
        index = cls()
        for key, bucket in tables.buckets.items():
            sums = (bucket.volume, bucket.buys, bucket.sells)
            index.token(mint_of(key)).buckets.add(start_of(key), *sums)
        for key, candle in tables.candles.items():
            sums = (candle.volume, candle.buys, candle.sells)
            index.token(mint_of(key)).minutes.add(start_of(key), *sums)
            index._close_if_open(mint_of(key), start_of(key), clock)
        for key, trader in tables.traders.items():
            index.token(mint_of(key)).move_trader(None, reading(trader.last, trader.loose))
        for key, account in tables.accounts.items():
            index.token(mint_of(key)).holders.move(None, reading(account.last, account.loose))
        index._place(tables, clock)
        return index

    def token(self, mint: Mint) -> TokenIndex:
        """Return the index of a token, a new one at its first sight."""
        token = self.tokens.get(mint)
        if token is None:
            token = self.tokens[mint] = TokenIndex()
        return token

    def schedule(self, mint: Mint, token: TokenIndex) -> None:
        """See to it that the clock looks at the token when it next changes by itself."""
        change = token.next_change()
        if change is not None and (token.due is None or change < token.due):
            token.due = change
            heappush(self._due, (change, mint))

    def due(self, now: ChainTime) -> Iterator[Mint]:
        """Yield the tokens that change by chain time *now* without being touched."""
        while self._due and self._due[0][0] <= now:
            time, mint = heappop(self._due)
            token = self.tokens[mint]
            if token.due != time:
                continue  # An earlier entry has taken this one's place.
            token.due = None
            change = token.next_change()
            if change is not None and change <= now:
                yield mint
            else:
                self.schedule(mint, token)

    def priced(
        self,
        price: DollarPrice,
        now: ChainTime,
        *,
        curves: Callable[[Mint], CurveRow | None],
        lives: Callable[[Mint], LifeRow | None],
    ) -> None:
        """Have the tokens looked at, bit by bit, that could not be told in dollars before *price*.

        Further prices of the same quote token find each of them scheduled already.
        """
        for mint, token in self.tokens.items():
            if token.dollars_until is None and _quote(curves(mint), lives(mint)) == price.mint:
                token.dollars_until = first_look(mint, price, now)
                self.schedule(mint, token)

    def known(self, mint: Mint, rows: Overlays) -> Known:
        """Return what *rows* know of a token."""
        return known_of(mint, rows, self.backdrops)

    def close_later(self, mint: Mint, start: ChainTime) -> None:
        """Have the minute that begins at *start* closed once nothing in it can change."""
        heappush(self._closing, (start + MINUTE, mint))

    def closing(self, complete_time: ChainTime) -> Iterator[tuple[Mint, ChainTime]]:
        """Yield the minutes (mint, start) in which nothing changes from *complete_time* on."""
        while self._closing and self._closing[0][0] <= complete_time:
            end, mint = heappop(self._closing)
            yield mint, end - MINUTE

    def _close_if_open(self, mint: Mint, start: ChainTime, clock: PartitionClock) -> None:
        if start + MINUTE > clock.complete_time:
            self.close_later(mint, start)

    def _place(self, tables: Tables, clock: PartitionClock) -> None:
        for mint in (*tables.curves, *tables.lives):
            self.token(mint)
        for mint, token in self.tokens.items():
            life = tables.lives.get(mint)
            at = as_of(clock.time, tables.curves.get(mint), life)
            end = wait_end(first_launch(life))
            token.waits_until = end if end is not None and end > at else None
            token.advance(at)
            self.schedule(mint, token)
        for row in tables.facts.values():
            if isinstance(row.fact, DollarPrice):
                self.priced(row.fact, clock.time, curves=tables.curves.get, lives=tables.lives.get)


def _quote(curve: CurveRow | None, life: LifeRow | None) -> Mint | None:
    """Return the quote token as a token's newest trade says, else its launch."""
    if curve is not None and curve.quote_mint is not None:
        return curve.quote_mint
    launched = first_launch(life)
    return None if launched is None else cast("Launch", launched.event).quote_mint
