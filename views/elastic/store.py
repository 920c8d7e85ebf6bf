"""The store behind the contract that is an Elasticsearch."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from schemas.candle import VersionedTrade
from schemas.fields import Address, ChainTime, Mint
from schemas.post import Post
from schemas.progress import Progress
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from views.contract import (
    Hit,
    Holder,
    Key,
    LinkedPost,
    Page,
    Position,
    PostView,
    StoreCounts,
    TokenDocument,
    TokenQuery,
    Views,
)
from views.elastic import read
from views.elastic.ask import Asking
from views.elastic.client import Elastic
from views.elastic.layout import Layout
from views.elastic.lock import Held
from views.elastic.names import FIRST, Names
from views.elastic.put import put
from views.elastic.search import search
from views.elastic.similar import similar_posts, similar_tokens
from views.elastic.takeover import alone, take_over
from views.figures import CreatorFigures, MarketFigures
from views.likeness import Similar
from views.writes import Batch, Document


class ElasticViews:
    """The store in a cluster, which any number of processes may read.

    One process writes it. What was written is found by key at once, and by search when the
    progress that speaks of it is visible; *at_once*: as soon as it is written.
    """

    kind = "elasticsearch"

    def __init__(
        self, elastic: Elastic, names: Names, *, keep_days: int = 0, at_once: bool = False
    ) -> None:
        self.elastic, self.names, self._at_once = elastic, names, at_once
        self.ask = Asking(elastic, names)
        self.layout = Layout(elastic, names, keep_days=keep_days)
        self._is_prepared = False
        self._held: Held | None = None
        self._own: Layout | None = None

    async def close(self) -> None:
        """Close the connections."""
        await self.elastic.close()

    async def write(self, batch: Batch) -> None:
        """Put a batch, document by document; durable when this returns."""
        if not self._is_prepared:
            await self.layout.prepare()
            self._is_prepared = True
        await put(self.ask, self._own or self.layout, batch)
        if self._at_once:
            await self.ask.refresh()

    async def tokens(self, query: TokenQuery) -> Page[TokenDocument]:
        """Return the tokens that a query asks for."""
        return await read.tokens(self.ask, query)

    async def token(self, mint: Mint) -> TokenDocument | None:
        """Return one token."""
        found = await read.tokens_by_mint(self.ask, [mint])
        return found[0] if found else None

    async def tokens_by_mint(self, mints: Sequence[Mint]) -> tuple[TokenDocument, ...]:
        """Return the known ones of some tokens, in the order asked for."""
        return await read.tokens_by_mint(self.ask, mints)

    async def trades(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a token's trades, newest first in chain order."""
        return await read.trades(self.ask, "mint", mint, limit, after)

    async def trades_of(
        self, trader: Address, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a wallet's trades in all tokens, newest first in chain order."""
        return await read.trades(self.ask, "trader", trader, limit, after)

    async def trades_between(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[VersionedTrade, ...]:
        """Return a token's trades from *start* up to before *end*, oldest first."""
        return await read.trades_between(self.ask, mint, start, end)

    async def last_trade_before(self, mint: Mint, at: ChainTime) -> TradeRecord | None:
        """Return a token's last trade before *at* that has a price."""
        return await read.last_trade_before(self.ask, mint, at)

    async def minutes(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[CandleRecord, ...]:
        """Return the minutes that start from *start* up to before *end*, in order."""
        return await read.minutes(self.ask, mint, start, end)

    async def last_minute_before(
        self, mint: Mint, at: ChainTime, *, priced: bool = True
    ) -> CandleRecord | None:
        """Return a token's last minute that starts before *at*; *priced*: with a price."""
        return await read.last_minute_before(self.ask, mint, at, priced)

    async def holders(self, mint: Mint, *, limit: int, after: Key | None = None) -> Page[Holder]:
        """Return who holds a token, largest first, ties by address."""
        return await read.holders(self.ask, mint, limit, after)

    async def accounts(self, mint: Mint, *, limit: int) -> tuple[HolderRecord, ...]:
        """Return a token's largest accounts that are not empty, ties by account."""
        return await read.accounts(self.ask, mint, limit)

    async def lifecycle(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[LifecycleRecord]:
        """Return what became of a token, newest first."""
        return await read.lifecycle(self.ask, mint, limit, after)

    async def posts_of(self, mint: Mint) -> tuple[LinkedPost, ...]:
        """Return the matched post of a token, or its candidates; newest first."""
        return await read.posts_of(self.ask, mint)

    async def post(self, post_id: str) -> PostView | None:
        """Return a post with the tokens it is linked to, by mint."""
        return await read.post(self.ask, post_id)

    async def creator(self, address: Address) -> CreatorFigures:
        """Return what a creator launched."""
        return await read.creator(self.ask, address)

    async def positions(
        self, owner: Address, *, limit: int, after: Key | None = None
    ) -> Page[Position]:
        """Return what a wallet holds, by mint."""
        return await read.positions(self.ask, owner, limit, after)

    async def search(self, text: str, *, limit: int) -> tuple[Hit, ...]:
        """Return the tokens and posts that fit best, best first."""
        return await search(self.ask, text, limit)

    async def similar_tokens(self, mint: Mint, query: TokenQuery) -> Similar[TokenDocument]:
        """Return the tokens like one."""
        return await similar_tokens(self.ask, mint, query)

    async def similar_posts(self, post_id: str, *, limit: int) -> Similar[Post]:
        """Return the posts like one."""
        return await similar_posts(self.ask, post_id, limit)

    async def stats(self, now: ChainTime) -> tuple[MarketFigures, ...]:
        """Return the market's figures at chain time *now*."""
        return await read.stats(self.ask, now)

    async def documents(
        self, noun: str, *, limit: int, after: Document | None = None
    ) -> tuple[Document, ...]:
        """Return all that is kept of a noun, by key."""
        return await read.documents(self.ask, noun, limit, after)

    async def counts(self) -> StoreCounts:
        """Return how much is visible."""
        return await read.counts(self.ask)

    async def progress(self) -> tuple[Progress, ...]:
        """Return the newest progress of every stage, partition and source, in this order."""
        return await read.progress(self.ask)

    def order_of(self, noun: str, key: str) -> tuple[str, ...]:  # noqa: ARG002
        """Return by what ``documents`` come in order."""
        return (key,)

    async def check(self) -> None:
        """Look whether it can be read at all."""
        await self.counts()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Let nobody else write meanwhile; reading goes on."""
        async with alone(self.layout) as (held, names):
            self._held, self._own = held, Layout(self.elastic, names)
            self._is_prepared = True
            try:
                yield
            finally:
                self._held = self._own = None

    async def become(self, other: Views) -> None:
        """Take over all that *other* has, at once, while alone; its indices are ours then."""
        if self._held is None or not isinstance(other, ElasticViews):
            raise TypeError(other)
        await take_over(self.layout, self._held, other.names.generation or FIRST)
