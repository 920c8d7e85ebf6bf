"""Runs the main function of a process: its logs, a fast loop, and signals that ask it to stop."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import uvloop

from btracker.exits import FAILED, WRONG_USE
from btracker.logs import LogSettings, logs_to
from btracker.settings import unknown
from domain.errors import BtrackerError, UsageError

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


@contextmanager
def service_logs() -> Iterator[None]:
    """Let a service log to stderr, the error that ends it too; it exits 1, 2 on wrong use."""
    with logs_to(sys.stderr, LogSettings()):
        for sentence in unknown(os.environ):
            log.warning(sentence)
        try:
            yield
        except BtrackerError as error:
            log.error(str(error))  # noqa: TRY400  # The sentence says it all.
            sys.exit(WRONG_USE if isinstance(error, UsageError) else FAILED)
        except Exception:
            log.exception("Something unexpected ended this process.")
            sys.exit(FAILED)
