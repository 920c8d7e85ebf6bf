"""``DATA/run``: who runs here, by which process id, at which addresses; one ``up`` at a time."""

import fcntl
import logging
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec
import psutil

from domain.errors import UsageError

log = logging.getLogger(__name__)


class Identity(msgspec.Struct, frozen=True):
    """A process, not to be mistaken for another that got its id later."""

    pid: int
    created: float

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        try:
            process = psutil.Process(self.pid)
            same = bool(process.create_time() == self.created)
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    @property
    def is_stopped(self) -> bool:
        """Whether a signal has made it stand still."""
        try:
            return bool(psutil.Process(self.pid).status() == psutil.STATUS_STOPPED)
        except psutil.NoSuchProcess:
            return False


class Addresses(msgspec.Struct, frozen=True):
    """Where the parts of a running deployment are: host:port, store url, redis url, http url.

    ``embedded``: whether its Kafka is. ``solana``: its nodes, as ``parse_nodes`` takes them.
    """

    kafka: str
    store: str
    redis: str
    api: str
    embedded: bool = True
    solana: str = ""


class RunFolder:
    """The folder of process ids, held by one ``up`` until it ends."""

    def __init__(self, data: Path) -> None:
        self.path = data / "run"
        self._lock: IO[bytes] | None = None

    def hold(self) -> None:
        """Take the folder for this process.

        Raises:
            UsageError: another ``up`` holds it, or it cannot be written; says what to do.
        """
        lock = self._open_lock()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise UsageError(self._occupied()) from None
        self._lock = lock
        self._end_strays()
        self.add("up", os.getpid())

    def _open_lock(self) -> IO[bytes]:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            return (self.path / "lock").open("ab")
        except OSError as error:
            raise UsageError(
                f"The data folder {self.path.parent} cannot be written ({error.strerror}); choose "
                "another folder with --data."
            ) from error

    def release(self) -> None:
        """Let the next ``up`` have the folder."""
        for path in (*self.path.glob("*.pid"), *self.path.glob("*.json")):
            path.unlink(missing_ok=True)
        if self._lock:
            self._lock.close()

    def add(self, name: str, pid: int) -> None:
        """Write down that process *pid* is *name*."""
        with suppress(psutil.NoSuchProcess):
            identity = Identity(pid, psutil.Process(pid).create_time())
            _replace(self.path / f"{name}.json", msgspec.json.encode(identity))
            _replace(self.path / f"{name}.pid", b"%d\n" % pid)

    def remove(self, name: str) -> None:
        """Forget *name*, which has ended."""
        (self.path / f"{name}.pid").unlink(missing_ok=True)
        (self.path / f"{name}.json").unlink(missing_ok=True)

    def publish(self, addresses: Addresses) -> None:
        """Tell other commands on this data folder where everything is."""
        # For us alone: an address may hold a password or a key.
        _replace(self._addresses, msgspec.json.encode(addresses), mode=0o600)

    def addresses(self) -> Addresses:
        """Return where everything is of the ``up`` that runs on this data folder.

        Raises:
            UsageError: none does.
        """
        identity = self._identity("up")
        try:
            if identity and identity.alive:
                return msgspec.json.decode(self._addresses.read_bytes(), type=Addresses)
        except (FileNotFoundError, msgspec.DecodeError):
            pass
        raise UsageError(
            f"Nothing runs on the data folder {self.path.parent}; start it with btracker up, or "
            "name a Kafka with --kafka HOST:PORT."
        )

    def processes(self) -> dict[str, Identity]:
        """Return the processes that were written down, by name."""
        names = sorted(path.stem for path in self.path.glob("*.pid"))
        return {name: one for name in names if (one := self._identity(name))}

    @property
    def _addresses(self) -> Path:
        return self.path / "addresses.json"

    def _identity(self, name: str) -> Identity | None:
        try:
            return msgspec.json.decode((self.path / f"{name}.json").read_bytes(), type=Identity)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _occupied(self) -> str:
        identity, where = self._identity("up"), ""
        with suppress(UsageError):
            where = f", on {self.addresses().api}"
        who = f" as process {identity.pid}" if identity else ""
        return (
            f"Btracker already runs on the data folder {self.path.parent}{who}{where}; stop it, "
            "or choose another folder with --data."
        )

    def _end_strays(self) -> None:
        """End what a killed ``up`` left behind, and nobody else."""
        for path in self.path.glob("*.pid"):
            identity = self._identity(path.stem)
            if identity and identity.alive and identity.pid != os.getpid():
                log.warning("Ending %s (process %d) of an earlier run.", path.stem, identity.pid)
                _kill_group(identity.pid)
            self.remove(path.stem)


def _kill_group(pid: int) -> None:
    """End a process and, as it leads a group of its own, all that it started."""
    with suppress(ProcessLookupError):
        leads = os.getpgid(pid) == pid
        os.killpg(pid, signal.SIGKILL) if leads else os.kill(pid, signal.SIGKILL)
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        psutil.Process(pid).wait(timeout=5)


def _replace(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    written.touch(mode)
    written.write_bytes(data)
    written.replace(path)
