"""Keeps processes running: restarts them with backoff, and stops them in order."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from btracker.child_process import ChildProcess, Spec, spawn
from btracker.exits import WRONG_USE
from btracker.run_folder import RunFolder
from domain.errors import UsageError

BEAT_S = 0.05
NEEDS_EVERY_S = 0.5
SAID = 300
BACKOFF_FIRST_S = 0.5
BACKOFF_MOST_S = 15.0
STEADY_S = 30.0
"""A process that ran so long starts with the shortest backoff again."""

log = logging.getLogger(__name__)


def backoff_s(failures: int) -> float:
    """Return the pause before the start after the *failures*-th failure in a row (from 1)."""
    return min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2.0 ** min(failures - 1, 10))


class Keeper:
    """Keeps one process running until it is told to stop, or the process says it is no use."""

    def __init__(self, spec: Spec, supervisor: "Supervisor") -> None:
        self.spec, self._supervisor = spec, supervisor
        self._child: ChildProcess | None = None
        self._stopping = asyncio.Event()
        self.ready = asyncio.Event()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End it and start it no more."""
        self._stopping.set()
        while not self._task.done():
            if self._child and not self._child.ended:
                await self._child.stop()
            await asyncio.wait([self._task], timeout=BEAT_S)

    async def _keep(self) -> None:
        failures = 0
        while await self._may_start():
            began = time.monotonic()
            child, code = await self._run()
            if self._stopping.is_set():
                return
            if code == WRONG_USE:
                self._supervisor.give_up(child)
                return
            failures = 1 if time.monotonic() - began > STEADY_S else failures + 1
            pause_s = backoff_s(failures)
            self._supervisor.tell_of_end(child, code, pause_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)

    async def _may_start(self) -> bool:
        """Wait for what the process needs; return False if it is to be stopped instead.

        Its absence is no failure of the process, so it costs no backoff.
        """
        while not self._stopping.is_set():
            if self.spec.needs is None or await self.spec.needs():
                return not self._stopping.is_set()
            self._supervisor.tell_of_wait(self.spec)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), NEEDS_EVERY_S)
        return False

    async def _run(self) -> tuple[ChildProcess, int]:
        self._child = child = await self._supervisor.spawn(self.spec)
        greeting = asyncio.create_task(self._greet(child))
        code = await child.wait()
        greeting.cancel()
        self.ready.clear()
        return child, code

    async def _greet(self, child: ChildProcess) -> None:
        if await child.ready():
            self.ready.set()


class Supervisor:
    """What all kept processes of a data folder share. ``say`` tells the person at the terminal."""

    def __init__(self, data: Path, runs: RunFolder, say: Callable[[str], None]) -> None:
        self.logs = data / "log"
        self._runs, self._say = runs, say
        self._children: set[ChildProcess] = set()
        self._told: dict[str, tuple[str, str]] = {}
        self._refused = asyncio.Event()
        self._refusal = ""

    async def spawn(self, spec: Spec) -> ChildProcess:
        """Start a process."""
        child = await spawn(spec, runs=self._runs, logs=self.logs)
        self._children = {one for one in self._children if not one.ended} | {child}
        log.info("Started %s.", spec.name)
        return child

    def keep(self, spec: Spec) -> Keeper:
        """Start a process and keep it running."""
        return Keeper(spec, self)

    def kill_all(self) -> None:
        """End every process now."""
        for child in self._children:
            child.kill()

    async def stop_all(self) -> None:
        """End every process that still runs."""
        await asyncio.gather(*(child.stop() for child in self._children if not child.ended))

    def give_up(self, child: ChildProcess) -> None:
        """Take note that a process ended for wrong use: starting it again would be no use."""
        self._refusal = f"{child.spec.name} cannot run: {child.log.last[:SAID]}"
        log.error(self._refusal)
        self._refused.set()

    async def refused(self) -> NoReturn:
        """Wait until a process has ended for wrong use.

        Raises:
            UsageError: one has; in its own words.
        """
        await self._refused.wait()
        raise UsageError(self._refusal)

    def tell_of_wait(self, spec: Spec) -> None:
        """Say that a process waits for what it needs."""
        waiting = ("waits", "")
        if self._told.get(spec.name) != waiting:
            self._told[spec.name] = waiting
            log.warning("%s waits for Kafka.", spec.name)
            self._say(f"{spec.name} waits for Kafka, which does not answer.")

    def tell_of_end(self, child: ChildProcess, code: int, pause_s: float) -> None:
        """Say that a process ended by itself, how, and what happens next."""
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        # Whoever is ended by a signal had no time to say why.
        said = f": {child.log.last[:SAID]}" if child.log.last and code >= 0 else ""
        log.warning("%s ended (%s)%s", child.spec.name, how, said)
        # What keeps failing in the same way is told once; the log has every time.
        if self._told.get(child.spec.name) != (how, said):
            self._told[child.spec.name] = (how, said)
            self._say(
                f"{child.spec.name} ended ({how}){said}\n"
                f"  It starts again in {pause_s:g} s. Its log: {child.log.path}"
            )
