"""From a raw record to a frame on a WebSocket, through a whole deployment at a steady rate."""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from btracker.bench.pipeline.course import vacant
from btracker.bench.pipeline.machinery import Running, running
from btracker.bench.pipeline.salvo import Salvo, Shot
from btracker.embedded import HOST, free_port
from btracker.run_folder import RunFolder
from btracker.status import StatusClient
from domain.errors import BtrackerError
from schemas.fields import ChainTime, Mint, Signature
from schemas.kafka import Kafka
from schemas.topics import RAW_CHAIN

SUBPROTOCOL = Subprotocol("btracker.v1+json")
START_S = 90.0
LAST_FRAMES_S = 5.0
LOOK_EVERY_S = 0.2
WARM_S = 2
"""Seconds at the beginning that do not count: caches and buffers fill."""
KIND = ("bt_kind", b"confirmed")
CLOCK_HEADERS = [("bt_kind", b"clock")]

_encode = msgspec.json.Encoder().encode


class Spread(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Latencies in milliseconds; ``received`` of what was sent and counted."""

    received: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class LatencyResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """From the moment a transaction was due to be sent, to its frames.

    ``trade``: the event of the trade itself; ``token``: the first state that counts it.
    """

    per_second: int
    seconds: int
    sent: int
    trade: Spread
    token: Spread


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


class Target:
    """What has arrived, and when, by the clock of ``time.perf_counter``.

    ``complete`` is set once *expected* trades have.
    """

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self.complete = asyncio.Event()
        self.trades: dict[Signature, float] = {}
        self.counts: dict[Mint, list[tuple[float, int]]] = defaultdict(list)

    def take(self, message: str | bytes) -> None:
        """Take note of a message."""
        now = time.perf_counter()
        frame = _frame(message)
        if frame.channel == "trades" and frame.type == "event":
            self.trades.setdefault(_signed(frame.data).signature, now)
            if len(self.trades) == self._expected:
                self.complete.set()
        elif frame.channel == "token" and frame.type == "delta":
            count = _counted(frame.data).trades
            if count is not None:
                self.counts[frame.key or ""].append((now, count))


class Deployment(NamedTuple):
    """Where a deployment is: its Kafka, and the port of its API."""

    kafka: Kafka
    port: int


class Sent(NamedTuple):
    """A transaction, and when it was due."""

    shot: Shot
    due: float


async def latency(*, per_second: int, seconds: int, kafka: Kafka | None) -> LatencyResult:
    """Return how long trades take from raw record to frame, at *per_second* for *seconds*.

    The load is open: a transaction is sent when it is due, whatever became of those before, and
    its time runs from that moment.

    Raises:
        BtrackerError: the deployment does not start, or shows nothing.
    """
    salvo, began = Salvo(), int(time.time())
    count = per_second * (seconds + WARM_S)
    shots = list(salvo.shots(count, at=began, per_second=per_second))
    target = Target(count)
    async with _deployment(salvo, at=began - 60, kafka=kafka) as place:
        sent = await _fire(shots, target, place, per_second=per_second)
    return LatencyResult(
        per_second=per_second,
        seconds=seconds,
        sent=per_second * seconds,
        trade=_spread(_trade_times(sent[per_second * WARM_S :], target)),
        token=_spread(_token_times(sent, target)[per_second * WARM_S :]),
    )


@asynccontextmanager
async def _deployment(
    salvo: Salvo, *, at: ChainTime, kafka: Kafka | None
) -> AsyncIterator[Deployment]:
    """Run a whole deployment that shows the launches, all of them at chain time *at*."""
    async with AsyncExitStack() as stack:
        base = Path(stack.enter_context(TemporaryDirectory(prefix="btracker-bench-")))
        if kafka:
            await stack.enter_async_context(vacant(kafka))
        recording, data, port = salvo.record(base / "launches", at=at), base / "data", free_port()
        options = ["--recording", str(recording), "--data", str(data), "--port", str(port)]
        options += ["--speed", "max", *(("--kafka", kafka.servers) if kafka else ())]
        argv = (sys.executable, "-m", "btracker", "up", *options)
        up = await stack.enter_async_context(running(argv, {}, cores=None, log=base / "up.log"))
        await _ready(up, port, through_slot=salvo.last_setup_slot)
        yield Deployment(kafka or Kafka(RunFolder(data).addresses().kafka), port)


async def _ready(up: Running, port: int, *, through_slot: int) -> None:
    """Wait until a deployment shows all of its recording."""
    deadline = time.monotonic() + START_S
    async with StatusClient(f"http://{HOST}:{port}") as client:
        while time.monotonic() < deadline and not up.ended:
            if _is_done(await client.status(), through_slot):
                return
            await asyncio.sleep(LOOK_EVERY_S)
    raise BtrackerError(f"The deployment did not get ready; it said: {up.last_words}")


def _is_done(status: dict[str, Any] | None, through_slot: int) -> bool:
    return (
        status is not None
        and status["chain"]["completeThroughSlot"] >= through_slot
        and all(source["state"] == "done" for source in status["sources"])
    )


async def _fire(
    shots: Sequence[Shot], target: Target, place: Deployment, *, per_second: int
) -> list[Sent]:
    """Send all *shots*; return when the last frames had time to arrive."""
    url = f"ws://{HOST}:{place.port}/v1/stream"
    async with (
        AIOKafkaProducer(**place.kafka.options, acks="all") as producer,
        connect(url, subprotocols=[SUBPROTOCOL], max_size=None) as socket,
    ):
        await _subscribe(socket, {shot.mint for shot in shots})
        hearing = asyncio.create_task(_hear(socket, target))
        sent = await _send(producer, shots, per_second=per_second)
        with suppress(TimeoutError):
            await asyncio.wait_for(target.complete.wait(), LAST_FRAMES_S)
        hearing.cancel()
    return sent


async def _subscribe(socket: ClientConnection, mints: Iterable[Mint]) -> None:
    """Subscribe to trades and state of all *mints*; return when all is acknowledged."""
    wanted = [(channel, mint) for mint in mints for channel in ("trades", "token")]
    for number, (channel, mint) in enumerate(wanted):
        command = {"op": "subscribe", "id": number, "channel": channel, "key": mint}
        await socket.send(_encode(command).decode())
    acknowledged = 0
    while acknowledged < len(wanted):
        frame = _frame(await socket.recv())
        if frame.type == "error":
            raise BtrackerError(f"The API refuses a subscription: {bytes(frame.data).decode()}")
        acknowledged += frame.type == "ack"


async def _hear(socket: ClientConnection, target: Target) -> None:
    async for message in socket:
        target.take(message)


async def _send(
    producer: AIOKafkaProducer, shots: Sequence[Shot], *, per_second: int
) -> list[Sent]:
    partitions = sorted(await producer.partitions_for(RAW_CHAIN.name))
    began, sent = time.perf_counter(), []
    for number, shot in enumerate(shots):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent.append(Sent(shot, due))
        headers = [KIND, ("bt_index", b"0"), ("bt_exact", b"1")]
        await producer.send(
            RAW_CHAIN.name, shot.value, key=shot.signature.encode(), headers=headers
        )
        if number % per_second == 0:
            clock = {"time": int(time.time()), "slot": shot.slot, "complete": shot.slot - 1}
            for partition in partitions:
                await producer.send(
                    RAW_CHAIN.name, _encode(clock), key=b"clock", partition=partition,
                    headers=CLOCK_HEADERS,
                )  # fmt: skip
    return sent


def _trade_times(sent: Iterable[Sent], target: Target) -> list[float]:
    seen = target.trades
    return [seen[shot.signature] - due for shot, due in sent if shot.signature in seen]


def _token_times(sent: Iterable[Sent], target: Target) -> list[float]:
    """Return how long it took until so many trades of a token were counted as had been sent."""
    numbers: dict[Mint, int] = defaultdict(int)
    times = []
    for shot, due in sent:
        numbers[shot.mint] += 1
        wanted = numbers[shot.mint]
        arrived = (at for at, count in target.counts[shot.mint] if count >= wanted)
        times += [at - due for at in arrived][:1]
    return times


def _spread(times: Sequence[float]) -> Spread:
    if not times:
        raise BtrackerError("No frame arrived: the index process or the API is not working.")
    ordered = sorted(1_000 * one for one in times)
    return Spread(
        received=len(ordered),
        p50_ms=round(_quantile(ordered, 0.5), 1),
        p99_ms=round(_quantile(ordered, 0.99), 1),
        max_ms=round(ordered[-1], 1),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least *share* of all do not exceed."""
    return ordered[ceil(len(ordered) * share) - 1]
