"""One place of the cache in one process: its messages in order, to everybody who wants them."""

import asyncio
import logging
from time import monotonic, time

from redis.asyncio import Redis

from domain.errors import StoreError
from views.live.cache import Kept, kept
from views.live.contract import Frame, Resume
from views.live.message import Message, Place, body_of, frame_of
from views.live.outlet import Member, Outlet

log = logging.getLogger(__name__)

RETRY_S = 0.5
BEHIND_S = 60.0
"""So long a new beginning waits for a store that is behind what was sent: what it has then, like a
token that it could not take, has to do."""
MOST_WAITING = 10_000
"""Messages held back while a gap is being closed; beyond it they are read from the cache again."""


class Look:
    """What is kept of a place, for all who have asked for it together."""

    def __init__(self, state: Kept) -> None:
        self.state = state
        self._snapshots: dict[Outlet, asyncio.Future[Frame]] = {}

    async def snapshot(self, outlet: Outlet) -> Frame:
        """Return the frame of the state, made once for everybody.

        Raises:
            StoreError: the store is needed and cannot be reached.
        """
        making = self._snapshots.get(outlet)
        if making is None:
            making = asyncio.ensure_future(outlet.snapshot(self.state))
            self._snapshots[outlet] = making
        return await asyncio.shield(making)


class Looks:
    """Reads a place for whoever begins: thousands may at once, after a restart.

    What is read has to be read after it was asked for. So who comes while a read is under way
    waits for the next one, together with all others who do.
    """

    def __init__(self, redis: Redis, place: Place) -> None:
        self._redis, self._place = redis, place
        self._current: asyncio.Future[Look] | None = None
        self._next: asyncio.Future[Look] | None = None

    async def look(self) -> Look:
        """Return what is kept now, or a little later.

        Raises:
            StoreError: the cache is out of reach.
        """
        if self._next is None:
            self._next = asyncio.ensure_future(self._read_after(self._current))
            self._next.add_done_callback(_retrieved)
        return await asyncio.shield(self._next)

    async def _read_after(self, before: asyncio.Future[Look] | None) -> Look:
        if before is not None:
            await asyncio.wait([before])
        self._current, self._next = self._next, None
        try:
            return Look(await kept(self._redis, self._place))
        finally:
            self._current = None


def _retrieved(looked: asyncio.Future[Look]) -> None:
    """Take note of how a read ended, also where everybody who waited for it has gone."""
    if not looked.cancelled():
        looked.exception()


class Feed:
    """Follows one place. What is missing is fetched from the cache, else everybody begins anew."""

    def __init__(self, place: Place, redis: Redis) -> None:
        self.place = place
        self.outlets: dict[Place, Outlet] = {}
        self._redis, self._looks = redis, Looks(redis, place)
        self._epoch, self._last = "", 0
        self._waiting: list[Message] = []
        self._stale: set[Outlet] = set()
        self._closing: asyncio.Task[None] | None = None
        self._is_behind = True
        self._wait_until: float | None = None

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
        while True:
            look = await self._looks.look()
            self._meet(look.state)
            first = await self._first(outlet, look, resume)
            if first is not None:
                break
            await asyncio.sleep(RETRY_S)
        if first and outlet.sent is not None:
            outlet.sent.note(first[-1])
        member.begin(first, epoch=look.state.epoch, last=look.state.seq)

    async def close(self) -> None:
        """Stop fetching."""
        if self._closing is not None:
            self._closing.cancel()
            await asyncio.wait([self._closing])

    def _meet(self, state: Kept) -> None:
        """Begin with what is kept; notice if that has begun anew."""
        if not self._epoch:
            self._epoch, self._last = state.epoch, state.seq
            self._go_on()
        elif self._epoch != state.epoch:
            # The cache has forgotten, and nobody has told us: what comes would fit the others only.
            self.catch_up()

    async def _first(self, outlet: Outlet, look: Look, resume: Resume | None) -> list[Frame] | None:
        """Return what a new member gets first; None while the store is behind what was sent."""
        missed = look.state.after(resume.epoch, resume.seq) if resume else None
        await outlet.load(look.state)
        made = [outlet.frame(message) for message in missed or ()]
        if missed is not None and None not in made:
            return [frame for frame in made if frame is not None]
        snapshot = await look.snapshot(outlet)
        if self._is_early(outlet, snapshot):
            return None
        return [reset_frame(outlet.place, look.state), snapshot] if resume else [snapshot]

    def _pass_on(self, message: Message) -> None:
        self._last = message.seq
        for outlet in tuple(self.outlets.values()):
            frame = outlet.frame(message)
            if frame is not None:
                outlet.offer(frame)
            elif outlet.members and outlet.is_loaded:
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
            for outlet in tuple(self.outlets.values()):
                await outlet.room()
        for outlet in tuple(self._stale):
            outlet.forget()
            frame = await outlet.snapshot(state)
            if self._is_early(outlet, frame):
                raise StoreError("The store is behind the live feed just now.")
            outlet.offer(reset_frame(outlet.place, state))
            outlet.offer(frame)
            self._stale.discard(outlet)
        self._epoch, self._last = state.epoch, state.seq
        self._go_on()

    def _is_early(self, outlet: Outlet, frame: Frame | None) -> bool:
        """Whether a state is older than what was sent, and the store may yet reach that."""
        if frame is None or outlet.sent is None or not outlet.sent.is_older(frame):
            self._wait_until = None
            return False
        if self._wait_until is None:
            self._wait_until = monotonic() + BEHIND_S
        return monotonic() < self._wait_until


def reset_frame(place: Place, state: Kept) -> Frame:
    """Return the frame that says that what was sent before no longer leads anywhere."""
    slot = state.log[-1].slot if state.log else 0
    body, start = body_of(
        place, epoch=state.epoch, seq=state.seq, prev=None, kind="reset", slot=slot, at=int(time()),
        data=b"null",
    )  # fmt: skip
    return frame_of(place, Message(state.epoch, state.seq, 0, "reset", slot, 0, start, body))
