"""Runs the main function of a process: a fast loop, and signals that ask it to stop."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import uvloop

Result = TypeVar("Result")

GRACE_S = 8.0
EXIT_HUNG = 70

log = logging.getLogger(__name__)


def run_service(main: Callable[[asyncio.Event], Awaitable[Result]]) -> Result:
    """Run *main* until it returns; SIGTERM and Ctrl-C set the event it was given.

    If it has not returned 8 s after that the process ends with exit code 70: clients of a Kafka
    that has gone wait for it longer than anybody waits for them.
    """

    async def run() -> Result:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ask() -> None:
            if not stop.is_set():
                stop.set()
                loop.call_later(GRACE_S, _end)

        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, ask)
        return await main(stop)

    return uvloop.run(run())


def _end() -> None:
    log.error("Not stopped within %g s; the process is ended.", GRACE_S)
    os._exit(EXIT_HUNG)
