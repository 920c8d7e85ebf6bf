"""One kind of request after another: the API, and by turns with it the floor, on one core."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx
import msgspec

from btracker.bench.api.bare import Canned
from btracker.bench.api.course import fill
from btracker.bench.api.kinds import KINDS, Asked
from btracker.bench.medians import medians
from btracker.bench.pipeline.machinery import Running, shared_cores
from btracker.bench.serving.load import Load, Spread, spread
from btracker.bench.serving.stage import Stage, stage
from btracker.embedded import HOST, free_port

WARM = 3_000
"""Requests that do not count, at most: they make tokens hot, and fill the caches of the store."""
NOT_OURS = (b"date", b"content-length", b"connection")


class Options(NamedTuple):
    """How much is measured: tokens in the store, seconds of a lap, laps of each kind."""

    tokens: int
    seconds: float
    runs: int


class Lap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Requests at a steady rate: how many were answered a second, at what cost, and when.

    The most memory is that of the process since its start.
    """

    per_second: float
    cpu_us: float
    times: Spread
    peak_memory_mib: int | None


class Kind(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One kind of request, and the floor that answers as many bytes, if it has one."""

    api: Lap
    floor: Lap | None
    cpu_times_floor: float | None


class ApiResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What requests cost."""

    tokens: int
    runs: int
    seconds: float
    pinned: bool
    kinds: dict[str, Kind]


class Server(NamedTuple):
    """A process that answers, and its port."""

    process: Running
    port: int


async def measure(options: Options) -> ApiResult:
    """Return what was measured.

    Raises:
        BtrackerError: something was not answered, or not well.
    """
    with shared_cores() as cores, TemporaryDirectory(prefix="btracker-bench-") as name:
        async with stage(Path(name), cores) as here:
            mints = await fill(here.folder, here.redis, count=options.tokens)
            key = here.give_key()
            port = free_port()
            api = await here.api(port=port, argv=("btracker", "api"), partitions=1)
            course = Course(here, Server(api, port), mints, key, options)
            kinds = {name: await course.kind(asked) for name, asked in KINDS.items()}
    return ApiResult(
        tokens=options.tokens,
        runs=options.runs,
        seconds=options.seconds,
        pinned=cores.measured is not None,
        kinds=kinds,
    )


class Course:
    """A running API, and whoever runs beside it."""

    def __init__(
        self, here: Stage, api: Server, mints: Sequence[str], key: str, options: Options
    ) -> None:
        self._here, self._api, self._mints = here, api, mints
        self._key, self._options = key, options

    async def kind(self, asked: Asked) -> Kind:
        """Measure one kind of request."""
        requests = asked.requests(self._mints, self._key, self._count(asked))
        # Each of them three times: a token is hot from its second request on.
        warm = (list(dict.fromkeys(requests)) * 3)[:WARM]
        await Load(warm, per_second=asked.per_second).run(self._api.port)
        floor = await self._floor(requests[0]) if asked.has_floor else None
        laps, floors = [], []
        for _ in range(self._options.runs):
            laps.append(await lap(self._api, requests, asked.per_second))
            if floor:
                floors.append(await lap(floor, requests, asked.per_second))
        api, bare = medians(laps), medians(floors) if floors else None
        ratio = round(api.cpu_us / bare.cpu_us, 2) if bare and bare.cpu_us else None
        return Kind(api=api, floor=bare, cpu_times_floor=ratio)

    def _count(self, asked: Asked) -> int:
        return max(1, int(asked.per_second * self._options.seconds))

    async def _floor(self, request: bytes) -> Server:
        """Start a bare server that answers what the API answers a request."""
        path = request.split(b" ", 2)[1].decode()
        async with httpx.AsyncClient(headers={"x-api-key": self._key}) as http:
            answer = await http.get(f"http://{HOST}:{self._api.port}{path}")
        headers = [(n, v) for n, v in answer.headers.raw if n not in NOT_OURS]
        headers.append((b"content-length", b"%d" % len(answer.content)))
        file = self._here.folder / "answer.json"
        file.write_bytes(msgspec.json.encode(Canned(headers, answer.content)))
        return Server(*await self._here.floor("btracker.bench.api.bare", file))


async def lap(server: Server, requests: Sequence[bytes], per_second: float) -> Lap:
    """Ask for everything at a rate; return what it cost."""
    load, before = Load(requests, per_second=per_second), server.process.cpu_s
    took = await load.run(server.port)
    cpu_s = server.process.cpu_s - before
    return Lap(
        per_second=round(len(requests) / took, 1),
        cpu_us=round(cpu_s / len(requests) * 1e6, 2),
        times=spread(load.seconds),
        peak_memory_mib=server.process.peak_memory_mib,
    )
