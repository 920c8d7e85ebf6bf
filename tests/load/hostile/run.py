"""The run: a server, hostile clients, and what the server is like before and after them."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil

from tests.caches import running_cache
from tests.contract.api.market import Market, make_market
from tests.load.hostile.clients import Attacker, Seen
from views.sqlite.store import SQLiteViews

AT_ONCE = 40
GROWTH_MB = 48
"""What the process may be larger at the end than after the first tenth."""
SETTLED_S = 60


class State(NamedTuple):
    """What a process has: tasks by name, open files, live clients, memory."""

    tasks: list[str]
    files: list[str]
    clients: float
    memory_mb: int


class Server:
    """A server process, looked at from outside."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.port = process, port
        self._seen = psutil.Process(process.pid)

    async def state(self) -> State:
        """Return what it has now."""
        assert self.process.stdout
        self.process.send_signal(signal.SIGUSR1)
        tasks = json.loads(await asyncio.wait_for(self.process.stdout.readline(), 30))
        async with httpx.AsyncClient(timeout=30) as http:
            page = (await http.get(f"http://127.0.0.1:{self.port}/metrics")).text
        lines = [line.split() for line in page.splitlines() if not line.startswith("#")]
        clients = next(float(v) for name, v in lines if name == "btracker_ws_connections")
        files = await asyncio.to_thread(self._files)
        return State(tasks, files, clients, self._seen.memory_info().rss >> 20)

    def _files(self) -> list[str]:
        """Return what is open; connections to store and cache are as many as were busy at once."""
        ours = [one for one in self._seen.net_connections() if one.laddr.port == self.port]
        names = [one.path for one in self._seen.open_files() if "store.sqlite" not in one.path]
        return sorted([*names, *("connection" for _ in ours)])

    async def settled(self, before: State) -> State:
        """Return its state as soon as all that came after *before* is gone, or after a while."""
        now = await self.state()
        for _ in range(SETTLED_S):
            is_more = _more(now.tasks, before.tasks) or _more(now.files, before.files)
            if not is_more and now.clients == 0:
                break
            await asyncio.sleep(1)
            now = await self.state()
        return now


@asynccontextmanager
async def serving(folder: Path, market: Market) -> AsyncIterator[Server]:
    """Give a real API process over a store with a market in it, and a cache."""
    store = SQLiteViews(folder / "store.sqlite")
    await market.put(store)
    await store.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with running_cache() as cache, (folder / "stderr.txt").open("wb") as told:
        environment = {
            **os.environ,
            "BTRACKER_PORT": str(port),
            "BTRACKER_DATA": str(folder),
            "BTRACKER_STORE": f"sqlite:///{folder / 'store.sqlite'}",
            "BTRACKER_REDIS": cache.url,
            "BTRACKER_WS_MESSAGES_PER_S": "100000",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.hostile.server",
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=told,
        )  # fmt: skip
        try:
            await _answers(port, process)
            yield Server(process, port)
        finally:
            process.terminate()
            await process.wait()


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(60):
        while True:
            assert process.returncode is None
            try:
                await http.get(f"http://127.0.0.1:{port}/readyz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def run(folder: Path, *, number: int, seed: int) -> dict[str, Any]:
    """Send *number* hostile requests and messages, and return the figures."""
    market, seen = make_market(), Seen()
    rng = random.Random(seed)
    async with serving(folder, market) as server:
        await _attack(server.port, market, rng, seen, until=number // 10)
        before = await server.state()
        before = await server.settled(before._replace(tasks=_own(before.tasks)))
        await _attack(server.port, market, rng, seen, until=number)
        after = await server.settled(before)
    return {
        "sent": dict(seen.sent),
        "statuses": dict(sorted(seen.statuses.items())),
        "closed": dict(sorted(seen.closed.items())),
        "files": len(after.files),
        "filesMore": _more(after.files, before.files),
        "clientsAfter": after.clients,
        "tasksMore": _more(after.tasks, before.tasks),
        "memoryBeforeMb": before.memory_mb,
        "memoryAfterMb": after.memory_mb,
        "said": sorted({*(folder / "stderr.txt").read_text().splitlines()})[:40],
    }


def wrong(figures: dict[str, Any]) -> list[str]:
    """Return what is not as it should be, in sentences."""
    found = {
        "5xx was answered": any(500 <= status < 600 for status in figures["statuses"]),
        "a WebSocket ended with 1011": 1011 in figures["closed"],
        "files are left open": bool(figures["filesMore"]),
        "live clients are left": figures["clientsAfter"] > 0,
        "tasks are left": bool(figures["tasksMore"]),
        f"memory grew by more than {GROWTH_MB} MB": (
            figures["memoryAfterMb"] - figures["memoryBeforeMb"] > GROWTH_MB
        ),
        "a mistake of ours is in the log": any("Traceback" in line for line in figures["said"]),
    }
    return [sentence for sentence, is_so in found.items() if is_so]


def _more(after: list[str], before: list[str]) -> list[str]:
    """Return the names that come oftener than before."""
    return sorted((Counter(after) - Counter(before)).elements())


def _own(tasks: list[str]) -> list[str]:
    """Return the tasks that a server has for itself, not for a client."""
    return [name for name in tasks if not name.startswith(("Outbox.", "LiveSocket", "_read"))]


async def _attack(port: int, market: Market, rng: random.Random, seen: Seen, *, until: int) -> None:
    async def one(attacker: Attacker) -> None:
        while seen.sent.total() < until:
            await attacker.attack()

    attackers = [Attacker(port, market, random.Random(rng.random()), seen) for _ in range(AT_ONCE)]
    await asyncio.gather(*(one(attacker) for attacker in attackers))
