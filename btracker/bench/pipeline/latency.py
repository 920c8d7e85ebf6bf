"""From a raw record to a frame on a WebSocket, through a whole deployment, at several rates."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from math import ceil
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from btracker.bench.pipeline.arrivals import Arrivals, Sent, Spread, quantile, spread, subscribe
from btracker.bench.pipeline.burst import Burst, recovered_s
from btracker.bench.pipeline.deployment import Deployment, deployment
from btracker.bench.pipeline.machinery import one_core_apart
from btracker.bench.pipeline.salvo import Salvo, Shot
from btracker.embedded import HOST
from schemas.kafka import Kafka
from schemas.topics import RAW_CHAIN

SUBPROTOCOL = Subprotocol("btracker.v1+json")
LOOK_EVERY_S = 0.05
WARM_S = 2
"""Seconds at the beginning of a rate that do not count: caches and buffers fill."""
LAST_FRAMES_S = 60.0
"""How long the last frames are waited for; what did not come by then is lost."""
WATCHED_PER_S = 500
"""Trades a second that are watched one by one: hearing more of them would be what is measured."""
CALM_S = 10
AFTER_S = 60
BURST = 10
"""Times the rate."""
KIND = ("bt_kind", b"confirmed")
CLOCK_HEADERS = [("bt_kind", b"clock")]

_encode = msgspec.json.Encoder().encode


class Options(NamedTuple):
    """Rates a second, for how long each, and how long a burst over the first rate is (0: none)."""

    rates: Sequence[int]
    seconds: int
    burst_s: int


class Lap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One rate, from the moment a transaction was due to be sent, to its frames.

    ``trade``: the event of the trade itself, of watched tokens; ``token``: the first state that
    counts it; ``late_p99_ms``: how far the sender was behind; ``cpu_us``: of the whole deployment,
    its broker and cache too, for each trade.
    """

    per_second: int
    sent: int
    lost: int
    late_p99_ms: float
    cpu_us: float
    trade: Spread
    token: Spread


class LatencyResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All rates, one after another in one deployment, and the burst if there was one."""

    seconds: int
    apart: bool
    laps: tuple[Lap, ...]
    burst: Burst | None


class Phase(NamedTuple):
    """A steady rate for a while."""

    per_second: int
    seconds: int


class Fired(NamedTuple):
    """What was sent, how late each was, what became of it, and the processor seconds it took."""

    sent: Sequence[Sent]
    late_s: Sequence[float]
    lost: int
    cpu_s: float

    def after(self, count: int) -> Sequence[Sent]:
        """Return what was sent after the first *count*."""
        return self.sent[count:]


async def latency(options: Options, *, kafka: Kafka | None) -> LatencyResult:
    """Return how long trades take from raw record to frame.

    The load is open: a transaction is sent when it is due, whatever became of those before, and
    its time runs from that moment.

    Raises:
        BtrackerError: the deployment does not start, or shows nothing.
    """
    salvo, began = Salvo(), int(time.time())
    fastest = max(*options.rates, options.rates[0] * BURST if options.burst_s else 0)
    with one_core_apart() as cores:
        async with (
            deployment(salvo, at=began - 60, kafka=kafka, cores=cores.measured) as place,
            _range(salvo, place, share=min(1.0, WATCHED_PER_S / fastest)) as shooting,
        ):
            laps = [await _lap(shooting, rate, options.seconds) for rate in options.rates]
            burst = (
                await _burst(shooting, options.rates[0], options.burst_s)
                if options.burst_s
                else None
            )
    return LatencyResult(
        seconds=options.seconds, apart=cores.measured is not None, laps=tuple(laps), burst=burst
    )


@asynccontextmanager
async def _range(salvo: Salvo, place: Deployment, *, share: float) -> AsyncIterator["Range"]:
    """Subscribe to the states of all tokens and to the trades of a *share* of them."""
    url = f"ws://{HOST}:{place.port}/v1/stream"
    watched = salvo.mints[: ceil(len(salvo.mints) * share)]
    async with (
        AIOKafkaProducer(**place.kafka.options, acks="all") as producer,
        connect(url, subprotocols=[SUBPROTOCOL], max_size=None) as socket,
    ):
        arrivals = Arrivals(frozenset(watched))
        channels = [("trades", mint) for mint in watched]
        await subscribe(socket, [*channels, *(("token", mint) for mint in salvo.mints)])
        hearing = asyncio.create_task(arrivals.hear(socket))
        yield Range(salvo, place, producer, arrivals)
        hearing.cancel()


class Range:
    """Sends transactions to a deployment, and hears what becomes of them."""

    def __init__(
        self, salvo: Salvo, place: Deployment, producer: AIOKafkaProducer, arrivals: Arrivals
    ) -> None:
        self._salvo, self._place, self._producer = salvo, place, producer
        self.arrivals = arrivals

    async def fire(self, phases: Sequence[Phase]) -> Fired:
        """Send all; return when everything has arrived, or had time to."""
        # Made before, so that making them does not hold up the sending.
        dues = list(_dues(phases))
        shots = list(self._salvo.shots(dues, at=int(time.time())))
        before = self._place.up.tree_cpu_s
        sent, late_s = await self._send(shots, dues)
        missing = await self._last(sent)
        return Fired(sent, late_s, missing, self._place.up.tree_cpu_s - before)

    async def _last(self, sent: Sequence[Sent]) -> int:
        """Return how many did not arrive although they had time to."""
        deadline = time.monotonic() + LAST_FRAMES_S
        while True:
            missing = self._missing(sent)
            if not missing or time.monotonic() > deadline:
                return missing
            await asyncio.sleep(LOOK_EVERY_S)

    def _missing(self, sent: Sequence[Sent]) -> int:
        return self.arrivals.lacking or self.arrivals.unseen(sent)

    async def _send(
        self, shots: Sequence[Shot], dues: Sequence[float]
    ) -> tuple[list[Sent], list[float]]:
        partitions = sorted(await self._producer.partitions_for(RAW_CHAIN.name))
        began, second = time.perf_counter(), -1
        sent: list[Sent] = []
        late_s = []
        for shot, offset in zip(shots, dues, strict=True):
            due = began + offset
            # Also when it is late: frames have to be heard meanwhile.
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late_s.append(time.perf_counter() - due)
            sent.append(self.arrivals.send(shot, due))
            await self._put(shot.value, key=shot.signature.encode(), headers=_headers())
            if int(offset) > second:
                second = int(offset)
                clock = {"time": int(time.time()), "slot": shot.slot, "complete": shot.slot - 1}
                for partition in partitions:
                    await self._put(
                        _encode(clock), key=b"clock", partition=partition, headers=CLOCK_HEADERS
                    )
        return sent, late_s

    async def _put(self, value: bytes, **options: Any) -> None:
        await self._producer.send(RAW_CHAIN.name, value, **options)


def _headers() -> list[tuple[str, bytes]]:
    return [KIND, ("bt_index", b"0"), ("bt_exact", b"1")]


def _dues(phases: Sequence[Phase]) -> Iterator[float]:
    """Yield when each transaction is due, in seconds after the first."""
    began = 0
    for per_second, seconds in phases:
        yield from (began + number / per_second for number in range(per_second * seconds))
        began += seconds


async def _lap(shooting: Range, per_second: int, seconds: int) -> Lap:
    """Measure one rate."""
    fired = await shooting.fire([Phase(per_second, WARM_S + seconds)])
    counted = fired.after(per_second * WARM_S)
    return Lap(
        per_second=per_second,
        sent=len(counted),
        lost=fired.lost,
        late_p99_ms=round(1_000 * quantile(sorted(fired.late_s), 0.99), 1),
        cpu_us=round(fired.cpu_s / len(fired.sent) * 1e6, 1),
        trade=spread(shooting.arrivals.trade_s(counted)),
        token=spread(shooting.arrivals.token_s(counted)),
    )


async def _burst(shooting: Range, per_second: int, seconds: int) -> Burst:
    """Measure a burst between two calms."""
    calm = WARM_S + CALM_S
    phases = [
        Phase(per_second, calm), Phase(per_second * BURST, seconds), Phase(per_second, AFTER_S)
    ]  # fmt: skip
    fired = await shooting.fire(phases)
    ends = [per_second * WARM_S, per_second * calm]
    ends.append(ends[-1] + per_second * BURST * seconds)
    times = shooting.arrivals.token_s
    before, during = times(fired.sent[ends[0] : ends[1]]), times(fired.sent[ends[1] : ends[2]])
    normal = spread(before)
    return Burst(
        per_second=per_second * BURST,
        seconds=seconds,
        lost=fired.lost,
        normal=normal,
        during=spread(during),
        recovered_s=recovered_s(
            times(fired.sent[ends[2] :]), per_second=per_second, normal_ms=normal.p99_ms
        ),
    )
