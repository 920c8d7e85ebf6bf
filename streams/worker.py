"""Runs a worker process: the loop, the signals, the logs, the exit code."""

import asyncio
import gc
import logging
import os
import threading
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import NoReturn

import faust
import uvloop
from aiokafka.errors import KafkaError
from prometheus_client import start_http_server

from domain.errors import UsageError
from schemas.kafka import Kafka
from streams.app import River, app
from streams.refusals import silent
from streams.settings import StreamSettings

log = logging.getLogger(__name__)
said = logging.getLogger("btracker.worker")
"""For what operators are to hear, although ``streams`` is quiet."""

QUIET = ("aiokafka", "faust", "mode", "streams")
"""Loggers that talk per rebalance, some per record: at DEBUG they cost 12 % of the time. Services
of Faust log by the module of their class, so ours are among them."""
EXIT_HUNG = 70
GC_THRESHOLDS = (50_000, 20, 50)
"""A chunk makes thousands of objects that die together: looking for cycles as often as Python does
by default cost a fifth of the CPU."""


class Worker(faust.Worker):
    """A Faust worker that ends in time, whatever hangs."""

    app: River

    def _on_sigint(self) -> None:
        self._end_in_time()
        super()._on_sigint()

    def _on_sigterm(self) -> None:
        self._end_in_time()
        super()._on_sigterm()

    def _crash(self, reason: BaseException) -> None:
        self._end_in_time()
        super()._crash(reason)

    async def on_startup_finished(self) -> None:
        """Say that it works now."""
        await super().on_startup_finished()
        settings = self.app.settings
        agents = ", ".join(name.rpartition(".")[2] for name in sorted(self.app.agents))
        said.info("Ready: %s; group %s on %s.", agents, settings.group_id, settings.cluster)

    def on_worker_shutdown(self) -> None:
        """End in time whatever ended the work: an error at the start is no crash to mode."""
        self._end_in_time()

    def _end_in_time(self) -> None:
        end_after(self.app.settings.stop_grace_s)


def _tell_of_thread(ended: threading.ExceptHookArgs) -> None:
    """Say in a line that a thread has failed: of a Kafka that is gone the consumer's does."""
    name = ended.thread.name if ended.thread else "one"
    said.warning("The thread %s has ended (%r); the worker ends too.", name, ended.exc_value)


def end_after(grace_s: float) -> None:
    """End this process after *grace_s*, unless it has ended by then.

    Faust does not stop while its broker is gone. Being ended is the normal case for state: what
    was not acknowledged is delivered again.
    """

    def end() -> None:
        log.error("not stopped within %s s, ending the process", grace_s)
        os._exit(EXIT_HUNG)

    timer = threading.Timer(grace_s, end)
    timer.daemon = True
    timer.start()


def run_worker(settings: StreamSettings, agents: Sequence[str] | None = None) -> NoReturn:
    """Run *agents* (all, if None) until a signal; exit 0 after a clean stop, else not 0.

    Raises:
        UsageError: Kafka lacks a topic, or has it with another number of partitions; another
            worker has the folder for tables.
        BtrackerError: no Kafka answers.
    """
    if agents is not None:
        settings = settings.model_copy(update={"agents": tuple(agents)})
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    threading.excepthook = _tell_of_thread
    gc.set_threshold(*GC_THRESHOLDS)
    app.use(settings)
    app.discover()
    app.checkpoints.hold()
    gc.freeze()
    asyncio.run(_check(settings.cluster))
    if settings.stream_metrics_port:
        start_http_server(settings.stream_metrics_port)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = Worker(app, loop=loop, quiet=True, override_logging=False)
    worker.spinner = None
    worker.execute_from_commandline()


def refuse_unknown(agents: Sequence[str]) -> None:
    """Refuse names of agents that are none; a name with a dot is a module, looked for later.

    Raises:
        UsageError: one is unknown; names those there are.
    """
    known = sorted(module.name for module in iter_modules(import_module("agents").__path__))
    unknown = [name for name in agents if "." not in name and name not in known]
    if unknown:
        raise UsageError(f"There is no agent {', '.join(unknown)}; there are {', '.join(known)}.")


async def _check(kafka: Kafka) -> None:
    try:
        await app.check()
    except KafkaError as error:
        raise silent(kafka) from error
