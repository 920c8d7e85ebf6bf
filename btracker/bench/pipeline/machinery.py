"""Processes of a measurement: started on cores of their own, watched, ended."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from btracker.child_process import CHILD

GRACE_S = 12.0
"""A whole deployment stops within 10 s."""
TAIL_BYTES = 2_000


class Cores(NamedTuple):
    """One core for what is measured, the rest for everything else; both None: cannot be chosen."""

    measured: Sequence[int] | None
    others: Sequence[int] | None


@contextmanager
def shared_cores() -> Iterator[Cores]:
    """Share this machine's cores out, and keep this process off the measured one meanwhile.

    With a single core, or where the system offers no choice, nothing is chosen.
    """
    process = psutil.Process()
    allowed = process.cpu_affinity() if hasattr(process, "cpu_affinity") else []
    if len(allowed) < 2:
        yield Cores(None, None)
        return
    process.cpu_affinity(allowed[1:])
    try:
        yield Cores(allowed[:1], allowed[1:])
    finally:
        process.cpu_affinity(allowed)


@contextmanager
def one_core_apart() -> Iterator[Cores]:
    """Keep this process on one core, and what is measured off it where two are left for that.

    With a single core, or where the system offers no choice, nothing is chosen.
    """
    process = psutil.Process()
    allowed = process.cpu_affinity() if hasattr(process, "cpu_affinity") else []
    if len(allowed) < 2:
        yield Cores(None, None)
        return
    process.cpu_affinity(allowed[-1:])
    try:
        yield Cores(allowed[:-1] if len(allowed) > 2 else allowed, allowed[-1:])
    finally:
        process.cpu_affinity(allowed)


class Running:
    """A process that was started."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process, self._log = process, log

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.returncode is not None

    @property
    def cpu_s(self) -> float:
        """The processor seconds it has used so far, in all its threads, kernel and user."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def tree_cpu_s(self) -> float:
        """The same of it and of all that it has started, as far as they are still there."""
        process = psutil.Process(self._process.pid)
        times = [process.cpu_times()]
        for child in process.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                times.append(child.cpu_times())
        return float(sum(one.user + one.system for one in times))

    @property
    def memory(self) -> int:
        """The bytes it has in memory now."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    @property
    def peak_memory(self) -> int | None:
        """The most bytes it has had in memory so far; None where the system does not say."""
        status = Path(f"/proc/{self._process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peaks = (int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
        return next(peaks, None)

    @property
    def peak_memory_mib(self) -> int | None:
        """The same in MiB."""
        peak = self.peak_memory
        return None if peak is None else peak >> 20

    @property
    def last_words(self) -> str:
        """The end of what it said."""
        return self._log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()

    def pause(self) -> None:
        """Let it stand still."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it: politely, and after its grace for certain."""
        with suppress(ProcessLookupError):
            self.resume()
            self._process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), GRACE_S)
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def running(
    argv: Sequence[str], env: Mapping[str, str], *, cores: Sequence[int] | None, log: Path
) -> AsyncIterator[Running]:
    """Run a process on *cores*; it ends with this context, and with this process."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", CHILD, str(os.getpid()), *argv),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | dict(env),
        )
    if cores is not None:  # Threads that it starts later stay there too.
        psutil.Process(process.pid).cpu_affinity(list(cores))
    one = Running(process, log)
    try:
        yield one
    finally:
        await one.stop()
