"""One supervised process: started in a group of its own, heard, ended with all it started."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from btracker.process_log import ProcessLog
from btracker.run_folder import RunFolder

CHILD = str(Path(__file__).with_name("child.py"))
READ_BYTES = 1 << 16
READY_EVERY_S = 0.05


class Spec(NamedTuple):
    """A process to be kept running.

    ``ready``: whether it answers; ``grace_s``: TERM to KILL; ``needs``: whether what it cannot
    start without is there.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = {}
    ready: Callable[[], Awaitable[bool]] | None = None
    grace_s: float = 3.0
    needs: Callable[[], Awaitable[bool]] | None = None


class ChildProcess:
    """A process that was started, until it has ended."""

    def __init__(
        self, spec: Spec, process: asyncio.subprocess.Process, log: ProcessLog, runs: RunFolder
    ) -> None:
        self.spec, self._process, self._runs = spec, process, runs
        self.log = log
        self._hearing = asyncio.create_task(self._hear())

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.returncode is not None

    async def wait(self) -> int:
        """Return its exit code when it has ended and all it said is written."""
        code = await self._process.wait()
        # Whatever it started ends with it; else the pipe would stay open, and the port taken.
        self._signal(signal.SIGKILL)
        await self._hearing
        self._runs.remove(self.spec.name)
        return code

    async def ready(self) -> bool:
        """Wait until it answers; return False if it ended before."""
        while not self.ended:
            if self.spec.ready is None or await self.spec.ready():
                return True
            await asyncio.sleep(READY_EVERY_S)
        return False

    async def stop(self) -> None:
        """End it: politely, and after its grace for certain."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), self.spec.grace_s)
        self.kill()
        await self.wait()

    def kill(self) -> None:
        """End it now."""
        self._signal(signal.SIGKILL)

    def _signal(self, signum: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signum)

    async def _hear(self) -> None:
        output = self._process.stdout
        while output and (data := await output.read(READ_BYTES)):
            self.log.feed(data)
        self.log.close()


async def spawn(spec: Spec, *, runs: RunFolder, logs: Path) -> ChildProcess:
    """Start a process that ends with this one, whatever happens to this one."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", CHILD, str(os.getpid()), *spec.argv),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | dict(spec.env),
        start_new_session=True,
    )
    runs.add(spec.name, process.pid)
    return ChildProcess(spec, process, ProcessLog(logs, spec.name), runs)
