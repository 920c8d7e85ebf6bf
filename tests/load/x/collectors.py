"""Collectors as processes of their own, killed now and then."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.brokers import Broker
from tests.workers import ROOT
from tests.xserver.server import XServer

TOLD = {
    "X_SWEEP_S": "5",
    "X_STALL_S": "3",
    "X_POSTS_PER_DAY": "10000000",
    "X_USD_PER_DAY": "1000000",
    "X_COMPLIANCE": "true",
    "FETCH_DOCUMENTS": "false",
}


@dataclass
class Runs:
    """How many collectors there were, and how many ended without being told to."""

    begun: int = 0
    ended: int = 0


async def killed_now_and_then(
    broker: Broker, x: XServer, runs: Runs, *, every_s: float, until: asyncio.Event
) -> None:
    """Run collectors until *until*, with an empty folder each.

    Each is killed so many seconds after it began to listen.
    """
    while not until.is_set():
        runs.begun += 1
        with tempfile.TemporaryDirectory() as data:
            process = await _start(broker, x, Path(data))
            ending = asyncio.create_task(process.wait())
            waiting = asyncio.create_task(until.wait())
            # On a busy machine it would else be killed before it has done anything.
            listened = asyncio.create_task(x.until_listened())
            await asyncio.wait({ending, waiting, listened}, return_when=asyncio.FIRST_COMPLETED)
            listened.cancel()
            await asyncio.wait(
                {ending, waiting}, timeout=every_s, return_when=asyncio.FIRST_COMPLETED
            )
            waiting.cancel()
            if ending.done():
                runs.ended += 1
            elif until.is_set():
                process.terminate()
            else:
                process.kill()
            await ending


@asynccontextmanager
async def collecting(broker: Broker, x: XServer) -> AsyncIterator[None]:
    """Run one collector."""
    with tempfile.TemporaryDirectory() as data:
        process = await _start(broker, x, Path(data))
        try:
            yield
        finally:
            process.terminate()
            await process.wait()


async def _start(broker: Broker, x: XServer, data: Path) -> asyncio.subprocess.Process:
    where = {"KAFKA": broker.address, "DATA": str(data), "X": x.url, "X_BEARER_TOKEN": x.token}
    told = {f"BTRACKER_{name}": value for name, value in (where | TOLD).items()}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "btracker", "collect", env=os.environ | told, cwd=ROOT
    )
