"""Records of ``btracker.progress``: how far a stage is, and what became of what it saw."""

from msgspec import field

from schemas.base import Record
from schemas.fields import Slot, Timestamp

GONE = "gone"
"""The state of a source that nobody collects from any more, and that is not to be shown."""


class Counts(Record, frozen=True, kw_only=True, rename="camel"):
    """What became of the records of one input partition.

    ``seen`` = ``applied`` + ``duplicate`` + ``not_ours`` + ``dead_lettered``. ``failed`` (failed
    transactions) and ``archived`` (older than the retention) are parts of ``applied``.
    """

    seen: int = 0
    applied: int = 0
    duplicate: int = 0
    not_ours: int = 0
    dead_lettered: int = 0
    failed: int = 0
    archived: int = 0
    events: int = 0
    trades: int = 0
    tokens: int = 0
    posts: int = 0
    links: int = 0


class Progress(Record, frozen=True, kw_only=True, rename="camel"):
    """How far one stage is in one of its input partitions.

    ``stage``: collect, decode, read, match, fold; in a store also index, of what that set aside
    and of where it stands in vectors.
    ``partition``: the input partition (of a source, 0), ``source`` its name, of index the topic.
    ``outputs`` maps a topic to the next offset of this partition's output there: whoever has read
    that far has everything this record speaks of.
    ``joined_through_slot`` is the same as ``complete_through_slot`` for links and documents.
    """

    stage: str
    partition: int
    epoch: int = 0
    offset: int = -1
    source: str | None = None
    kind: str | None = None
    state: str | None = None
    detail: str | None = None
    head_slot: Slot = 0
    chain_time: Timestamp | None = None
    complete_through_slot: Slot = 0
    joined_through_slot: Slot = 0
    counts: Counts = Counts()
    outputs: dict[str, int] = field(default_factory=dict)
