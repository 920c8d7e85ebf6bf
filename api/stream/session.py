"""One live client: its commands, its subscriptions, its end."""

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import NamedTuple, cast, get_args

from api.access.buckets import Buckets
from api.access.keys import Rate
from api.metrics import Metrics
from api.problem import Problem
from api.settings import ApiSettings
from api.stream import protocol
from api.stream.filtered import FilteredBoard
from api.stream.lane import EVENTS, Lane
from api.stream.outbox import Following, Outbox, Queue
from api.stream.protocol import Auth, Message, Ping, Subscribe, Unsubscribe, encode, refusal
from api.stream.visitor import Visitor
from domain.amounts import timestamp
from domain.errors import StoreError, UsageError
from views.live.contract import Channel, LiveFeed, Resume, Subscription

NOWHERE = Resume("", 0)
"""A place in no history: who resumes there is answered with a reset and a snapshot."""


class Ending(NamedTuple):
    """Why a session ends, as a close code and a reason of at most 123 bytes."""

    code: int
    reason: str


class RefusedError(UsageError):
    """A subscription that cannot be opened; ``code`` is for programs."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Session:
    """What one client has subscribed to. Commands are handled one after the other."""

    def __init__(
        self, feed: LiveFeed, visitor: Visitor, *, settings: ApiSettings, metrics: Metrics
    ) -> None:
        self.outbox, self.visitor = Outbox(sent=metrics.sent), visitor
        self.ended: asyncio.Future[Ending | None] = asyncio.get_running_loop().create_future()
        self.sending_since: Callable[[], float | None] = _never
        self._feed, self._settings, self._metrics = feed, settings, metrics
        self._open: dict[object, tuple[Lane, Subscription]] = {}
        # A dashboard subscribes to all it shows at once, so the first burst is as large as that.
        self._rate = Rate(
            settings.ws_messages_per_s * 60, settings.ws_subscriptions + settings.ws_messages_per_s
        )
        self._messages = Buckets(subjects=1)

    def welcome(self) -> None:
        """Announce the limits."""
        settings = self._settings
        limits = {
            "subscriptions": settings.ws_subscriptions,
            "messagesPerSecond": settings.ws_messages_per_s,
            "messageMaxBytes": settings.ws_message_max_bytes,
            "queuedEvents": settings.ws_queue_messages,
            "stallMs": int(settings.ws_stall_s * 1000),
        }
        data = {
            "protocol": protocol.SUBPROTOCOL,
            "heartbeatMs": 1000,
            "channels": get_args(Channel),
            "limits": limits,
            "pictures": settings.pictures,
        }
        self.outbox.say(encode(Message(type="welcome", slot=self._feed.head.slot, data=data)))

    def end(self, ending: Ending | None) -> None:
        """End the session; None: the client has gone. The first reason counts."""
        if not self.ended.done():
            self.ended.set_result(ending)

    def refuse(self, problem: Problem) -> None:
        """End the session because its client may not stay."""
        self.end(ending_of(problem))

    def is_stalled(self, *, now: float) -> bool:
        """Return whether the client has read nothing for too long, at a monotonic time."""
        since = self.sending_since()
        return since is not None and now - since > self._settings.ws_stall_s

    def close(self) -> None:
        """Let go of every subscription."""
        for lane, subscription in self._open.values():
            subscription.close()
            self.outbox.shut(lane)
        self._open.clear()

    def accepts(self, text: str | None) -> bool:
        """Return whether a message may be handled; the session ends over one that may not.

        None stands for a binary one.
        """
        if self.ended.done():
            return False
        if self._is_flooding():
            problem = Problem(429, "rateLimited", "too many messages")
            self.visitor.denied(problem, action="message")
            self.refuse(problem)
        elif text is None:
            self.misread("messages are text, not binary")
        elif len(text) > self._settings.ws_message_max_bytes:
            self.misread(f"longer than {self._settings.ws_message_max_bytes} bytes")
        return not self.ended.done()

    def misread(self, reason: str) -> None:
        """End the session because a message makes no sense."""
        self.end(Ending(protocol.BAD_MESSAGE, short(reason)))

    async def handle(self, text: str | None) -> None:
        """Do what a message of the client asks; None stands for a binary one."""
        if not self.accepts(text):
            return
        try:
            command = protocol.COMMANDS.decode(text or "")
        except (ValueError, RecursionError) as error:
            self.misread(str(error))
            return
        match command:
            case Subscribe():
                await self._subscribe(command)
            case Unsubscribe():
                self._unsubscribe(command)
            case Ping():
                self.outbox.say(encode(Message(type="ack", id=command.id)))
            case Auth():
                self._auth(command)

    async def open(self, asked: Subscribe) -> None:
        """Open a channel key: an ack, then what the client missed or a snapshot, then the feed.

        Raises:
            RefusedError: there is no such thing, or it is open already, or it is one too many.
            StoreError: neither the cache nor the store can answer just now.
        """
        name = (asked.channel, asked.key)
        if name in self._open:
            raise RefusedError("alreadySubscribed", "This channel and key are open already.")
        lane = await self._enter(name, asked)
        self.outbox.say(_ack(asked))
        self.outbox.open(lane)

    async def follow(self, asked: Subscribe) -> Following:
        """Return a channel key's messages apart from all others; it may be followed twice.

        Raises:
            RefusedError: there is no such thing, or it is one too many.
            StoreError: neither the cache nor the store can answer just now.
        """
        outbox, name = Outbox(sent=self._metrics.sent), object()
        lane = await self._enter(name, asked)
        queue = Queue(outbox)
        outbox.open(lane)
        return Following(queue, partial(self._leave, name, outbox))

    async def _enter(self, name: object, asked: Subscribe) -> Lane:
        self._check(asked)
        lane = self._lane(asked)
        try:
            subscription = await self._subscription(asked, lane)
        except UsageError as error:
            raise RefusedError("badSubscription", str(error)) from error
        self._open[name] = (lane, subscription)
        return lane

    def _leave(self, name: object, outbox: Outbox) -> bool:
        """End a subscription, and return whether there was one."""
        found = self._open.pop(name, None)
        if found is None:
            return False
        lane, subscription = found
        subscription.close()
        outbox.shut(lane)
        return True

    async def _subscription(self, asked: Subscribe, lane: Lane) -> Subscription:
        if asked.filters is None:
            return await self._feed.subscribe(lane.channel, asked.key, lane, resume=asked.resume)
        # What fits on a filtered board is known from its snapshot on, so nothing can be resumed.
        resume = NOWHERE if asked.resume else None
        board = FilteredBoard(lane, asked.filters)
        return await self._feed.subscribe(lane.channel, asked.key, board, resume=resume)

    async def _subscribe(self, asked: Subscribe) -> None:
        try:
            await self.open(asked)
        except RefusedError as error:
            self.outbox.say(refusal(error.code, str(error), asked=asked.id))
        except StoreError as error:
            self.outbox.say(refusal("unavailable", str(error), asked=asked.id))

    def _auth(self, asked: Auth) -> None:
        try:
            self.visitor.show(asked.token)
        except Problem as problem:
            self.refuse(problem)
            return
        caller = self.visitor.caller
        # What is open was opened by what was shown before, which may end, or be revoked.
        refused = next(filter(None, map(self.visitor.refusal_of, self._channels())), None)
        if refused:
            self.refuse(refused)
            return
        ends = None if caller.until is None else timestamp(int(caller.until))
        data = {"scopes": caller.given, "expiresAt": ends}
        self.outbox.say(encode(Message(type="ack", id=asked.id, data=data)))

    def _channels(self) -> set[Channel]:
        return {lane.channel for lane, _ in self._open.values()}

    def _is_flooding(self) -> bool:
        allowed = self._messages.take("", self._rate, now=monotonic()).allowed
        return self.outbox.is_flooded or not allowed

    def _check(self, asked: Subscribe) -> None:
        most = self._settings.ws_subscriptions
        if asked.channel not in get_args(Channel):
            names = ", ".join(get_args(Channel))
            sentence = f"There is no channel {asked.channel!r}; choose from {names}."
            raise RefusedError("badSubscription", sentence)
        if not protocol.is_key(asked.channel, asked.key):
            after = ":RESOLUTION" if asked.channel == "candles" else ""
            sentence = f"The key of {asked.channel} is MINT{after}; {asked.key!r} has no address."
            raise RefusedError("badSubscription", sentence)
        if len(self._open) >= most:
            raise RefusedError("overLimit", f"No more than {most} subscriptions.")
        refused = self.visitor.refusal_of(asked.channel)
        if refused:
            raise RefusedError(refused.code, refused.detail)
        if asked.filters is not None and asked.channel != "board":
            raise RefusedError("badSubscription", "Only boards have filters.")

    def _lane(self, asked: Subscribe) -> Lane:
        return Lane(
            cast("Channel", asked.channel),
            asked.key,
            limit=self._settings.ws_queue_messages,
            interval_s=1 / asked.rate if asked.rate else 0.0,
            after=asked.resume.seq if asked.resume else None,
            metrics=self._metrics,
        )

    def _unsubscribe(self, asked: Unsubscribe) -> None:
        if not self._leave((asked.channel, asked.key), self.outbox):
            sentence = "This channel and key are not open."
            self.outbox.say(refusal("notSubscribed", sentence, asked=asked.id))
            return
        self.outbox.say(
            encode(Message(type="ack", id=asked.id, channel=asked.channel, key=asked.key))
        )


def ending_of(problem: Problem) -> Ending:
    """Return the end of a session whose client may not stay."""
    code = protocol.OVER_LIMIT if problem.status == 429 else protocol.NOT_AUTHORISED
    return Ending(code, short(problem.detail))


def _ack(asked: Subscribe) -> bytes:
    merges = asked.channel not in EVENTS
    return encode(
        Message(
            type="ack",
            id=asked.id,
            channel=asked.channel,
            key=asked.key,
            data={"maxRate": asked.rate if merges else None},
        )
    )


def _never() -> None:
    """Return since when something is under way to a client: nothing is."""


def short(reason: str) -> str:
    """Return a reason that fits into a close frame, which holds 123 bytes of it."""
    return reason.encode()[:120].decode(errors="ignore")
