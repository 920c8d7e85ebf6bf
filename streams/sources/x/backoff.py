"""Why a connection to X ended, and how long to wait before the next one."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.errors import BtrackerError
from streams.sources.backoff import Pause, spread_s


class Cause(StrEnum):
    """Why a connection ended, a request was refused, or neither ever was."""

    CLOSED = "closed"
    STALLED = "stalled"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    LIMITED = "limited"
    CROWDED = "crowded"
    PROTOCOL = "protocol"
    DENIED = "denied"


PAUSES: Mapping[Cause, Pause] = MappingProxyType(
    {
        # Source: docs.x.com, "handling disconnections": a network that fails soon works again, an
        # HTTP error waits from 5 s up to 320 s.
        Cause.CLOSED: Pause(0.25, 60.0),
        Cause.STALLED: Pause(0.25, 16.0),
        Cause.UNREACHABLE: Pause(0.25, 16.0),
        Cause.BUSY: Pause(5.0, 320.0),
        Cause.PROTOCOL: Pause(5.0, 320.0),
        # Without a time in its answer; with one that is honoured.
        Cause.LIMITED: Pause(60.0, 900.0),
        # X counts a connection of ours for a while after it has ended.
        Cause.CROWDED: Pause(10.0, 320.0),
        Cause.DENIED: Pause(900.0, 900.0),
    }
)


class EndedError(BtrackerError):
    """A connection or a request came to nothing; ``asked_s``: X asked for so long a pause."""

    def __init__(self, cause: Cause, said: str, *, asked_s: float = 0.0) -> None:
        super().__init__(said)
        self.cause, self.asked_s = cause, asked_s


def pause_s(ended: EndedError, *, failures: int, jitter: float) -> float:
    """Return the seconds to wait after so many *failures* in a row (1 or more)."""
    if ended.cause is Cause.LIMITED and ended.asked_s:
        return ended.asked_s + jitter
    return spread_s(PAUSES[ended.cause], failures=failures, jitter=jitter, asked_s=ended.asked_s)
