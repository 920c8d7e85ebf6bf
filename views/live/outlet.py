"""The frames of one channel key in one process, and everybody who wants them."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from time import time
from typing import NamedTuple

import msgspec

from schemas.fields import ChainTime
from views.live.cache import Kept
from views.live.contract import Frame, Sink
from views.live.deriving import Derivation, derivation
from views.live.merging import STATES, joined_states
from views.live.message import Message, Place, body_of, frame_of
from views.live.sent import sent_of
from views.live.snapshots import Snapshots

CROWD = 256
"""Sinks that are served at once. With more of them everything else comes in between: a write takes
some 6 us, and 8,000 of them would hold up all other messages for 50 ms."""
MOST_ROUNDS = 32
"""Frames on their way to a crowd. Beyond it the oldest is finished first, and the cache waits."""


class Member:
    """A sink and how far it is. While it begins, what comes waits."""

    __slots__ = ("_behind", "_epoch", "_last", "_sink", "_version", "_waiting", "has_left")

    def __init__(self, sink: Sink) -> None:
        self._sink, self.has_left = sink, False
        self._epoch, self._last, self._version = "", 0, 0
        self._waiting: list[Frame] | None = []
        self._behind: Frame | None = None

    def offer(self, frame: Frame) -> None:
        """Pass a frame on, unless the sink has it already."""
        if self._waiting is not None:
            self._waiting.append(frame)
        elif (
            # Thousands of times in a row: what follows what the sink has is told at a glance.
            frame.prev is not None and frame.epoch == self._epoch and frame.seq > self._last
        ) or self._is_beginning(frame):
            self._epoch, self._last = frame.epoch, frame.seq
            if frame.kind == "delta" and frame.version < self._version:
                self._wait_behind(frame)
                return
            if self._behind is not None:
                before, self._behind = self._behind, None
                frame = joined_states(before, frame) if frame.kind == "delta" else frame
            self._version = frame.version
            self._sink.receive(frame)

    def begin(self, frames: Sequence[Frame], *, epoch: str, last: int) -> None:
        """Pass the first frames on, then what came meanwhile; the sink then has *last*."""
        waiting, self._waiting = self._waiting or [], None
        for frame in frames:
            self._version = frame.version
            self._sink.receive(frame)
        self._epoch, self._last = epoch, last
        for frame in waiting:
            self.offer(frame)

    def _is_beginning(self, frame: Frame) -> bool:
        """Return whether a frame begins anew, and not before what the sink has.

        Who began while the others' new beginning was made may be ahead of it: numbers of an epoch
        go down only where all is forgotten, which is 0.
        """
        is_behind = frame.epoch == self._epoch and 0 < frame.seq < self._last
        return frame.prev is None and not is_behind

    def _wait_behind(self, frame: Frame) -> None:
        """Hold what would make the version go down: a snapshot of the store may be ahead.

        What a token was meanwhile, and is not any more, only the changes up to there tell.
        """
        if frame.channel == "token":
            before = self._behind
            self._behind = joined_states(before, frame) if before is not None else frame


class Round(NamedTuple):
    """A frame, and the members that it has yet to reach."""

    frame: Frame
    waiting: deque[Member]


class Going:
    """Outlets whose messages are on their way to a crowd; *over* is set while there are none."""

    def __init__(self) -> None:
        self._outlets: set[Outlet] = set()
        self.over = asyncio.Event()
        self.over.set()

    def begins(self, outlet: "Outlet") -> None:
        """Take note that an outlet goes round."""
        self._outlets.add(outlet)
        self.over.clear()

    def ends(self, outlet: "Outlet") -> None:
        """Take note that everybody has what an outlet had for them."""
        self._outlets.discard(outlet)
        if not self._outlets:
            self.over.set()


class Outlet:
    """The frames of one channel key: a place's messages as they are, or candles made of them.

    *begun* and *done* count the rounds: frames for a crowd, and those that have reached everybody.
    """

    def __init__(
        self,
        place: Place,
        *,
        snapshots: Snapshots,
        clock: Callable[[], ChainTime],
        going: Going,
    ) -> None:
        self.place = place
        # In the order in which they came, which is how they lie in memory.
        self.members: dict[Member, None] = {}
        self.sent = sent_of(place.channel)
        self._snapshots, self._clock = snapshots, clock
        self._made: Derivation | None = derivation(place)
        self._needed: ChainTime | None = None
        self._held: list[tuple[Message, ChainTime]] = []
        self._made_of = 0
        self._rounds: deque[Round] = deque()
        self._going, self._is_going = going, False
        self._freed: asyncio.Event | None = None
        self.begun = self.done = 0

    def join(self, member: Member) -> None:
        """Let a member, which begins, have what comes from now on."""
        self.members[member] = None

    def leave(self, member: Member) -> None:
        """Offer a member nothing more, also of what is on its way."""
        member.has_left = True
        self.members.pop(member, None)

    @property
    def is_loaded(self) -> bool:
        """Whether enough was known to make frames; until then, what comes waits."""
        return self._made is None or self._made.since is not None

    def frame(self, message: Message) -> Frame | None:
        """Return a message's frame; None where more has to be known to make it."""
        if self._made is None:
            return frame_of(self.place, message)
        start, self._made_of = self._made.take(message), message.seq
        if self._made.since is None:
            self._held.append((message, start))
            return None
        if start < self._made.since:
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
        if state.log and state.log[0].prev > self._made_of:
            self.forget()
        await self.load(state)
        # What is kept may be ahead of what has been heard of it.
        for message in state.log:
            self._made.take(message)
        made = self._snapshots.candles(self.place, self._made, state, now=self._clock())
        return frame_of(self.place, made)

    def forget(self) -> None:
        """Let the next snapshot load everything anew."""
        self._made, self._held, self._made_of = derivation(self.place), [], 0

    async def load(self, state: Kept) -> None:
        """Know enough to make frames.

        Raises:
            StoreError: the store is needed and cannot be reached.
        """
        if self._made is not None and self._made.since is None:
            now = self._clock() if self._needed is None else min(self._clock(), self._needed)
            await self._snapshots.load(self.place, self._made, state, now=now)
            self._made_of = max(self._made_of, state.seq)
            self._go_on(self._made)

    def offer(self, frame: Frame) -> None:
        """Pass a frame to everybody; to a crowd by and by, each member in order."""
        if self.sent is not None:
            self.sent.note(frame)
        if not self._rounds and len(self.members) <= CROWD:
            for member in tuple(self.members):
                member.offer(frame)
            return
        if self._may_join(frame):
            frame = joined_states(self._rounds.pop().frame, frame)
        else:
            self.begun += 1
        # Who comes later has begun with what is known now, and knows this frame already.
        self._rounds.append(Round(frame, deque(self.members)))
        if len(self._rounds) > MOST_ROUNDS:
            self._serve(self._rounds.popleft(), most=None)
        if not self._is_going:
            self._is_going = True
            self._going.begins(self)
            self._go_round()

    async def room(self) -> None:
        """Return when one more frame holds nobody up: many in a row are for a crowd seconds."""
        while len(self._rounds) >= MOST_ROUNDS:
            if self._freed is None or self._freed.is_set():
                self._freed = asyncio.Event()
            await self._freed.wait()

    def _may_join(self, frame: Frame) -> bool:
        """Return whether nobody has the frame before it yet: what is old need not be sent."""
        is_change = frame.kind == "delta" and self.place.channel in STATES
        return is_change and len(self._rounds) > 1 and self._rounds[-1].frame.kind != "reset"

    def _go_on(self, made: Derivation) -> None:
        """Offer what came while it was loaded."""
        held, self._held = self._held, []
        for message, start in held:
            if made.since is not None and start >= made.since:
                self.offer(self._candle_frame(made, message, start))

    def _go_round(self) -> None:
        """Serve some of those who wait, and come back for the rest."""
        if self._serve(self._rounds[0], most=CROWD):
            self._rounds.popleft()
            if self._freed is not None:
                self._freed.set()
        self._is_going = bool(self._rounds)
        if self._is_going:
            asyncio.get_running_loop().call_soon(self._go_round)
        else:
            self._going.ends(self)

    def _serve(self, current: Round, *, most: int | None) -> bool:
        """Pass a round's frame on, to *most* members; return whether that was all of them."""
        frame, waiting = current
        for _ in range(len(waiting) if most is None else min(most, len(waiting))):
            member = waiting.popleft()
            if not member.has_left:
                member.offer(frame)
        self.done += not waiting
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
