"""The files of a rebuild: the fresh store beside the old one, and an old one that is set aside."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from domain.errors import UsageError
from views.sqlite.lock import WriteLock
from views.sqlite.schema import BUSY_S

LOG_FILES = ("-wal", "-shm")
"""What SQLite keeps beside a file while it is open."""


@contextmanager
def workplace(path: Path) -> Iterator[Path]:
    """Give a file beside the store, without whatever a rebuild that was cut off has left.

    Raises:
        UsageError: another one is under way.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.rebuilding").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{path} is being rebuilt already; wait for that.") from None
        _clear(path)
        try:
            yield path.with_name(f"{path.name}.rebuild")
        finally:
            _clear(path)


def _clear(path: Path) -> None:
    for left in path.parent.glob(f"{path.name}.rebuild[.-]*"):
        left.unlink()
    path.with_name(f"{path.name}.rebuild").unlink(missing_ok=True)


def set_aside(path: Path, *, at: datetime) -> Path:
    """Rename a store, while nobody writes to it; return where it is now.

    Who has it open goes on with it until the next question or write finds another in its place.
    """
    aside = path.with_name(f"{path.name}.unusable-{at:%Y%m%dT%H%M%S%fZ}")
    with WriteLock(path, wait_s=BUSY_S).held():
        # Its log goes first: a new file must never be opened with the log of another one.
        for end in (*LOG_FILES, ""):
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside
