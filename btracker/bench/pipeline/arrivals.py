"""What arrives at a WebSocket, and when, beside what was sent."""

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from math import ceil
from typing import NamedTuple

import msgspec
from websockets.asyncio.client import ClientConnection

from btracker.bench.pipeline.salvo import Shot
from domain.errors import BtrackerError
from schemas.fields import Mint, Signature

_encode = msgspec.json.Encoder().encode


class Spread(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Latencies in milliseconds; ``received`` of what was watched and counted."""

    received: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float


class Frame(msgspec.Struct, frozen=True):
    """A message of the server, as far as it matters here."""

    type: str
    channel: str | None = None
    key: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Signed(msgspec.Struct, frozen=True):
    """What tells a trade."""

    signature: Signature


class Counted(msgspec.Struct, frozen=True):
    """How many trades a state counts; None: it did not change."""

    trades: int | None = None


_frame = msgspec.json.Decoder(Frame).decode
_signed = msgspec.json.Decoder(Signed).decode
_counted = msgspec.json.Decoder(Counted).decode


_frame = msgspec.json.Decoder(Frame).decode
_signed = msgspec.json.Decoder(Signed).decode
_counted = msgspec.json.Decoder(Counted).decode


class Sent(NamedTuple):
    """A transaction: when it was due by the clock of ``time.perf_counter``, which of its token."""

    shot: Shot
    due: float
    number: int


class Arrivals:
    """What has arrived, by the clock of ``time.perf_counter``; and how much was sent."""

    def __init__(self, watched: Collection[Mint]) -> None:
        self.watched = watched
        self.sent: Counter[Mint] = Counter()
        self._trades: dict[Signature, float] = {}
        self._times: dict[Mint, list[float]] = defaultdict(list)
        self._counts: dict[Mint, list[int]] = defaultdict(list)

    async def hear(self, socket: ClientConnection) -> None:
        """Take note of all messages."""
        async for message in socket:
            self._take(message)

    def _take(self, message: str | bytes) -> None:
        now = time.perf_counter()
        frame = _frame(message)
        if frame.channel == "trades" and frame.type == "event":
            self._trades.setdefault(_signed(frame.data).signature, now)
        elif frame.channel == "token" and frame.type == "delta":
            count = _counted(frame.data).trades
            if count is not None:
                self._times[frame.key or ""].append(now)
                self._counts[frame.key or ""].append(count)

    def send(self, shot: Shot, due: float) -> Sent:
        """Note that a transaction is being sent."""
        self.sent[shot.mint] += 1
        return Sent(shot, due, self.sent[shot.mint])

    @property
    def lacking(self) -> int:
        """How many trades of all that were sent no state counts yet."""
        counts = self._counts
        return sum(
            sent - (counts[mint][-1] if counts[mint] else 0) for mint, sent in self.sent.items()
        )

    def trade_s(self, sent: Iterable[Sent]) -> list[float]:
        """Return how long trades of watched tokens took until they arrived themselves."""
        seen = self._trades
        return [seen[one.shot.signature] - one.due for one in sent if one.shot.signature in seen]

    def token_s(self, sent: Iterable[Sent]) -> list[float]:
        """Return how long it took until so many trades of a token were counted as had been sent."""
        found = ((one, bisect_left(self._counts[one.shot.mint], one.number)) for one in sent)
        return [
            self._times[one.shot.mint][at] - one.due
            for one, at in found
            if at < len(self._times[one.shot.mint])
        ]

    def unseen(self, sent: Iterable[Sent]) -> int:
        """Return how many trades of watched tokens did not arrive."""
        seen, watched = self._trades, self.watched
        return sum(one.shot.mint in watched and one.shot.signature not in seen for one in sent)


async def subscribe(socket: ClientConnection, channels: Iterable[tuple[str, Mint]]) -> None:
    """Subscribe to channels of tokens; return when all is acknowledged.

    Raises:
        BtrackerError: the API refuses one.
    """
    wanted = list(channels)
    for number, (channel, mint) in enumerate(wanted):
        command = {"op": "subscribe", "id": number, "channel": channel, "key": mint}
        await socket.send(_encode(command).decode())
    acknowledged = 0
    while acknowledged < len(wanted):
        frame = _frame(await socket.recv())
        if frame.type == "error":
            raise BtrackerError(f"The API refuses a subscription: {bytes(frame.data).decode()}")
        acknowledged += frame.type == "ack"


def spread(times: Sequence[float]) -> Spread:
    """Return seconds as milliseconds.

    Raises:
        BtrackerError: there are none.
    """
    if not times:
        raise BtrackerError("No frame arrived: the index process or the API is not working.")
    ordered = sorted(1_000 * one for one in times)
    return Spread(
        received=len(ordered),
        p50_ms=round(quantile(ordered, 0.5), 1),
        p99_ms=round(quantile(ordered, 0.99), 1),
        p999_ms=round(quantile(ordered, 0.999), 1),
        max_ms=round(ordered[-1], 1),
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least *share* of all do not exceed."""
    return ordered[ceil(len(ordered) * share) - 1]
