"""Candles of the other resolutions, made from the messages of minutes and of trades.

A message of a minute (or of a trade) makes exactly one candle message, with the same number, so
that every replica says the same and nothing has to be stamped twice.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from sortedcontainers import SortedDict

from domain.amounts import seconds_of
from domain.candles import MINUTE, coarser, extended, finer, settled, step_of
from schemas.candle import Candle, Tick, VersionedTrade
from schemas.fields import ChainTime
from schemas.public import CandleRecord
from views.live.message import Message, Place, data_of

MINUTES_KEPT_S = 2 * 86_400
"""Nothing older changes: it is the retention of the raw topic."""
TRADES_KEPT_S = 600
"""An older trade that comes or goes makes subscribers of finer candles begin anew."""

_minute = msgspec.json.Decoder(CandleRecord).decode
_tick = msgspec.json.Decoder(Tick).decode


def base_of(place: Place) -> Place:
    """Return the place whose messages a place's frames are made of; most are made of their own.

    Raises:
        UsageError: a candle's key names no resolution.
    """
    if place.channel != "candles":
        return place
    mint, _, resolution = place.key.partition(":")
    step = step_of(resolution)
    return Place("trades", mint) if step < MINUTE else Place("candles", f"{mint}:1m")


class Minutes:
    """A token's newest minutes, and the candles of a minute or more that they make."""

    kept_s = MINUTES_KEPT_S

    def __init__(self, step: int) -> None:
        self._step = step
        self._kept: SortedDict[ChainTime, CandleRecord] = SortedDict()
        self.since: ChainTime | None = None

    def load(self, minutes: Iterable[CandleRecord], *, since: ChainTime) -> None:
        """Take minutes from the store; *since*: all from then on are there."""
        self.since = since - since % self._step
        for minute in minutes:
            self._take(minute)

    def take(self, message: Message) -> ChainTime:
        """Take a message; return the start of the interval that it is about."""
        minute = _minute(data_of(message))
        self._take(minute)
        return _floor(seconds_of(minute.time), self._step)

    def candles(self, *, now: ChainTime, most: int) -> tuple[Candle, ...]:
        """Return the newest candles, so many at most, oldest first."""
        return coarser(self._kept.values(), step=self._step, now=now)[-most:]

    def candle(self, start: ChainTime, *, now: ChainTime) -> Candle:
        """Return the candle of the interval that starts at *start*, which is not empty."""
        inside = range(start, start + self._step, MINUTE)
        kept = [self._kept[at] for at in inside if at in self._kept]
        return coarser(kept, step=self._step, now=now)[0]

    def _take(self, minute: CandleRecord) -> None:
        at = seconds_of(minute.time)
        known = self._kept.get(at)
        if known is None or known.rev <= minute.rev:
            self._kept[at] = minute
        while at - self._kept.keys()[0] > 2 * self.kept_s:
            oldest, _ = self._kept.popitem(0)
            self.since = max(self.since or 0, _floor(oldest, self._step) + self._step)


class Made(NamedTuple):
    """A candle as it was made last, and the place in chain order of its last trade."""

    candle: Candle
    last: tuple[str, str]


class Trades:
    """A token's newest trades, and the candles of less than a minute that they make."""

    kept_s = TRADES_KEPT_S

    def __init__(self, step: int) -> None:
        self._step = step
        self._kept: SortedDict[ChainTime, dict[str, VersionedTrade]] = SortedDict()
        # A busy token has thousands of trades in an interval, and nearly each comes as the last.
        self._made: dict[ChainTime, Made] = {}
        self.since: ChainTime | None = None

    def load(self, trades: Iterable[VersionedTrade], *, since: ChainTime) -> None:
        """Take trades from the store; *since*: all from then on are there."""
        self.since = since - since % self._step
        for trade in trades:
            self._take(trade)

    def take(self, message: Message) -> ChainTime:
        """Take a message; return the start of the interval that it is about."""
        return self._take(VersionedTrade(message.version, _tick(data_of(message))))

    def candles(self, *, now: ChainTime, most: int) -> tuple[Candle, ...]:
        """Return the newest candles, so many at most, oldest first."""
        return tuple(self.candle(at, now=now) for at in self._kept.keys()[-most:])

    def candle(self, start: ChainTime, *, now: ChainTime) -> Candle:
        """Return the candle of the interval that starts at *start*, which is not empty."""
        made = self._made.get(start)
        if made is None:
            order = sorted(self._kept[start].values(), key=_in_chain)
            made = Made(finer(order, step=self._step, now=now)[0], _in_chain(order[-1]))
            self._made[start] = made
        final = settled(_floor(start, MINUTE), step=MINUTE, now=now)
        return replace(made.candle, final=final)

    def _take(self, item: VersionedTrade) -> ChainTime:
        start = _floor(seconds_of(item.trade.time), self._step)
        inside = self._kept.setdefault(start, {})
        known = inside.get(item.trade.id)
        if known is None or known.version <= item.version:
            inside[item.trade.id] = item
            self._make(start, item, is_new=known is None)
        while start - self._kept.keys()[0] > 2 * self.kept_s:
            oldest, _ = self._kept.popitem(0)
            self._made.pop(oldest, None)
            self.since = max(self.since or 0, oldest + self._step)
        return start

    def _make(self, start: ChainTime, item: VersionedTrade, *, is_new: bool) -> None:
        """Let a candle have one more trade, or be made anew where that is not all that changed."""
        made = self._made.pop(start, None)
        is_last = made is not None and _in_chain(item) > made.last
        if made and made.candle.trades and is_new and is_last and not item.trade.retracted:
            self._made[start] = Made(extended(made.candle, item), _in_chain(item))


Derivation = Minutes | Trades


def derivation(place: Place) -> Derivation | None:
    """Return what makes the frames of a candles place; None for every other."""
    if place.channel != "candles":
        return None
    step = step_of(place.key.partition(":")[2])
    return Trades(step) if step < MINUTE else Minutes(step)


def _in_chain(item: VersionedTrade) -> tuple[str, str]:
    return item.trade.sort_key, item.trade.id


def _floor(at: ChainTime, step: int) -> ChainTime:
    return at - at % step
