"""How long to wait before a node is connected to again: by what went wrong, doubled, jittered."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from streams.sources.backoff import Pause, spread_s


class Cause(StrEnum):
    """Why a connection to a node ended, or never was."""

    CLOSED = "closed"
    REFUSED = "refused"
    STALLED = "stalled"
    LIMITED = "limited"
    DENIED = "denied"
    PROTOCOL = "protocol"


PAUSES: Mapping[Cause, Pause] = MappingProxyType(
    {
        # It was there just now: most likely it, or what stands before it, was started again.
        Cause.CLOSED: Pause(0.2, 10.0),
        Cause.STALLED: Pause(0.2, 10.0),
        Cause.REFUSED: Pause(0.5, 30.0),
        Cause.PROTOCOL: Pause(1.0, 60.0),
        # Whoever asks too much is not helped by asking again soon.
        Cause.LIMITED: Pause(5.0, 120.0),
        Cause.DENIED: Pause(30.0, 600.0),
    }
)


def pause_s(cause: Cause, *, failures: int, jitter: float, asked_s: float = 0.0) -> float:
    """Return the seconds to wait after so many *failures* in a row (1 or more).

    *jitter* from 0 to 1 spreads the waits of many over half of each; *asked_s* is what the node
    asked for (Retry-After), which is never undercut.
    """
    return spread_s(PAUSES[cause], failures=failures, jitter=jitter, asked_s=asked_s)
