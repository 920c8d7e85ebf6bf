"""How far a live source was read: the records of ``btracker.cursors``."""

from msgspec import field

from schemas.base import Record
from schemas.fields import ChainTime, Slot


class SourceCursor(Record, frozen=True, kw_only=True, rename="camel"):
    """All of a source through slot ``through`` is on its topic.

    ``time`` is the newest block time, ``published`` how many records there were. ``offsets``: where
    the partitions of the topic ended, at least, when that was so; what stands behind them may be of
    later slots. ``nodes``: who was listened to, by name; ``cluster``: their genesis hash, empty
    where none of them says.

    Of X, which knows no slots: all through ``post_id`` is on its topic (while there is none: all
    since ``time``), and on ``day`` (days since 1970, UTC) so many posts and users were read, which
    cost money; ``connected``: when connections were made lately, in seconds since 1970.
    """

    through: Slot
    time: ChainTime = 0
    published: int = 0
    offsets: dict[int, int] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    post_id: str | None = None
    day: int = 0
    posts_read: int = 0
    users_read: int = 0
    connected: tuple[int, ...] = ()
    cluster: str = ""
