"""Records of ``btracker.claims``: everything the matcher joins, in one small partition."""

from schemas.base import Row
from schemas.chain_events import Config, Launch
from schemas.event import Clock, Op
from schemas.fields import ChainTime, Slot
from schemas.metadata import Metadata
from schemas.place import Place
from schemas.post import PostClaim, PostGone


class LaunchClaim(Row, frozen=True, array_like=True, gc=False, tag="launched"):
    """A launch that may have been asked for by a post; also a record of ``btracker.launches``."""

    op: Op
    place: Place
    time: ChainTime
    launch: Launch


class SourceClock(Row, frozen=True, array_like=True, gc=False, tag="source"):
    """A source of posts or documents has delivered everything through slot ``complete``.

    ``complete`` is a chain slot in a replay, and 0 where the source knows nothing of slots.
    """

    source: str
    partition: int
    epoch: int
    offset: int
    time: ChainTime
    complete: Slot


Claim = LaunchClaim | PostClaim | PostGone | Metadata | Config | Clock | SourceClock
