"""One place of the cache in one process: its messages in order, to everybody who wants them."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from time import time
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis

from domain.errors import StoreError
from schemas.fields import ChainTime
from views.live.cache import Kept, kept
from views.live.contract import Frame, Resume, Sink
from views.live.deriving import Derivation, derivation
from views.live.message import Message, Place, body_of, frame_of
from views.live.snapshots import Snapshots

log = logging.getLogger(__name__)

RETRY_S = 0.5
MOST_WAITING = 10_000
"""Messages held back while a gap is being closed; beyond it they are read from the cache again."""
CROWD = 256
"""Sinks that are served at once. With more of them everything else comes in between: a write takes
some 6 us, and 8,000 of them would hold up all other messages for 50 ms."""
MOST_ROUNDS = 32
"""Frames on their way to a crowd. Beyond it the oldest is finished first, and the cache waits."""


class Member:
    """A sink and how far it is. While it begins, what comes waits."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._epoch, self._last, self._version = "", 0, 0
        self._waiting: list[Frame] | None = []

    def offer(self, frame: Frame) -> None:
        """Pass a frame on, unless the sink has it already."""
        if self._waiting is not None:
            self._waiting.append(frame)
        elif frame.prev is None or (frame.epoch == self._epoch and frame.seq > self._last):
            self._epoch, self._last = frame.epoch, frame.seq
            if frame.kind != "delta" or frame.version >= self._version:
                self._receive(frame)

    def begin(self, frames: Sequence[Frame], *, epoch: str, last: int) -> None:
        """Pass the first frames on, then what came meanwhile; the sink then has *last*."""
        waiting, self._waiting = self._waiting or [], None
        for frame in frames:
            self._receive(frame)
        self._epoch, self._last = epoch, last
        for frame in waiting:
            self.offer(frame)

    def _receive(self, frame: Frame) -> None:
        # A snapshot from the store may be ahead of the feed: what it holds already, and would
        # make the version go down, is left out.
        self._version = frame.version
        self._sink.receive(frame)


class Round(NamedTuple):
    """A frame, and the members that it has yet to reach."""

    frame: Frame
    waiting: deque[Member]


class Outlet:
    """The frames of one channel key: a place's messages as they are, or candles made of them."""

    def __init__(
        self, place: Place, *, snapshots: Snapshots, clock: Callable[[], ChainTime]
    ) -> None:
        self.place = place
        self.members: set[Member] = set()
        self._snapshots, self._clock = snapshots, clock
        self._made: Derivation | None = derivation(place)
        self._needed: ChainTime | None = None
        self._rounds: deque[Round] = deque()
        self._is_going = False

    def frame(self, message: Message) -> Frame | None:
        """Return a message's frame; None where more has to be known to make it."""
        if self._made is None:
            return frame_of(self.place, message)
        start = self._made.take(message)
        if self._made.since is None or start < self._made.since:
            self._needed = start
            return None
        return self._candle_frame(self._made, message, start)

    async def snapshot(self, state: Kept) -> Frame:
        """Return the frame of the state as of what is kept.

        Raises:
            StoreError: the store is needed and cannot be reached.
        """
        if self._made is None:
            return frame_of(self.place, await self._snapshots.snapshot(self.place, state))
        await self.load(state)
        made = self._snapshots.candles(self.place, self._made, state, now=self._clock())
        return frame_of(self.place, made)

    def forget(self) -> None:
        """Let the next snapshot load everything anew."""
        self._made = derivation(self.place)

    async def load(self, state: Kept) -> None:
        """Know enough to make frames.

        Raises:
            StoreError: the store is needed and cannot be reached.
        """
        if self._made is not None and self._made.since is None:
            now = self._clock() if self._needed is None else min(self._clock(), self._needed)
            await self._snapshots.load(self.place, self._made, state, now=now)

    def offer(self, frame: Frame) -> None:
        """Pass a frame to everybody; to a crowd by and by, each member in order."""
        if not self._rounds and len(self.members) <= CROWD:
            for member in tuple(self.members):
                member.offer(frame)
            return
        # Who comes later has begun with what is known now, and knows this frame already.
        self._rounds.append(Round(frame, deque(self.members)))
        if len(self._rounds) > MOST_ROUNDS:
            self._serve(self._rounds.popleft(), most=None)
        if not self._is_going:
            self._go_round()

    def _go_round(self) -> None:
        """Serve some of those who wait, and come back for the rest."""
        if self._serve(self._rounds[0], most=CROWD):
            self._rounds.popleft()
        self._is_going = bool(self._rounds)
        if self._is_going:
            asyncio.get_running_loop().call_soon(self._go_round)

    def _serve(self, current: Round, *, most: int | None) -> bool:
        """Pass a round's frame on, to *most* members; return whether that was all of them."""
        frame, waiting = current
        for _ in range(len(waiting) if most is None else min(most, len(waiting))):
            member = waiting.popleft()
            if member in self.members:
                member.offer(frame)
        return not waiting

    def _candle_frame(self, made: Derivation, message: Message, start: ChainTime) -> Frame:
        data = msgspec.json.encode(made.candle(start, now=self._clock()))
        body, at = body_of(
            self.place, epoch=message.epoch, seq=message.seq, prev=message.prev, kind="candle",
            slot=message.slot, at=int(time()), data=data,
        )  # fmt: skip
        made_message = Message(
            message.epoch,
            message.seq,
            message.prev,
            "candle",
            message.slot,
            message.version,
            at,
            body,
        )
        return frame_of(self.place, made_message)


class Feed:
    """Follows one place. What is missing is fetched from the cache, else everybody begins anew."""

    def __init__(self, place: Place, redis: Redis) -> None:
        self.place = place
        self.outlets: dict[Place, Outlet] = {}
        self._redis = redis
        self._epoch, self._last = "", 0
        self._waiting: list[Message] = []
        self._stale: set[Outlet] = set()
        self._closing: asyncio.Task[None] | None = None
        self._is_behind = True

    def receive(self, message: Message) -> None:
        """Take a message of the cache."""
        if self._is_behind:
            self._waiting = [*self._waiting[-MOST_WAITING:], message]
        elif message.epoch == self._epoch and message.prev == self._last:
            self._pass_on(message)
        elif message.epoch != self._epoch or message.seq > self._last:
            self._waiting = [message]
            self.catch_up()

    def catch_up(self) -> None:
        """Fetch what may be missing, in the background."""
        self._is_behind = True
        if self._closing is None or self._closing.done():
            self._closing = asyncio.create_task(self._close_gap())

    def reconnected(self) -> None:
        """Fetch what may have been missed while nothing could come."""
        if self._epoch:
            self.catch_up()

    async def begin(self, outlet: Outlet, member: Member, resume: Resume | None) -> None:
        """Give a new member what it missed, or a snapshot, and then everything.

        Raises:
            StoreError: neither the cache nor the store can answer.
        """
        state = await kept(self._redis, self.place)
        if not self._epoch:
            self._epoch, self._last = state.epoch, state.seq
            self._go_on()
        missed = state.after(resume.epoch, resume.seq) if resume else None
        await outlet.load(state)
        frames = [outlet.frame(message) for message in missed or ()]
        if missed is None or None in frames:
            frames = [await outlet.snapshot(state)]
            if resume is not None:
                frames.insert(0, reset_frame(outlet.place, state))
        first = [frame for frame in frames if frame is not None]
        member.begin(first, epoch=state.epoch, last=state.seq)

    async def close(self) -> None:
        """Stop fetching."""
        if self._closing is not None:
            self._closing.cancel()
            await asyncio.wait([self._closing])

    def _pass_on(self, message: Message) -> None:
        self._last = message.seq
        for outlet in tuple(self.outlets.values()):
            frame = outlet.frame(message)
            if frame is not None:
                outlet.offer(frame)
            elif outlet.members:
                self._stale.add(outlet)
        if self._stale:
            self.catch_up()

    def _go_on(self) -> None:
        """Pass on what waited; from now on messages are passed on as they come."""
        self._is_behind = False
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.receive(message)

    async def _close_gap(self) -> None:
        """Fetch what is missing, as often as it takes."""
        while self._is_behind:
            try:
                await self._catch_up_once()
            except StoreError as error:
                log.warning("%s Subscribers of %s wait.", error, self.place.wire)
                await asyncio.sleep(RETRY_S)

    async def _catch_up_once(self) -> None:
        state = await kept(self._redis, self.place)
        missed = state.after(self._epoch, self._last)
        if missed is None:
            self._stale.update(self.outlets.values())
        for message in missed or ():
            self._pass_on(message)
        for outlet in tuple(self._stale):
            outlet.forget()
            frame = await outlet.snapshot(state)
            outlet.offer(reset_frame(outlet.place, state))
            outlet.offer(frame)
            self._stale.discard(outlet)
        self._epoch, self._last = state.epoch, state.seq
        self._go_on()


def reset_frame(place: Place, state: Kept) -> Frame:
    """Return the frame that says that what was sent before no longer leads anywhere."""
    slot = state.log[-1].slot if state.log else 0
    body, start = body_of(
        place, epoch=state.epoch, seq=state.seq, prev=None, kind="reset", slot=slot, at=int(time()),
        data=b"null",
    )  # fmt: skip
    return frame_of(place, Message(state.epoch, state.seq, 0, "reset", slot, 0, start, body))
