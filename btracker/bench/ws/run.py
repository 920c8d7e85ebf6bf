"""The floor and the API, one after the other on one core, and the same clients of both."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from api.collection import collecting
from api.open_files import open_as_many_as_may_be
from btracker.bench.pipeline.machinery import Running, shared_cores
from btracker.bench.serving.load import Spread, spread
from btracker.bench.serving.made_up import tokens
from btracker.bench.serving.stage import Stage, stage
from btracker.bench.ws.balancer import balanced, require_nginx
from btracker.bench.ws.clients import Clients
from btracker.bench.ws.source import BOARD, Source
from btracker.bench.ws.times import times_in
from btracker.embedded import free_port
from domain.errors import BtrackerError

READERS = 8
"""Subscribers of each token."""
PER_SECOND = 1_000
CONNECTS_PER_S = 1_000
BOARDS_PER_S = 10
QUIET_S = 3.0
"""After a storm: garbage is collected every second."""


class Options(NamedTuple):
    """How much is measured: connections to each process, seconds of a part, updates to everybody.

    ``replicas``: processes of the API, behind nginx if there are several.
    """

    connections: int
    seconds: float
    updates: int
    replicas: int = 1


class Servers(NamedTuple):
    """Processes that serve the same, where each notes its times, and the port they are met at."""

    processes: Sequence[Running]
    times: Sequence[Path]
    port: int

    @property
    def memory(self) -> int:
        """The bytes that all of them have in memory."""
        return sum(one.memory for one in self.processes)

    @property
    def peak_memory_mib(self) -> int | None:
        """The sum of the most that each of them has had; None where the system does not say."""
        peaks = [one.peak_memory for one in self.processes]
        known = [peak for peak in peaks if peak is not None]
        return sum(known) >> 20 if len(known) == len(peaks) else None

    @property
    def cpu_s(self) -> float:
        """The processor seconds that all of them have used."""
        return sum(one.cpu_s for one in self.processes)

    def spread(self, channel: str) -> Spread:
        """Return how long updates of a channel took in all of them."""
        return spread([s for path in self.times for s in times_in(path, channel)])


class Paced(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Updates of tokens at a steady rate, from arrival in the process to the last write."""

    updates_per_second: int
    messages: int
    messages_per_cpu_second: int
    cpu_us_per_message: float
    times: Spread


class Served(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one server did. Memory is what a connection adds, in KiB: idle, and with a token."""

    connections: int
    failed: int
    handshake: Spread
    idle_kib: float
    subscribed_kib: float
    paced: Paced
    everybody: Spread
    board: Spread
    peak_memory_mib: int | None


class WsResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Both, and how they compare."""

    pinned: bool
    replicas: int
    runs: int = 1
    api: Served
    floor: Served
    everybody_times_floor: float
    messages_times_floor: float
    paced_p99_beyond_floor_ms: float


async def measure(options: Options) -> WsResult:
    """Return what was measured.

    Raises:
        BtrackerError: something did not come.
        UsageError: several replicas need nginx, which is not installed.
    """
    open_as_many_as_may_be()
    if options.replicas > 1:
        require_nginx()
    # The clients are as many objects as the servers' connections: not to be measured as lateness.
    with (
        collecting(),
        shared_cores() as cores,
        TemporaryDirectory(prefix="btracker-bench-") as name,
    ):
        async with stage(Path(name), cores) as here:
            source = Source(here.redis, tokens(max(1, options.connections // READERS)))
            await source.begin()
            floor = await _served(here, source, options, is_floor=True)
            api = await _served(here, source, options, is_floor=False)
            await source.close()
    return WsResult(
        pinned=cores.measured is not None,
        replicas=options.replicas,
        api=api,
        floor=floor,
        everybody_times_floor=round(api.everybody.p50_ms / floor.everybody.p50_ms, 2),
        messages_times_floor=round(
            api.paced.messages_per_cpu_second / floor.paced.messages_per_cpu_second, 2
        ),
        paced_p99_beyond_floor_ms=round(api.paced.times.p99_ms - floor.paced.times.p99_ms, 2),
    )


async def _served(here: Stage, source: Source, options: Options, *, is_floor: bool) -> Served:
    key = here.give_key()
    async with AsyncExitStack() as stack:
        serve = _floor(here) if is_floor else _replicas(here, options.replicas)
        servers = await stack.enter_async_context(serve)
        clients = Clients(servers.port, key=key)
        stack.callback(clients.close)
        count = options.connections * len(servers.processes)
        return await Lap(servers, clients, source, count, options).run()


@asynccontextmanager
async def _floor(here: Stage) -> AsyncIterator[Servers]:
    times = here.folder / "times-floor"
    process, port = await here.floor("btracker.bench.ws.bare", here.redis, times)
    try:
        yield Servers([process], [times], port)
    finally:
        await process.stop()


@asynccontextmanager
async def _replicas(here: Stage, count: int) -> AsyncIterator[Servers]:
    times = [here.folder / f"times-api-{number}" for number in range(count)]
    ports = [free_port() for _ in times]
    processes = []
    async with AsyncExitStack() as stack:
        for port, path in zip(ports, times, strict=True):
            argv = ("btracker.bench.ws.served", str(path))
            processes.append(await here.api(port=port, argv=argv, partitions=1))
            stack.push_async_callback(processes[-1].stop)
        met = ports[0] if count == 1 else await stack.enter_async_context(balanced(here, ports))
        yield Servers(processes, times, met)


class Lap:
    """Servers and their clients."""

    def __init__(
        self, servers: Servers, clients: Clients, source: Source, count: int, options: Options
    ) -> None:
        self._servers, self._clients, self._source = servers, clients, source
        self._count, self._options = count, options

    async def run(self) -> Served:
        """Connect, subscribe, publish; return what came of it."""
        before = self._servers.memory
        await self._clients.connect(self._count, per_second=CONNECTS_PER_S)
        await asyncio.sleep(QUIET_S)
        idle = self._servers.memory
        await self._subscribe("token", self._source.mints)
        await asyncio.sleep(QUIET_S)
        subscribed = self._servers.memory
        paced = await self._paced()
        everybody = await self._everybody()
        board = await self._board()
        if self._clients.lost:
            raise BtrackerError(f"{self._clients.lost} connections were lost.")
        return Served(
            connections=self._count,
            failed=self._clients.failed,
            handshake=spread(self._clients.handshakes),
            idle_kib=round((idle - before) / self._count / 1024, 1),
            subscribed_kib=round((subscribed - before) / self._count / 1024, 1),
            paced=paced,
            everybody=everybody,
            board=board,
            peak_memory_mib=self._servers.peak_memory_mib,
        )

    async def _subscribe(self, channel: str, keys: Sequence[str]) -> None:
        due = self._clients.got["snapshot"] + self._count
        for number, client in enumerate(self._clients.all):
            client.subscribe(channel, keys[number % len(keys)])
            if number % 100 == 0:
                await asyncio.sleep(0.05)
        await self._clients.until_got("snapshot", due)

    async def _paced(self) -> Paced:
        updates, got = int(PER_SECOND * self._options.seconds), self._clients.got
        readers = self._count // len(self._source.mints)
        due, before = got["delta"] + updates * readers, sum(got.values())
        cpu_s = self._servers.cpu_s
        sent = await self._source.trade(updates, per_second=PER_SECOND)
        await self._clients.until_got("delta", due)
        cpu_s = self._servers.cpu_s - cpu_s
        messages = sum(got.values()) - before
        return Paced(
            updates_per_second=round(sent.updates / sent.seconds),
            messages=messages,
            messages_per_cpu_second=round(messages / cpu_s),
            cpu_us_per_message=round(cpu_s / messages * 1e6, 2),
            times=self._servers.spread("token"),
        )

    async def _everybody(self) -> Spread:
        await self._subscribe("launches", ["all"])
        for _ in range(self._options.updates):
            due = self._clients.got["event"] + self._count
            await self._source.launch()
            await self._clients.until_got("event", due)
        return self._servers.spread("launches")

    async def _board(self) -> Spread:
        await self._subscribe("board", [BOARD])
        for _ in range(max(1, int(BOARDS_PER_S * self._options.seconds))):
            await self._source.rank()
            await asyncio.sleep(1 / BOARDS_PER_S)
        await self._clients.until_quiet("delta")
        return self._servers.spread("board")
