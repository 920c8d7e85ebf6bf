"""An API process that tells, when it is sent SIGUSR1, how many tasks it has; one JSON a line."""

import asyncio
import gc
import json
import signal
import sys

import uvloop

from api.serve import run_api
from api.settings import ApiSettings


async def serve() -> None:
    """Serve until SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, tell)
    await run_api(ApiSettings(), stop)


def tell() -> None:
    """Write down what is still going on."""
    gc.collect()
    names = sorted(getattr(one.get_coro(), "__qualname__", "?") for one in asyncio.all_tasks())
    sys.stdout.write(json.dumps(names) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve())
