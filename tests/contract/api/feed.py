"""A live feed in dictionaries: the seam's fake, with a history, so that clients can resume."""

import asyncio

import msgspec

from domain.errors import StoreError, UsageError
from views.contract import TokenDocument
from views.live.contract import Channel, Frame, Head, Kind, Recalled, Resume, Sink

HISTORY = 1000


class FakeSubscription:
    """A sink's place in the fake feed."""

    def __init__(self, sinks: list[Sink], sink: Sink, changed: asyncio.Event) -> None:
        self._sinks, self._sink, self._changed = sinks, sink, changed

    def close(self) -> None:
        """Send this sink no more frames."""
        if self._sink in self._sinks:
            self._sinks.remove(self._sink)
            self._changed.set()


class FakeFeed:
    """Stamps, keeps and hands out frames; ``available`` False: neither cache nor store answers."""

    def __init__(self) -> None:
        self.head = Head(slot=7, chain_time=1_790_000_000, complete_through_slot=6, paused=False)
        self.epoch, self.available = "e1", True
        self.sinks: dict[tuple[str, str], list[Sink]] = {}
        self.remembered: dict[str, TokenDocument] = {}
        self.states: dict[tuple[str, str], object] = {}
        self.over, self.waited_for = asyncio.Event(), asyncio.Event()
        self.over.set()
        self._changed = asyncio.Event()
        self._history: dict[tuple[str, str], list[Frame]] = {}
        self._seq: dict[tuple[str, str], int] = {}

    @property
    def paused(self) -> bool:
        """Whether nothing comes."""
        return self.head.paused

    async def gone_round(self) -> None:
        """Return once ``over`` is set."""
        if not self.over.is_set():
            self.waited_for.set()
            await self.over.wait()

    async def recall(self, mint: str) -> Recalled:
        """Return what was remembered of a token.

        Raises:
            StoreError: it is paused.
        """
        if self.paused:
            raise StoreError("The cache is out of reach.")
        return Recalled(self.epoch, self.remembered.get(mint))

    async def remember(self, document: TokenDocument, *, epoch: str) -> None:
        """Keep a token."""
        if epoch == self.epoch:
            self.remembered[document.mint] = document

    async def start(self) -> None:
        """Connect to nothing."""

    async def close(self) -> None:
        """Forget every sink."""
        self.sinks.clear()

    def publish(self, channel: Channel, key: str, data: object, kind: Kind = "delta") -> Frame:
        """Stamp a frame and hand it to everybody who has subscribed."""
        name = (channel, key)
        seq = self._seq.get(name, 0) + 1
        self._seq[name] = seq
        frame = self.frame(name, kind, seq=seq, prev=seq - 1, data=data)
        self._history.setdefault(name, []).append(frame)
        for sink in list(self.sinks.get(name, ())):
            sink.receive(frame)
        return frame

    def forget(self) -> None:
        """Lose all history, as a cache does that was started anew."""
        self.epoch = "e2"
        self._history.clear()

    async def subscribe(
        self, channel: Channel, key: str, sink: Sink, *, resume: Resume | None = None
    ) -> FakeSubscription:
        """Send a sink what it missed, or a snapshot, and then everything new."""
        if key == "nonsense":
            raise UsageError("There is no such key.")
        if not self.available:
            raise StoreError("The cache is out of reach.")
        name = (channel, key)
        seq = self._seq.get(name, 0)
        if resume and resume.epoch == self.epoch and resume.seq <= seq:
            for frame in self._history.get(name, ()):
                if frame.seq > resume.seq:
                    sink.receive(frame)
        else:
            if resume:
                sink.receive(self.frame(name, "reset", seq=seq, prev=None, data=None))
            state = self.states.get(name, {"order": []} if channel == "board" else {"at": seq})
            sink.receive(self.frame(name, "snapshot", seq=seq, prev=None, data=state))
        self.sinks.setdefault(name, []).append(sink)
        return FakeSubscription(self.sinks[name], sink, self._changed)

    async def until_sinks(self, channel: Channel, key: str, number: int) -> None:
        """Wait until so many sinks are left."""
        while len(self.sinks[channel, key]) > number:
            self._changed.clear()
            await self._changed.wait()

    def frame(
        self, name: tuple[str, str], kind: Kind, *, seq: int, prev: int | None, data: object
    ) -> Frame:
        """Return a frame of this feed."""
        raw = msgspec.Raw(msgspec.json.encode(data))
        message = {
            "type": kind, "channel": name[0], "key": name[1], "epoch": self.epoch, "seq": seq,
            "prevSeq": prev, "slot": 100 + seq, "data": raw,
        }  # fmt: skip
        return Frame(
            channel=name[0], key=name[1], epoch=self.epoch, seq=seq, prev=prev, kind=kind,
            slot=100 + seq, data=raw, body=msgspec.json.encode(message),
            version=data.get("version", 0) if isinstance(data, dict) else 0,
        )  # fmt: skip
