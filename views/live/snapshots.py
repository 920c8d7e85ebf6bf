"""What a subscriber begins with: the state of a channel key as of a message."""

import asyncio
from collections.abc import Iterable, Sequence
from time import monotonic, time
from typing import Any

import msgspec

from domain.amounts import seconds_of
from domain.errors import StoreError, UsageError
from schemas.candle import VersionedTrade
from schemas.fields import ChainTime
from schemas.public import HolderRecord, TradeRecord
from views.boards import BOARDS
from views.contract import Views
from views.live.cache import Kept
from views.live.deriving import Derivation, Trades, base_of
from views.live.drafting import ALL, holders_data
from views.live.heads import Heads
from views.live.message import Message, Place, data_of, snapshot_message
from views.live.ranking import board_data

TRADES_SHOWN = 50
CANDLES_SHOWN = 120
ACCOUNTS_SHOWN = 200
EVENTS_SHOWN = 50
BEHIND_S = 10.0
"""So long a store may take to reach what is kept of the feed; then a client is to come back."""
LOOK_EVERY_S = 0.1


class Versioned(msgspec.Struct, frozen=True):
    """A state, as far as its version; 0 for one that is not there yet."""

    version: int = 0


_versioned = msgspec.json.Decoder(Versioned).decode
_trade = msgspec.json.Decoder(TradeRecord).decode
_accounts = msgspec.json.Decoder(dict[str, HolderRecord]).decode
_named = msgspec.json.Decoder(dict[str, Any]).decode


def check(place: Place) -> None:
    """Make sure that there is such a place.

    Raises:
        UsageError: there is no such board or resolution, or the channel has but one key.
    """
    if place.channel == "board" and place.key not in BOARDS:
        raise UsageError(f"There is no board {place.key!r}; choose from {', '.join(BOARDS)}.")
    if place.channel in ("launches", "posts", "status") and place.key != ALL:
        raise UsageError(f"The channel {place.channel} has one key, {ALL!r}.")
    base_of(place)


class Snapshots:
    """Makes snapshots from what the cache keeps, and from the store where that is not enough."""

    def __init__(self, views: Views, *, partitions: int, board_size: int) -> None:
        self._views, self._partitions, self._board_size = views, partitions, board_size

    async def snapshot(self, place: Place, kept: Kept) -> Message:
        """Return the state of a place as of the last message kept.

        Raises:
            StoreError: the store is needed and cannot be reached.
        """
        if kept.now is not None:
            return kept.now
        data = await self._data(place, kept)
        slot = kept.log[-1].slot if kept.log else 0
        version = _versioned(data).version if place.channel == "token" else 0
        return snapshot_message(
            place,
            epoch=kept.epoch,
            seq=kept.seq,
            slot=slot,
            at=int(time()),
            data=data,
            version=version,
        )

    async def load(self, place: Place, made: Derivation, kept: Kept, *, now: ChainTime) -> None:
        """Fill what derives a place's candles, from the store and from what is kept.

        Raises:
            StoreError: the store is needed and cannot be reached, or is far behind the feed.
        """
        mint, since = place.key.partition(":")[0], max(0, now - made.kept_s)
        if isinstance(made, Trades):
            made.load(await self._trades_up_to(kept.log, mint, since=since), since=since)
        else:
            made.load(await self._views.minutes(mint, start=since, end=_FAR), since=since)
        for message in kept.log:
            made.take(message)

    async def _trades_up_to(
        self, log: Sequence[Message], mint: str, *, since: ChainTime
    ) -> tuple[VersionedTrade, ...]:
        """Return the store's trades as soon as they reach those of a log that was cut.

        It has a second or two of a busy token; when the store is further behind than that, what
        lies between is in neither.
        """
        kept = [message for message in log if _time(message) >= since]
        if kept and log[0].prev:
            await self._reach(kept[0], mint)
        return await self._views.trades_between(mint, start=since, end=_FAR)

    async def _reach(self, message: Message, mint: str) -> None:
        """Wait until the store has a trade, or what came after it at that time."""
        until, at = monotonic() + BEHIND_S, _time(message)
        while True:
            found = await self._views.trades_between(mint, start=at, end=at + 1)
            # Versions of trades are their places in a topic that the store reads in order.
            if any(one.version >= message.version for one in found):
                return
            if monotonic() > until:
                raise StoreError("The store is behind the live feed just now.")
            await asyncio.sleep(LOOK_EVERY_S)

    def candles(self, place: Place, made: Derivation, kept: Kept, *, now: ChainTime) -> Message:
        """Return the newest candles that a derivation makes, as of the last message kept."""
        shown = made.candles(now=now, most=CANDLES_SHOWN)
        slot = kept.log[-1].slot if kept.log else 0
        return snapshot_message(
            place, epoch=kept.epoch, seq=kept.seq, slot=slot, at=int(time()), data=_items(shown)
        )

    async def _data(self, place: Place, kept: Kept) -> bytes:
        match place.channel:
            case "token":
                document = await self._views.token(place.key)
                return bytes(document.body) if document else b"{}"
            case "trades":
                return await self._trades(place.key, kept.log)
            case "holders":
                return await self._holders(place.key, kept.log)
            case "board":
                return await self._board(place.key)
            case "status":
                return await self._status()
        return _items(_newest(kept.log))

    async def _trades(self, mint: str, log: Iterable[Message]) -> bytes:
        page = await self._views.trades(mint, limit=TRADES_SHOWN)
        found = {trade.id: trade for trade in page.items}
        found.update({trade.id: trade for trade in (_trade(data_of(m)) for m in log)})
        standing = [trade for trade in found.values() if not trade.retracted]
        standing.sort(key=lambda trade: (trade.sort_key, trade.id), reverse=True)
        return _items(standing[:TRADES_SHOWN])

    async def _holders(self, mint: str, log: Iterable[Message]) -> bytes:
        found = {a.account: a for a in await self._views.accounts(mint, limit=ACCOUNTS_SHOWN)}
        for message in log:
            for account, record in _accounts(data_of(message)).items():
                if account not in found or found[account].version <= record.version:
                    found[account] = record
        return holders_data(a for a in found.values() if int(a.base_units))

    async def _board(self, name: str) -> bytes:
        query = msgspec.structs.replace(BOARDS[name], limit=self._board_size)
        page = await self._views.tokens(query)
        order = [document.mint for document in page.items]
        return board_data(order, {d.mint: bytes(d.body) for d in page.items})

    async def _status(self) -> bytes:
        heads = Heads(partitions=self._partitions)
        for progress in await self._views.progress():
            heads.take(progress)
        return msgspec.json.encode(heads.head())


def _time(message: Message) -> ChainTime:
    return seconds_of(_trade(data_of(message)).time)


def _newest(log: Iterable[Message]) -> list[dict[str, Any]]:
    """Return the newest events, newest first, each thing in its newest state."""
    found: dict[str, dict[str, Any]] = {}
    for message in log:
        event = _named(data_of(message))
        found.pop(event["id"], None)
        found[event["id"]] = event
    standing = [e for e in found.values() if not (e.get("retracted") or e.get("deleted"))]
    return standing[::-1][:EVENTS_SHOWN]


def _items(items: Iterable[Any]) -> bytes:
    return b'{"items":' + msgspec.json.encode(list(items)) + b"}"


_FAR = 2**40  # Later than any chain time.
