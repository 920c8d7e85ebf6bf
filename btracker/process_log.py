"""The log of one supervised process: JSON lines in ``DATA/log/NAME.jsonl``, bounded in size."""

import logging
import re
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

import msgspec

FILE_BYTES = 8 << 20
FILES_KEPT = 3
LINE_BYTES = 1 << 16
_COLOURS = re.compile(rb"\x1b\[[0-9;]*m")


class ProcessLog:
    """What a process says, line by line; a line that is no JSON object is wrapped in one."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self._name = folder / f"{name}.jsonl", name
        self._file = RotatingFileHandler(
            self.path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
        )
        self._rest = b""
        self.last = ""

    def feed(self, data: bytes) -> None:
        """Take output as it comes; an endless line is cut into pieces."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._write(line)

    def close(self) -> None:
        """Write what is left and close the file."""
        self._write(self._rest)
        self._rest = b""
        self._file.close()

    def _write(self, raw: bytes) -> None:
        line = _COLOURS.sub(b"", raw).strip()
        if not line:
            return
        record = as_json(line, name=self._name, now=datetime.now(UTC))
        self.last = message_of(record)
        self._file.emit(logging.makeLogRecord({"msg": "%s", "args": (record.decode(),)}))


def as_json(line: bytes, *, name: str, now: datetime) -> bytes:
    """Return *line* if it is a JSON object, else a JSON object that holds it."""
    try:
        msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.encode(
            {
                "time": now.isoformat(timespec="milliseconds"),
                "level": "INFO",
                "process": name,
                "message": line.decode(errors="replace"),
            }
        )
    return line


def message_of(record: bytes) -> str:
    """Return the message of a JSON log line, or the whole line if it has none."""
    members = msgspec.json.decode(record)
    return str(members.get("message", record.decode()))
