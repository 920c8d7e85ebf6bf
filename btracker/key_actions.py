"""What ``btracker keys`` does, each with its line in the audit log."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from api.access.audit import AuditLog, Line
from api.access.keys import ApiKey
from api.parameters import unix_seconds
from api.settings import ApiSettings
from btracker.settings import load
from domain.amounts import timestamp
from domain.errors import BtrackerError, UsageError

SPAN = re.compile(r"([1-9][0-9]{0,5})([hd])")
UNITS_S = {"h": 3600, "d": 86_400}


def settings_of(data: Path | None) -> ApiSettings:
    """Return the settings of the API that works on a data folder, None: the one it is told.

    Raises:
        UsageError: one of them is not what it should be.
    """
    return load(ApiSettings, **({} if data is None else {"data": data}))


@contextmanager
def written_down(settings: ApiSettings, event: str, *, key: str, detail: str) -> Iterator[None]:
    """Write an action into the audit log, then let it be done.

    Raises:
        UsageError: it cannot be written, and nothing is done.
    """
    log = AuditLog(settings.audit_file)
    line = Line(event=event, outcome="done", who=f"uid:{os.getuid()}", key=key, detail=detail)
    log.done(line)
    try:
        yield
    except BtrackerError:
        log.done(msgspec.structs.replace(line, outcome="failed"))
        raise
    finally:
        log.close()


def when(text: str, *, at: int) -> int:
    """Return the wall time of ``90d``, ``12h`` or an RFC 3339 time, counted from *at*.

    Raises:
        UsageError: it is none of these, or is over.
    """
    span = SPAN.fullmatch(text)
    try:
        found = at + int(span[1]) * UNITS_S[span[2]] if span else unix_seconds(text)
        timestamp(found)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--expires {text}: give 90d, 12h or 2027-01-31T00:00:00Z.") from error
    if found <= at:
        raise UsageError(f"--expires {text}: that time is over.")
    return found


def row(key: ApiKey, *, at: int) -> dict[str, object]:
    """Return what may be shown of a key at a wall time."""
    return {
        "id": key.id,
        "name": key.name,
        "state": key.state(at=at),
        "scopes": key.scopes,
        "perMinute": key.rate.per_minute,
        "burst": key.rate.burst,
        "perDay": key.per_day,
        "connections": key.connections,
        "created": timestamp(key.created),
        "expires": None if key.expires is None else timestamp(key.expires),
        "revoked": None if key.revoked is None else timestamp(key.revoked),
    }


def sentence(key: ApiKey, *, at: int) -> str:
    """Return a key in one line, for a person."""
    state = key.state(at=at)
    ends = "" if key.expires is None else f" until {timestamp(key.expires)}"
    limits = [f"{key.rate.per_minute:,} a minute, {key.rate.burst:,} at once"]
    limits += [f"{key.per_day:,} a day"] if key.per_day else []
    limits += [f"{key.connections:,} live"] if key.connections else []
    return f"{key.id}  {state}{ends}  {','.join(key.scopes)}  {', '.join(limits)}  {key.name}"
