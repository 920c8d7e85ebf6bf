"""A whole deployment that is measured from outside."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from btracker.bench.pipeline.course import vacant
from btracker.bench.pipeline.machinery import Running, running
from btracker.bench.pipeline.salvo import Salvo
from btracker.embedded import HOST, free_port
from btracker.run_folder import RunFolder
from btracker.status import StatusClient
from domain.errors import BtrackerError
from schemas.fields import ChainTime
from schemas.kafka import Kafka

START_S = 90.0
LOOK_EVERY_S = 0.2


class Deployment(NamedTuple):
    """Where a deployment is: its Kafka, the port of its API, and the process that runs it all."""

    kafka: Kafka
    port: int
    up: Running


@asynccontextmanager
async def deployment(
    salvo: Salvo, *, at: ChainTime, kafka: Kafka | None, cores: Sequence[int] | None
) -> AsyncIterator[Deployment]:
    """Run a whole deployment that shows the launches, all of them at chain time *at*.

    Raises:
        BtrackerError: it does not start.
    """
    async with AsyncExitStack() as stack:
        base = Path(stack.enter_context(TemporaryDirectory(prefix="btracker-bench-")))
        if kafka:
            await stack.enter_async_context(vacant(kafka))
        recording, data, port = salvo.record(base / "launches", at=at), base / "data", free_port()
        options = ["--recording", str(recording), "--data", str(data), "--port", str(port)]
        options += ["--speed", "max", *(("--kafka", kafka.servers) if kafka else ())]
        argv = (sys.executable, "-m", "btracker", "up", *options)
        up = await stack.enter_async_context(running(argv, {}, cores=cores, log=base / "up.log"))
        await _ready(up, port, through_slot=salvo.last_setup_slot)
        yield Deployment(kafka or Kafka(RunFolder(data).addresses().kafka), port, up)


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
