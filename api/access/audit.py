"""The audit log: who did what with keys, and who was refused what. Lines are only ever added."""

import logging
import os
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Literal

import msgspec

from api.access.buckets import Buckets
from api.access.keys import Rate
from api.access.owned import give
from domain.amounts import timestamp_ms
from domain.errors import UsageError

log = logging.getLogger(__name__)

EACH = Rate(per_minute=600, burst=200)
"""Lines of one caller; what is beyond them is counted, so that nobody can fill the disk."""
TOGETHER = Rate(per_minute=6000, burst=2000)
MAX_SILENT = 1000
MAX_CHARS = 200


class Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One line. ``who`` is ``key:ID``, ``address:ADDRESS`` or ``uid:NUMBER`` on this machine.

    An action is written down before it is done, so one that ``failed`` has two lines.
    ``count``: more than one where refusals came too quickly to be written one by one.
    """

    event: str
    outcome: Literal["done", "failed", "denied"]
    who: str
    at: str = ""
    address: str | None = None
    action: str | None = None
    code: str | None = None
    status: int | None = None
    request_id: str | None = None
    key: str | None = None
    detail: str | None = None
    count: int = 1


class AuditLog:
    """Appends lines to a file, each with one write, so that several processes can share it.

    A file that was moved away is begun anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._buckets = Buckets(subjects=10_000)
        self._silent: dict[str, Line] = {}
        self._file: int | None = None

    def done(self, line: Line) -> None:
        """Write down an administrative action, before it is told to anybody.

        Raises:
            UsageError: it cannot be written, so the action must not be.
        """
        try:
            self._append(line)
        except OSError as error:
            raise UsageError(
                f"The audit log {self._path} cannot be written ({error.strerror}), so nothing is "
                "done; make room or name another file with BTRACKER_AUDIT."
            ) from error

    def denied(self, line: Line, *, now: float) -> None:
        """Write down a refusal, or count it if there are too many; it stands either way."""
        for name, rate in ((line.who, EACH), ("*", TOGETHER)):
            if not self._buckets.take(name, rate, now=now).allowed:
                self._count(line)
                return
        self._try(line)

    def flush(self) -> None:
        """Write down what was only counted."""
        silent, self._silent = self._silent, {}
        for line in silent.values():
            self._try(line)

    def close(self) -> None:
        """Write the rest and close the file."""
        self.flush()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _count(self, line: Line) -> None:
        name = f"{line.who} {line.code}"
        if name not in self._silent and len(self._silent) >= MAX_SILENT:
            name = "others"
            line = msgspec.structs.replace(line, who=name, address=None)
        before = self._silent.get(name)
        count = 1 + (before.count if before else 0)
        self._silent[name] = msgspec.structs.replace(line, count=count)

    def _try(self, line: Line) -> None:
        try:
            self._append(line)
        except OSError as error:
            # The line goes where somebody may still find it.
            log.error("The audit log cannot be written (%s): %s", error, line)  # noqa: TRY400

    def _append(self, line: Line) -> None:
        stamped = msgspec.structs.replace(line, at=timestamp_ms(int(time() * 1000)))
        os.write(self._open(), msgspec.json.encode(stamped) + b"\n")

    def _open(self) -> int:
        with suppress(OSError):
            if self._file is not None:
                mine, there = os.fstat(self._file), self._path.stat()
                if (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino):
                    return self._file
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not self._path.exists()
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if is_new:
            give(self._path, like=self._path.parent)
        return self._file


def short(text: str) -> str:
    """Return *text* as it may stand in a line: not long, and of plain characters."""
    return ascii(text[:MAX_CHARS])[1:-1]
