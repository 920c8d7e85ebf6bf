"""The processes of such a measurement: a cache, and servers on a core of their own."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from api.access.key_file import KeyFile
from api.access.keys import Rate, new_key, written
from btracker.bench.pipeline.machinery import Cores, Running, running
from btracker.embedded import HOST, cache_spec, free_port, redis_answers
from domain.errors import BtrackerError

START_S = 60.0
LOOK_S = 0.05
RATE = Rate(per_minute=60_000_000, burst=1_000_000)
"""Limits are kept, and nobody meets them."""

Look = Callable[[], Awaitable[bool]]


class Stage:
    """Where servers of a measurement run; all end with it."""

    def __init__(self, folder: Path, cores: Cores, redis: str, stack: AsyncExitStack) -> None:
        self.folder, self.redis = folder, redis
        self._cores, self._stack = cores, stack

    def give_key(self) -> str:
        """Return a new key that the servers know."""
        key, shown = new_key("bench", scopes=("read", "stream"), rate=RATE, created=1)
        KeyFile(self.folder / "keys.json").add(key)
        return written(shown)

    async def api(self, *, port: int, argv: Sequence[str], **settings: object) -> Running:
        """Start an API with its real settings, and others where they are named."""
        given = {
            "port": port,
            "data": self.folder,
            "store": f"sqlite:///{self.folder / 'store.sqlite'}",
            "redis": self.redis,
            "trust_loopback": "false",
            **settings,
        }
        env = {f"BTRACKER_{name.upper()}": str(value) for name, value in given.items()}
        return await self.server(*argv, env=env, port=port)

    async def floor(self, module: str, *arguments: object) -> tuple[Running, int]:
        """Start a module that listens on the port it is told first; return process and port."""
        port = free_port()
        told = [str(argument) for argument in (port, *arguments)]
        return await self.server(module, *told, env={}, port=port), port

    async def server(
        self, module: str, *arguments: str, env: Mapping[str, str], port: int
    ) -> Running:
        """Start a module on the measured core, and wait until it listens."""
        argv = (sys.executable, "-m", module, *arguments)
        return await self._listening(module, argv, env, port, cores=self._cores.measured)

    async def helper(self, name: str, argv: Sequence[str], *, port: int) -> Running:
        """Start a program beside the measured core, and wait until it listens."""
        return await self._listening(name, argv, {}, port, cores=self._cores.others)

    async def _listening(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str],
        port: int,
        *,
        cores: Sequence[int] | None,
    ) -> Running:
        log = self.folder / f"{name}.log"
        process = await self._stack.enter_async_context(running(argv, env, cores=cores, log=log))
        await until(lambda: _listens(port), process)
        return process


@asynccontextmanager
async def stage(folder: Path, cores: Cores) -> AsyncIterator[Stage]:
    """Give a stage with an empty cache."""
    port = free_port()
    spec = cache_spec(port)
    async with (
        running(spec.argv, {}, cores=cores.others, log=folder / "cache.log") as cache,
        AsyncExitStack() as stack,
    ):
        await until(lambda: redis_answers(HOST, port), cache)
        yield Stage(folder, cores, f"redis://{HOST}:{port}/0", stack)


async def until(look: Look, process: Running) -> None:
    """Return when *look* says yes.

    Raises:
        BtrackerError: it does not in time, or the process has ended.
    """
    deadline = time.monotonic() + START_S
    while not await look():
        if process.ended or time.monotonic() > deadline:
            raise BtrackerError(f"A process does not get to work: {process.last_words}")
        await asyncio.sleep(LOOK_S)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
