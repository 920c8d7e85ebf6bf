"""The topics as data: what is on them, by which key, in how many partitions, how long kept."""

from typing import Any, Literal

import msgspec

from schemas.accounts import AccountsRead, Wanted
from schemas.claim import Claim, LaunchClaim, SourceClock
from schemas.cursor import SourceCursor
from schemas.dollars import DollarPrice
from schemas.engagement import Engagement
from schemas.event import Event
from schemas.link import LinkRecord
from schemas.metadata import Metadata
from schemas.post import Post
from schemas.progress import Progress
from schemas.project import Embedding
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from schemas.wording import Wording

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BATCH_BYTES_MAX = 1_048_588
"""What Kafka takes at once where it is not told otherwise; our batches are smaller."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic. ``value`` None: bytes as they came. ``partitions`` None: the deployment's number.

    Topics with the deployment's number of partitions and keyed by mint are co-partitioned.
    ``retention_ms``: how long a record is kept at least, at most where ``is_limit``.
    ``compacted_within_ms``: when what a newer record replaces is gone for certain, None: in time.
    ``restores``: it is read whole to rebuild a state, and holds nothing else.
    """

    name: str
    key: str
    value: Any
    partitions: int | None = None
    cleanup: Literal["delete", "compact", "compact,delete"] = "delete"
    retention_ms: int | None = None
    is_limit: bool = False
    compacted_within_ms: int | None = None
    restores: bool = False
    batch_bytes_max: int = BATCH_BYTES_MAX
    public: bool = False
    dead_letters: bool = False


RAW_CHAIN = Topic(
    name="btracker.raw.chain",
    key="signature",
    value=None,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
RAW_X = Topic(
    name="btracker.raw.x",
    key="post id",
    value=None,
    partitions=1,
    retention_ms=24 * HOUR_MS,
    is_limit=True,
    dead_letters=True,
)
EVENTS = Topic(
    name="btracker.events",
    key="mint",
    value=Event,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
LAUNCHES = Topic(
    name="btracker.launches",
    key="mint",
    value=LaunchClaim,
    partitions=1,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
METADATA = Topic(
    name="btracker.metadata",
    key="mint",
    value=Metadata | SourceClock,
    partitions=1,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
WANTED = Topic(
    name="btracker.wanted",
    key="mint",
    value=Wanted,
    partitions=1,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
ACCOUNTS = Topic(
    name="btracker.accounts",
    key="mint",
    value=AccountsRead,
    partitions=1,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
DOLLARS = Topic(
    name="btracker.dollars",
    key="quote mint",
    value=DollarPrice,
    partitions=1,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
CLAIMS = Topic(
    name="btracker.claims",
    key="mint or post id",
    value=Claim,
    partitions=1,
    retention_ms=48 * HOUR_MS,
    dead_letters=True,
)
WORDINGS = Topic(
    name="btracker.wordings",
    key="mint or post id",
    value=Wording,
    partitions=1,
    retention_ms=24 * HOUR_MS,
    is_limit=True,
    dead_letters=True,
)
EMBEDDINGS = Topic(
    name="btracker.embeddings",
    key="post:id or token:mint",
    value=Embedding,
    partitions=1,
    cleanup="compact,delete",
    retention_ms=30 * DAY_MS,
    compacted_within_ms=DAY_MS,
    dead_letters=True,
)
TOKENS = Topic(
    name="btracker.tokens",
    key="mint",
    value=Token,
    cleanup="compact",
    public=True,
    dead_letters=True,
)
TRADES = Topic(
    name="btracker.trades",
    key="mint",
    value=TradeRecord,
    retention_ms=7 * DAY_MS,
    public=True,
    dead_letters=True,
)
CANDLES = Topic(
    name="btracker.candles",
    key="mint:minute",
    value=CandleRecord,
    cleanup="compact",
    public=True,
    dead_letters=True,
)
HOLDERS = Topic(
    name="btracker.holders",
    key="mint:account",
    value=HolderRecord,
    cleanup="compact",
    public=True,
    dead_letters=True,
)
LIFECYCLE = Topic(
    name="btracker.lifecycle",
    key="mint",
    value=LifecycleRecord,
    retention_ms=30 * DAY_MS,
    public=True,
    dead_letters=True,
)
POSTS = Topic(
    name="btracker.posts",
    key="post id",
    value=Post,
    partitions=1,
    cleanup="compact,delete",
    retention_ms=30 * DAY_MS,
    compacted_within_ms=DAY_MS,
    public=True,
    dead_letters=True,
)
ENGAGEMENTS = Topic(
    name="btracker.engagements",
    key="post id",
    value=Engagement,
    partitions=1,
    cleanup="compact,delete",
    retention_ms=30 * DAY_MS,
    compacted_within_ms=DAY_MS,
    public=True,
    dead_letters=True,
)
LINKS = Topic(
    name="btracker.links",
    key="mint",
    value=LinkRecord,
    partitions=1,
    cleanup="compact",
    public=True,
    dead_letters=True,
)
PROGRESS = Topic(
    name="btracker.progress",
    key="partition",
    value=Progress,
    partitions=1,
    retention_ms=7 * DAY_MS,
    public=True,
    dead_letters=True,
)
CURSORS = Topic(
    name="btracker.cursors",
    key="source",
    value=SourceCursor,
    partitions=1,
    cleanup="compact",
)
"""Where live sources go on after a restart, on whatever machine."""
TOPICS_CREATED = Topic(
    name="btracker.topics",
    key="topic",
    value=dict[str, int],
    partitions=1,
    cleanup="compact",
)
"""When each topic was created, in microseconds since 2026: the epochs of positions, versions."""

CATALOGUE = (
    RAW_CHAIN, RAW_X, EVENTS, LAUNCHES, METADATA, WANTED, ACCOUNTS, DOLLARS, CLAIMS,
    WORDINGS, EMBEDDINGS, TOKENS, TRADES, CANDLES, HOLDERS, LIFECYCLE, POSTS,
    ENGAGEMENTS, LINKS, PROGRESS,
    CURSORS, TOPICS_CREATED,
)  # fmt: skip

DLQ_SUFFIX = ".dlq"
DLQ_RETENTION_MS = 30 * DAY_MS
EPOCH_ZERO_US = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z in microseconds since 1970."""
