"""The rows of the matcher and of the readers before it: claims, links, clocks, counts."""

from msgspec import field

from schemas.base import Row
from schemas.chain_events import Config
from schemas.claim import LaunchClaim
from schemas.fields import ChainTime, Slot
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.post import PostClaim


class LaunchesRow(Row, frozen=True, array_like=True, gc=False, tag="launches"):
    """The launches of a mint that stand, one per event id. Key: ``launch:mint``.

    There is one, except while the chain is undecided about its slot.
    """

    claims: tuple[LaunchClaim, ...]


class ConfigRow(Row, frozen=True, array_like=True, gc=False, tag="configured"):
    """A curve configuration. Key: ``config:address``.

    ``known_at`` is the chain time at which it was seen, 0 if that was before the first clock; later
    about that of its newest launch.
    """

    config: Config
    known_at: ChainTime


class GoneRow(Row, frozen=True, array_like=True, gc=False, tag="gone"):
    """A post that was deleted, by the ids of its versions. Key: ``gone:post``.

    Launchpads publish what posts said; while this is kept it is not shown as the post any more.
    ``known_at`` is the chain time at which it went, 0 if that was before the first clock.
    """

    versions: tuple[str, ...]
    known_at: ChainTime


class LinkRow(Row, frozen=True, array_like=True, gc=False, tag="linked"):
    """What was last said of a mint. Key: ``link:mint``.

    ``revision`` is that of the claim that changed it last; ``time`` and ``slot`` are the launch's.
    """

    revision: int
    time: ChainTime
    slot: Slot
    link: Link


class Heard(Row, frozen=True, array_like=True, gc=False):
    """The newest clock of a raw partition or source, and the position that told it."""

    epoch: int
    offset: int
    time: ChainTime
    slot: Slot
    complete: Slot


class MatchRow(Row, frozen=True, array_like=True, gc=False, tag="matching"):
    """The matcher's clocks and counts. Key: ``clocks``.

    ``heads`` is by raw partition, ``sources`` by ``name:partition``. ``through`` is the (epoch,
    offset) in ``claims`` through which the counts go.
    """

    through: tuple[int, int] = (0, -1)
    heads: dict[int, Heard] = field(default_factory=dict)
    sources: dict[str, Heard] = field(default_factory=dict)
    seen: int = 0
    applied: int = 0
    dead_lettered: int = 0


ClaimRow = LaunchesRow | PostClaim | Metadata | ConfigRow | GoneRow | LinkRow | MatchRow


class ReadRow(Row, frozen=True, array_like=True, gc=False):
    """The clock and counts of one partition of posts or documents. Key: the partition's number.

    ``through`` is the (epoch, offset) through which the counts go; ``time`` and ``complete`` are
    the source's newest clock.
    """

    through: tuple[int, int] = (0, -1)
    time: ChainTime = 0
    complete: Slot = 0
    seen: int = 0
    applied: int = 0
    not_ours: int = 0
    dead_lettered: int = 0
    posts: int = 0
