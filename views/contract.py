"""The store contract: what every store of views answers; ``writes`` says what is put into it.

Lists are paged by keyset: ``after`` is the ``Key`` of the last item of the page before, so pages
are stable under inserts. Keys are opaque texts to the caller (who may sign them), never offsets.
Numbers compare exactly, as decimals. Unknown figures match no bound and sort last either way.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Generic, Literal, Protocol, TypeVar

import msgspec

from schemas.base import Record
from schemas.candle import VersionedTrade
from schemas.engagement import EngagementPoint
from schemas.fields import Address, Amount, ChainTime, Mint, Share, Slot, Stage
from schemas.link import LinkStatus
from schemas.post import Post
from schemas.progress import Progress
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from views.figures import CreatorFigures, MarketFigures
from views.likeness import Similar
from views.writes import Batch, Document

Item = TypeVar("Item")

Figure = Literal[
    "progress", "price", "marketCap", "liquidity", "holders", "launchedAt", "completedAt",
    "volume1h", "volume24h", "trades24h", "traders1h",
]  # fmt: skip
"""What tokens can be bounded and sorted by.

``launchedAt`` and ``completedAt`` are unix seconds. Age is asked as ``launchedAt``: at least *a*
seconds old at chain time *now* is launched at most at *now - a*, and youngest first is
``launchedAt`` descending. Amounts in different quotes do not compare: whoever bounds or sorts by
price, market cap, liquidity or volume names the ``quote`` where there are several.
"""


class Key(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ends: the sort key of its last item (None: unknown) and the item's id."""

    sort: str | None
    id: str


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """A part of a list; ``next`` is what to pass as ``after`` for the next, None at the end."""

    items: tuple[Item, ...]
    next: Key | None


class TokenQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which tokens, in which order; None and empty mean any. Ties go by mint, ascending.

    ``text``: each of its words begins a word of the name, the symbol or the mint.
    ``has_post``: whether a post is matched. Bounds are inclusive. ``limit``: 1 to 1,000.
    """

    launchpad: str | None = None
    protocol: str | None = None
    stages: tuple[Stage, ...] = ()
    category: str | None = None
    language: str | None = None
    creator: Address | None = None
    quote: Mint | None = None
    has_post: bool | None = None
    text: str | None = None
    at_least: Mapping[Figure, Decimal] = {}
    at_most: Mapping[Figure, Decimal] = {}
    sort_by: Figure = "launchedAt"
    descending: bool = True
    limit: int = 50
    after: Key | None = None


class TokenDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it stood on its topic: ``body`` is its JSON, to be passed on as it is."""

    mint: Mint
    version: int
    slot: Slot
    body: msgspec.Raw


class Holder(Record, frozen=True, kw_only=True, rename="camel"):
    """What one address holds of a token, over all its accounts; ``share`` is of the supply.

    All transactions of launchpads' programs through ``as_of_slot`` are counted, others are not
    seen; the API says which slot that is, stores leave it at 0.
    """

    address: Address
    amount: Amount | None
    share: Share | None
    as_of_slot: Slot = 0


class Position(Record, frozen=True, kw_only=True, rename="camel"):
    """What a wallet holds of one token, over all its accounts."""

    mint: Mint
    name: str | None
    symbol: str | None
    amount: Amount | None
    share: Share | None


class LinkedPost(Record, frozen=True, kw_only=True, rename="camel"):
    """A post beside a token: the matched one, or a candidate with its score in points.

    ``post`` is null where only its id and address are known. ``engagement``: how it did on X,
    youngest age first; empty where that was not looked up.
    """

    id: str
    url: str
    relation: Literal["matched", "candidate"]
    confidence: float | None
    score: float | None
    post: Post | None
    engagement: tuple[EngagementPoint, ...] = ()


class PostLink(Record, frozen=True, kw_only=True, rename="camel"):
    """A token beside a post."""

    mint: Mint
    relation: Literal["matched", "candidate"]
    status: LinkStatus
    confidence: float | None
    evidence: tuple[str, ...]


class PostView(msgspec.Struct, frozen=True, kw_only=True):
    """A post with its analysis, the tokens it is linked to, and how it did on X."""

    post: Post
    links: tuple[PostLink, ...]
    engagement: tuple[EngagementPoint, ...] = ()


class Span(Record, frozen=True, kw_only=True, rename="camel"):
    """A part of a text that matched, in code points: from ``start`` up to before ``end``."""

    start: int
    end: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """Something found: a token or a post. ``score``: 0 to 1.

    ``highlights`` maps a field (name, symbol, mint, text, username) to what matched in it.
    """

    kind: Literal["token", "post"]
    id: str
    score: float
    highlights: Mapping[str, tuple[Span, ...]]
    token: TokenDocument | None = None
    post: Post | None = None


class StoreCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What is visible in the store: neither retracted nor deleted."""

    tokens: int
    trades: int
    posts: int
    links: int


class Views(Protocol):
    """A store of views. Nothing retracted or deleted is ever answered.

    Raises ``StoreError`` from every method while the store cannot be reached.
    """

    @property
    def kind(self) -> str:
        """Return the store's name for people: memory, sqlite, elasticsearch."""

    async def close(self) -> None:
        """Let go of everything; what was written stays."""

    async def write(self, batch: Batch) -> None:
        """Put a batch (see there); durable when this returns. RejectedError: it never can be."""

    async def tokens(self, query: TokenQuery) -> Page[TokenDocument]:
        """Return the tokens that a query asks for.

        Raises:
            UsageError: there is no such figure, or a bound is no finite number.
        """

    async def token(self, mint: Mint) -> TokenDocument | None:
        """Return one token."""

    async def tokens_by_mint(self, mints: Sequence[Mint]) -> tuple[TokenDocument, ...]:
        """Return the known ones of some tokens, in the order asked for."""

    async def trades(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a token's trades, newest first in chain order."""

    async def trades_between(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[VersionedTrade, ...]:
        """Return a token's trades from *start* up to before *end*, oldest first in chain order.

        The one answer that contains retracted trades: what is computed from it has to move on
        when one of them is taken back.
        """

    async def last_trade_before(self, mint: Mint, at: ChainTime) -> TradeRecord | None:
        """Return a token's last trade before *at* that has a price."""

    async def minutes(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[CandleRecord, ...]:
        """Return the minutes with trades that start from *start* up to before *end*, in order."""

    async def last_minute_before(
        self, mint: Mint, at: ChainTime, *, priced: bool = True
    ) -> CandleRecord | None:
        """Return a token's last minute that starts before *at*; *priced*: with a price."""

    async def holders(self, mint: Mint, *, limit: int, after: Key | None = None) -> Page[Holder]:
        """Return who holds a token, largest first, ties by address."""

    async def accounts(self, mint: Mint, *, limit: int) -> tuple[HolderRecord, ...]:
        """Return a token's largest accounts that are not empty, ties by account."""

    async def lifecycle(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[LifecycleRecord]:
        """Return what became of a token, newest first."""

    async def posts_of(self, mint: Mint) -> tuple[LinkedPost, ...]:
        """Return a token's matched post, or its candidates; newest first, unknown ones last."""

    async def post(self, post_id: str) -> PostView | None:
        """Return a post with the tokens it is linked to, by mint."""

    async def creator(self, address: Address) -> CreatorFigures:
        """Return what a creator launched, all zero for a stranger."""

    async def positions(
        self, owner: Address, *, limit: int, after: Key | None = None
    ) -> Page[Position]:
        """Return what a wallet holds, by mint."""

    async def trades_of(
        self, trader: Address, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a wallet's trades in all tokens, newest first in chain order."""

    async def search(self, text: str, *, limit: int) -> tuple[Hit, ...]:
        """Return the tokens and posts that fit best, best first; typing errors are forgiven."""

    async def similar_tokens(self, mint: Mint, query: TokenQuery) -> Similar[TokenDocument]:
        """Return the tokens whose projects are most like a token's, never itself.

        Of *query* its filters count, among the 10,000 most alike, and ``limit``, up to 100.
        """

    async def similar_posts(self, post_id: str, *, limit: int) -> Similar[Post]:
        """Return the posts that are most like a post, in the same way."""

    async def stats(self, now: ChainTime) -> tuple[MarketFigures, ...]:
        """Return the market's figures at chain time *now*, by launchpad, quote and window.

        Trades and volume are those of the tokens' windows; launches and graduations are counted
        by the same bucket rule. Groups in which nothing happened in 24 h are left out.
        """

    async def documents(
        self, noun: str, *, limit: int, after: Document | None = None
    ) -> tuple[Document, ...]:
        """Return all that is kept of a noun (a member of ``Batch``), in an order of the store's.

        Deleted and retracted ones are among them. *after*: the last one of the page before.
        """

    async def counts(self) -> StoreCounts:
        """Return how much is visible."""

    async def progress(self) -> tuple[Progress, ...]:
        """Return the newest progress of every stage, partition and source, in this order."""
