"""Runs the main function of a process: a fast loop, and signals that ask it to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

Result = TypeVar("Result")


def run_service(main: Callable[[asyncio.Event], Awaitable[Result]]) -> Result:
    """Run *main* until it returns; SIGTERM and Ctrl-C set the event it was given."""

    async def run() -> Result:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop.set)
        return await main(stop)

    return uvloop.run(run())
