"""Who may write to the embedded store: one process at a time, or one alone for a while."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import StoreError

LOOK_S = 0.01


class WriteLock:
    """A lock beside the file, for each write; whoever holds it already need not take it again.

    SQLite's own is not enough: who replaces all of a store must have the last word in it.
    """

    def __init__(self, path: Path, *, wait_s: float) -> None:
        self._path, self._wait_s = path.with_name(path.name + ".lock"), wait_s
        self._depth = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock.

        Raises:
            StoreError: somebody else holds it for too long.
        """
        if self._depth:
            yield
            return
        with self._path.open("ab") as file:
            self._take(file.fileno())
            self._depth = 1
            try:
                yield
            finally:
                self._depth = 0

    def _take(self, file: int) -> None:
        until = time.monotonic() + self._wait_s
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise StoreError("The store is being rebuilt.") from None
                time.sleep(LOOK_S)
