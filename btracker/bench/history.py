"""What was measured before: a file with one JSON object a line."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from btracker.bench.machine import Machine, this_machine
from domain.errors import UsageError

HERE = Path(__file__).parent


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What every line has, whatever was measured. ``commit``: None outside of a repository."""

    bench: str
    time: str
    commit: str | None
    machine: Machine


def line_of(name: str, result: msgspec.Struct, settings: Mapping[str, object]) -> bytes:
    """Return a result as one JSON object: when, by which commit, where, how it was asked for."""
    entry = Entry(
        bench=name,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=_commit(),
        machine=this_machine(),
    )
    told = {**msgspec.structs.asdict(entry), "settings": settings, **msgspec.to_builtins(result)}
    return msgspec.json.encode(told, enc_hook=str)


def append(history: Path, line: bytes) -> None:
    """Add a line to a history, which may not be there yet."""
    with history.open("ab") as file:
        file.write(line + b"\n")


def latest(history: Path) -> dict[str, tuple[Entry, Any]]:
    """Return the last line of each bench, by its name, with all that it holds.

    Raises:
        UsageError: a line is not of a history.
    """
    found = {}
    for number, line in enumerate(history.read_bytes().splitlines(), 1):
        try:
            entry = msgspec.json.decode(line, type=Entry)
        except msgspec.DecodeError as error:
            raise UsageError(f"Line {number} of {history} is none of a history: {error}.") from None
        found[entry.bench] = entry, msgspec.json.decode(line)
    return found


def _commit() -> str | None:
    """Return the commit of this code, marked where files differ from it."""
    try:
        # Only if this very file is under version control: it may be installed inside another's.
        _git("ls-files", "--error-unmatch", Path(__file__).name)
        return _git("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    # Fixed words, and the git that the person who measures has.
    argv = ["git", "-C", str(HERE), *arguments]
    answer = subprocess.run(argv, capture_output=True, check=True, text=True)  # noqa: S603
    return answer.stdout.strip()
