"""The reader's side of the live feed: one connection to the cache per process."""

import asyncio
import logging
from contextlib import suppress
from time import monotonic
from typing import Any, get_args

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.amounts import seconds_of
from domain.errors import StoreError, UsageError
from schemas.fields import ChainTime, Mint
from views.contract import TokenDocument, Views
from views.live.connections import Turns
from views.live.contract import Channel, Frame, Head, Recalled, Resume, Sink
from views.live.deriving import base_of
from views.live.drafting import ALL
from views.live.feed import Feed
from views.live.figures import Figures
from views.live.heads import ChainHead
from views.live.message import Place, decode_message
from views.live.outlet import Going, Member, Outlet
from views.live.snapshots import Snapshots, check

log = logging.getLogger(__name__)

CONNECTIONS = 16
"""To the cache; one carries the feed. Who finds none free waits: thousands may begin at once."""
_RETRY_S = 0.25
_ANSWER_S = 5.0
_PING_S = 2.0
_SILENT_S = 8.0
"""A connection on which nothing comes for so long, not even answers to pings, is dead."""
_STATUS = Place("status", ALL)
_head = msgspec.json.Decoder(ChainHead).decode


class Seat:
    """A sink's place in the feed."""

    __slots__ = ("_feed", "_member", "_outlet", "_reader")

    def __init__(self, reader: "LiveReader", feed: Feed, outlet: Outlet, member: Member) -> None:
        self._reader, self._feed, self._outlet, self._member = reader, feed, outlet, member

    def close(self) -> None:
        """Send this sink no more frames."""
        self._outlet.leave(self._member)
        self._reader.release(self._feed, self._outlet)


class LiveReader:
    """The live feed as one process sees it; everybody's subscriptions share one connection."""

    def __init__(
        self, redis_url: str, views: Views, *, partitions: int, board_size: int = 100
    ) -> None:
        # A lost connection has to be seen, to fetch what was missed: no silent attempts.
        self._redis = Redis.from_pool(
            Turns.from_url(
                redis_url,
                max_connections=CONNECTIONS,
                socket_timeout=_ANSWER_S,
                socket_connect_timeout=2,
                retry=Retry(NoBackoff(), 0),
            )
        )
        self._snapshots = Snapshots(views, partitions=partitions, board_size=board_size)
        self._figures = Figures(self._redis)
        self._feeds: dict[str, Feed] = {}
        self._going = Going()
        self._confirmed: dict[str, asyncio.Event] = {}
        self._pubsub: PubSub | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._leaving: set[asyncio.Task[None]] = set()
        self._heard_at = 0.0
        self._said_paused = False
        self._head = ChainHead()

    @property
    def head(self) -> Head:
        """Return how far the feed is, for heartbeats."""
        return Head(
            slot=self._head.head_slot,
            chain_time=seconds_of(self._head.chain_time) if self._head.chain_time else None,
            complete_through_slot=self._head.complete_through_slot,
            paused=self.paused,
        )

    @property
    def paused(self) -> bool:
        """Return whether the cache that carries the feed is out of reach."""
        return self._pubsub is None

    async def gone_round(self) -> None:
        """Return when no message is on its way to a crowd of clients any more."""
        await self._going.over.wait()

    async def recall(self, mint: Mint) -> Recalled:
        """Return a token as the cache has it, which is never older than what was sent of it.

        Raises:
            StoreError: the cache is out of reach.
        """
        if self.paused:
            raise _out_of_reach()
        return await self._figures.get(mint)

    async def remember(self, document: TokenDocument, *, epoch: str) -> None:
        """Keep a token in the cache for 30 s as the store had it, which was read in *epoch*.

        Raises:
            StoreError: the cache is out of reach.
        """
        await self._figures.put(document, epoch=epoch)

    async def start(self) -> None:
        """Connect, and keep connected until closed; does not wait for the connection."""
        self._feeds[_STATUS.wire] = feed = Feed(_STATUS, self._redis)
        outlet = self._outlet(feed, _STATUS)
        outlet.join(member := Member(self))
        self._tasks = [
            asyncio.create_task(self._listen_for_ever()),
            asyncio.create_task(self._ping_for_ever()),
            asyncio.create_task(self._begin_status(feed, outlet, member)),
        ]

    async def close(self) -> None:
        """Disconnect and forget every sink."""
        tasks = [*self._tasks, *self._leaving]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for feed in self._feeds.values():
            await feed.close()
        self._feeds.clear()
        await self._redis.aclose()

    async def subscribe(
        self, channel: Channel, key: str, sink: Sink, *, resume: Resume | None = None
    ) -> Seat:
        """Send a sink what it missed since *resume*, or a snapshot, and then everything new.

        Raises:
            UsageError: there is no such channel, board or resolution.
            StoreError: neither the cache nor the store can answer just now.
        """
        if channel not in get_args(Channel):
            raise UsageError(f"There is no channel {channel!r}.")
        place = Place(channel, key)
        check(place)
        feed = self._feed(base_of(place))
        outlet = self._outlet(feed, place)
        member = Member(sink)
        outlet.join(member)
        seat = Seat(self, feed, outlet, member)
        try:
            await self._wait_for(feed)
            await feed.begin(outlet, member, resume)
        except BaseException:
            seat.close()
            raise
        return seat

    def receive(self, frame: Frame) -> None:
        """Take a frame of the status channel."""
        if frame.kind != "reset":
            self._head = _head(frame.data)

    def release(self, feed: Feed, outlet: Outlet) -> None:
        """Let go of what nobody listens to any more."""
        if not outlet.members and feed.outlets.get(outlet.place) is outlet:
            del feed.outlets[outlet.place]
        wire = feed.place.wire
        if not feed.outlets and self._feeds.get(wire) is feed:
            del self._feeds[wire]
            leaving = asyncio.ensure_future(self._leave(feed))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    def _clock(self) -> ChainTime:
        """Return the chain time, 0 before it is known."""
        return self.head.chain_time or 0

    def _feed(self, place: Place) -> Feed:
        """Return the feed of a place, listened to soon."""
        feed = self._feeds.get(place.wire)
        if feed is None:
            feed = self._feeds[place.wire] = Feed(place, self._redis)
        return feed

    def _outlet(self, feed: Feed, place: Place) -> Outlet:
        outlet = feed.outlets.get(place)
        if outlet is None:
            outlet = Outlet(place, snapshots=self._snapshots, clock=self._clock, going=self._going)
            feed.outlets[place] = outlet
        return outlet

    async def _wait_for(self, feed: Feed) -> None:
        """Wait until the cache sends us a feed's messages.

        Raises:
            StoreError: it does not within a few seconds, or is out of reach.
        """
        pubsub, wire = self._pubsub, feed.place.wire
        if pubsub is None:
            raise _out_of_reach()
        if wire not in self._confirmed:
            self._confirmed[wire] = asyncio.Event()
            with suppress(RedisError, OSError):  # The listener sees it too, and reconnects.
                await pubsub.subscribe(wire)
        try:
            await asyncio.wait_for(self._confirmed[wire].wait(), _ANSWER_S)
        except TimeoutError:
            raise StoreError("The live feed is paused: the cache does not answer.") from None

    async def _leave(self, feed: Feed) -> None:
        wire, pubsub = feed.place.wire, self._pubsub
        await feed.close()
        if wire not in self._feeds and pubsub is not None:
            self._confirmed.pop(wire, None)
            with suppress(RedisError, OSError):
                await pubsub.unsubscribe(wire)

    async def _begin_status(self, feed: Feed, outlet: Outlet, member: Member) -> None:
        """Learn how far everything is, as soon as somebody can tell."""
        while True:
            try:
                await self._wait_for(feed)
                await feed.begin(outlet, member, None)
            except StoreError:
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _listen_for_ever(self) -> None:
        while True:
            pubsub = self._redis.pubsub()
            try:
                await self._listen(pubsub)
            except (RedisError, OSError) as error:
                if not self._said_paused:
                    log.warning("The live feed pauses: the cache is out of reach (%s).", error)
                self._said_paused = True
            except Exception:
                log.exception("The live feed begins anew, for what came makes no sense.")
            finally:
                self._pubsub = None
                self._confirmed.clear()
                with suppress(RedisError, OSError):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(_RETRY_S)

    async def _listen(self, pubsub: PubSub) -> None:
        """Take messages until the connection is lost."""
        wires = list(self._feeds)
        self._confirmed = {wire: asyncio.Event() for wire in wires}
        await pubsub.subscribe(*wires)
        self._pubsub, self._heard_at = pubsub, monotonic()
        if self._said_paused:
            log.info("The live feed goes on: the cache is back.")
        self._said_paused = False
        async for answer in pubsub.listen():
            self._heard_at = monotonic()
            self._take(answer)

    def _take(self, answer: dict[str, Any]) -> None:
        wire = answer["channel"].decode() if answer["channel"] else ""
        feed = self._feeds.get(wire)
        if answer["type"] == "subscribe":
            if wire in self._confirmed:
                self._confirmed[wire].set()
            if feed is not None:
                feed.reconnected()
        elif answer["type"] == "message" and feed is not None:
            feed.receive(decode_message(answer["data"]))

    async def _ping_for_ever(self) -> None:
        """End a connection that has silently died."""
        while True:
            await asyncio.sleep(_PING_S)
            pubsub = self._pubsub
            if pubsub is None:
                continue
            with suppress(RedisError, OSError):
                if monotonic() - self._heard_at > _SILENT_S and pubsub.connection is not None:
                    await pubsub.connection.disconnect()
                else:
                    await pubsub.ping()


def _out_of_reach() -> StoreError:
    return StoreError("The live feed is paused: the cache is out of reach.")
