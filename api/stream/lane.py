"""One subscription's way to one client: what waits there, and how it is merged."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from api.metrics import Metrics
from api.stream.framing import framed
from api.stream.protocol import Message, encode
from api.tallies import Tally
from schemas.fields import Slot
from views.live.contract import Channel, Frame
from views.live.merging import STATES, joined_states, rewritten

EVENTS: frozenset[Channel] = frozenset({"trades", "launches", "posts"})
"""Channels in which every message counts; the rest are candles, replaced by their time."""


class _Timed(msgspec.Struct, frozen=True):
    time: str


_TIME = msgspec.json.Decoder(_Timed)


class Gap(NamedTuple):
    """Messages that a client will not get, from and up to and including; it can fetch them."""

    first_seq: int
    last_seq: int
    first_slot: Slot
    last_slot: Slot
    epoch: str


class Way:
    """Leads past the queue: ``write`` takes a whole WebSocket frame at once; None where it may not.

    Swapped, not asked for each message: of thousands of clients that a message goes to, every
    object that is looked at has to be fetched from memory.
    """

    __slots__ = ("sent", "write")

    def __init__(self, *, sent: Tally) -> None:
        self.sent = sent
        self.write: Callable[[bytes], object] | None = None


Waiting = Frame | Gap
KEPT = ("reset", "snapshot")


class Lane:
    """What one client still has to get of one channel key, in order of ``seq``.

    States and candles are merged to the newest. Of events at most *limit* wait; then they are
    dropped and a gap is announced. *interval_s* is the time between messages of a state; what is
    due is asked for with the monotonic time, so the lane itself has no clock.
    """

    __slots__ = (
        "_due", "_interval_s", "_last", "_limit", "_metrics", "_waiting", "channel", "key",
        "on_ready", "way",
    )  # fmt: skip

    def __init__(
        self,
        channel: Channel,
        key: str,
        *,
        limit: int,
        interval_s: float,
        after: int | None,
        metrics: Metrics,
    ) -> None:
        self.channel, self.key = channel, key
        self.on_ready: Callable[[Lane], None] = _nobody
        self.way = SHUT
        self._limit, self._metrics = limit, metrics
        self._interval_s = 0.0 if channel in EVENTS else interval_s
        self._waiting: dict[object, Waiting] = {}
        self._last, self._due = after, float("-inf")

    def receive(self, frame: Frame) -> None:
        """Take a frame of the feed."""
        prev, way = frame.prev, self.way
        write = way.write
        if write is not None and prev is not None and prev == self._last and not self._interval_s:
            # As it came, since nothing of this lane waits: else it would not be what is next.
            write(framed(frame.body))
            way.sent.count += 1
            self._last = frame.seq
            return
        if frame.kind == "reset":
            self._waiting = {"reset": frame}
        elif frame.kind == "snapshot":
            self._waiting = {k: w for k, w in self._waiting.items() if k == "reset"}
            self._waiting[self._place(frame)] = frame
        else:
            self._merge(frame)
        self.on_ready(self)

    def due(self) -> float | None:
        """Return the monotonic time at which the next message may go, None if there is none."""
        return self._due if self._waiting else None

    def take(self, *, now: float) -> bytes:
        """Return the next message, which must be due."""
        first = next(iter(self._waiting))
        waiting = self._waiting.pop(first)
        self._due = now + self._interval_s
        if isinstance(waiting, Gap):
            body, self._last = self._gap(waiting), waiting.last_seq
            return body
        fits = waiting.prev is None or waiting.prev == self._last
        body = waiting.body if fits else rewritten(waiting, prev=self._last)
        self._last = waiting.seq
        return body

    def _place(self, frame: Frame) -> object:
        """Return what a frame is merged under: it replaces, or joins, what waits there."""
        if self.channel in STATES:
            return "state"
        if frame.kind == "snapshot":
            return "snapshot"
        return _TIME.decode(frame.data).time if frame.kind == "candle" else frame.seq

    def _merge(self, frame: Frame) -> None:
        place = self._place(frame)
        before = self._waiting.pop(place, None)
        if isinstance(before, Frame):
            self._metrics.merged.inc()
            joined = joined_states(before, frame) if place == "state" else frame
            # Its predecessor is whatever has gone to the client by the time it is taken.
            self._waiting[place] = joined
            return
        if len(self._waiting) >= self._limit:
            self._drop()
        self._waiting[place] = frame

    def _drop(self) -> None:
        """Replace everything that waits, but the snapshot a client begins with, by a gap."""
        lost = [w for k, w in self._waiting.items() if k not in KEPT]
        if lost:
            self._metrics.skipped.inc()
            self._waiting = {k: w for k, w in self._waiting.items() if k in KEPT}
            self._waiting["gap"] = gap_over(lost)

    def _gap(self, gap: Gap) -> bytes:
        return encode(
            Message(
                type="gap",
                channel=self.channel,
                key=self.key,
                epoch=gap.epoch,
                seq=gap.last_seq,
                prev_seq=self._last,
                slot=gap.last_slot,
                data={
                    "fromSeq": gap.first_seq,
                    "toSeq": gap.last_seq,
                    "fromSlot": gap.first_slot,
                    "toSlot": gap.last_slot,
                },
            )
        )


def gap_over(lost: Sequence[Waiting]) -> Gap:
    """Return the gap that some messages in a row, at least one, leave.

    They are not in the order of slots: what is found late or taken back is of an earlier one.
    """
    gaps = [one if isinstance(one, Gap) else _gap_of(one) for one in lost]
    return Gap(
        first_seq=gaps[0].first_seq,
        last_seq=gaps[-1].last_seq,
        first_slot=min(gap.first_slot for gap in gaps),
        last_slot=max(gap.last_slot for gap in gaps),
        epoch=gaps[-1].epoch,
    )


def _gap_of(frame: Frame) -> Gap:
    return Gap(frame.seq, frame.seq, frame.slot, frame.slot, frame.epoch)


def _nobody(_: Lane) -> None:
    """Wait until somebody asks."""


SHUT = Way(sent=Tally())
"""The way of a subscription that goes out nowhere."""
