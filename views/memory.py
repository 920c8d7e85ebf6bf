"""The store in dictionaries: the reference that every other store has to answer like."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from domain.amounts import seconds_of
from domain.search import begins
from schemas.candle import Tick, VersionedTrade
from schemas.fields import Address, ChainTime, Mint
from schemas.post import Post
from schemas.progress import Progress
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from views.answers import (
    KnownPost,
    creator_figures,
    holder,
    holding,
    holding_key,
    lifecycle_key,
    position,
    post_ids,
    post_link,
    post_view,
    posts_of,
)
from views.columns import column_of, facets, figures, fits
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
)
from views.figures import CreatorFigures, MarketFigures
from views.finding import ranked, token_titles
from views.likeness import Similar, post_key, similar, token_key
from views.market import market
from views.paging import paged
from views.writes import Batch, Document, Write

Item = TypeVar("Item")


class MemoryViews:
    """Everything in one process, nothing kept; slow and plain on purpose."""

    kind = "memory"

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Write[Any]]] = {
            noun: {} for noun in Batch.__struct_fields__
        }

    async def close(self) -> None:
        """Let go of nothing: there is nothing to let go of."""

    async def write(self, batch: Batch) -> None:
        """Put a batch."""
        for noun, kept in self._kept.items():
            for write in getattr(batch, noun):
                old = kept.get(write.key)
                if old is None or old.version <= write.version:
                    kept[write.key] = write

    async def tokens(self, query: TokenQuery) -> Page[TokenDocument]:
        """Return the tokens that a query asks for."""
        for figure in (query.sort_by, *query.at_least, *query.at_most):
            column_of(figure)
        found = [
            (Key(figures(write.record)[query.sort_by], write.key), document(write))
            for write in self._kept["tokens"].values()
            if write.record is not None and _is_asked_for(write.record, query)
        ]
        return paged(found, query.after, limit=query.limit, descending=query.descending)

    async def token(self, mint: Mint) -> TokenDocument | None:
        """Return one token."""
        write = self._kept["tokens"].get(mint)
        return document(write) if write and write.record is not None else None

    async def tokens_by_mint(self, mints: Sequence[Mint]) -> tuple[TokenDocument, ...]:
        """Return the known ones of some tokens, in the order asked for."""
        found = [await self.token(mint) for mint in mints]
        return tuple(token for token in found if token is not None)

    async def trades(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a token's trades, newest first in chain order."""
        return self._trades(lambda trade: trade.mint == mint, limit=limit, after=after)

    async def trades_of(
        self, trader: Address, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a wallet's trades in all tokens, newest first in chain order."""
        return self._trades(lambda trade: trade.trader == trader, limit=limit, after=after)

    async def trades_between(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[VersionedTrade, ...]:
        """Return a token's trades from *start* up to before *end*, oldest first."""
        found = [
            VersionedTrade(write.version, msgspec.convert(write.record, Tick, from_attributes=True))
            for write in self._kept["trades"].values()
            if write.record is not None
            and write.record.mint == mint
            and start <= seconds_of(write.record.time) < end
        ]
        return tuple(sorted(found, key=lambda item: (item.trade.sort_key, item.trade.id)))

    async def last_trade_before(self, mint: Mint, at: ChainTime) -> TradeRecord | None:
        """Return a token's last trade before *at* that has a price."""
        found = [
            trade
            for trade in self._standing("trades")
            if trade.mint == mint and trade.price is not None and seconds_of(trade.time) < at
        ]
        return max(found, key=lambda trade: (trade.time, trade.sort_key, trade.id), default=None)

    async def minutes(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[CandleRecord, ...]:
        """Return the minutes that start from *start* up to before *end*, in order."""
        found = [
            candle
            for candle in self._standing("candles")
            if candle.mint == mint and start <= seconds_of(candle.time) < end
        ]
        return tuple(sorted(found, key=lambda candle: candle.time))

    async def last_minute_before(
        self, mint: Mint, at: ChainTime, *, priced: bool = True
    ) -> CandleRecord | None:
        """Return a token's last minute that starts before *at*; *priced*: with a price."""
        found = await self.minutes(mint, start=0, end=at)
        return next((c for c in reversed(found) if c.close is not None or not priced), None)

    async def holders(self, mint: Mint, *, limit: int, after: Key | None = None) -> Page[Holder]:
        """Return who holds a token, largest first, ties by address."""
        token = self._token(mint)
        supply = token.supply if token else None
        found = []
        for owner in {account.owner for account in self._accounts(mint)}:
            units, amount = holding(a for a in self._accounts(mint) if a.owner == owner)
            if units:
                found.append((holding_key(units, owner), holder(owner, amount, supply=supply)))
        return paged(found, after, limit=limit, descending=True)

    async def accounts(self, mint: Mint, *, limit: int) -> tuple[HolderRecord, ...]:
        """Return a token's largest accounts that are not empty, ties by account."""
        found = [account for account in self._accounts(mint) if int(account.base_units)]
        return tuple(sorted(found, key=lambda a: (-int(a.base_units), a.account))[:limit])

    async def lifecycle(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[LifecycleRecord]:
        """Return what became of a token, newest first."""
        found = [(lifecycle_key(e), e) for e in self._standing("lifecycle") if e.mint == mint]
        return paged(found, after, limit=limit, descending=True)

    async def posts_of(self, mint: Mint) -> tuple[LinkedPost, ...]:
        """Return the matched post of a token, or its candidates; newest first."""
        write = self._kept["links"].get(mint)
        return posts_of(write.record, self._known_post) if write and write.record else ()

    async def post(self, post_id: str) -> PostView | None:
        """Return a post with the tokens it is linked to, by mint."""
        known = self._known_post(post_id)
        links = [link for link in self._standing("links") if post_id in post_ids(link)]
        found = [post_link(link, post_id) for link in sorted(links, key=lambda x: x.mint)]
        return post_view(known, found) if known else None

    async def creator(self, address: Address) -> CreatorFigures:
        """Return what a creator launched."""
        launched = [token for token in self._standing("tokens") if token.creator == address]
        return creator_figures(address, ((token.stage, token.launched_at) for token in launched))

    async def positions(
        self, owner: Address, *, limit: int, after: Key | None = None
    ) -> Page[Position]:
        """Return what a wallet holds, by mint."""
        mine = [account for account in self._standing("holders") if account.owner == owner]
        found = []
        for mint in {account.mint for account in mine}:
            units, amount = holding(account for account in mine if account.mint == mint)
            if units:
                found.append((Key(None, mint), position(mint, amount, token=self._token(mint))))
        return paged(found, after, limit=limit, descending=False)

    async def search(self, text: str, *, limit: int) -> tuple[Hit, ...]:
        """Return the tokens and posts that fit best, best first."""
        writes = self._kept["tokens"].values()
        tokens = [(w.record, document(w)) for w in writes if w.record is not None]
        return ranked(text, tokens=tokens, posts=self._standing("posts"), limit=limit)

    async def similar_tokens(self, mint: Mint, query: TokenQuery) -> Similar[TokenDocument]:
        """Return the tokens like one that pass a query's filters."""

        def fitting(other: str) -> TokenDocument | None:
            token = self._token(other)
            is_asked_for = token is not None and _is_asked_for(token, query)
            return document(self._kept["tokens"][other]) if is_asked_for else None

        return self._similar(token_key(mint), fitting, limit=query.limit)

    async def similar_posts(self, post_id: str, *, limit: int) -> Similar[Post]:
        """Return the posts like one."""
        return self._similar(post_key(post_id), self._post, limit=limit)

    def _similar(
        self, key: str, fitting: Callable[[str], Item | None], *, limit: int
    ) -> Similar[Item]:
        own = self._kept["embeddings"].get(key)
        if own is None or own.record is None:
            return Similar()
        return similar(own.record, self._standing("embeddings"), fitting, limit=limit)

    async def stats(self, now: ChainTime) -> tuple[MarketFigures, ...]:
        """Return the market's figures at chain time *now*."""
        return market(self._standing("tokens"), now=now)

    async def documents(
        self, noun: str, *, limit: int, after: Document | None = None
    ) -> tuple[Document, ...]:
        """Return all that is kept of a noun, by key."""
        kept = self._kept[noun]
        keys = sorted(key for key in kept if after is None or key > after.key)
        return tuple(
            Document(key, kept[key].version, kept[key].body or None) for key in keys[:limit]
        )

    async def counts(self) -> StoreCounts:
        """Return how much is visible."""
        return StoreCounts(
            **{noun: len(list(self._standing(noun))) for noun in StoreCounts.__struct_fields__}
        )

    async def progress(self) -> tuple[Progress, ...]:
        """Return the newest progress of every stage, partition and source, in this order."""
        found = self._standing("progress")
        return tuple(sorted(found, key=lambda p: (p.stage, p.partition, p.source or "")))

    def _standing(self, noun: str) -> Iterator[Any]:
        """Yield the records of a noun that are neither deleted nor retracted."""
        for write in self._kept[noun].values():
            if write.record is not None and not getattr(write.record, "retracted", False):
                yield write.record

    def _accounts(self, mint: Mint) -> list[HolderRecord]:
        return [account for account in self._standing("holders") if account.mint == mint]

    def _token(self, mint: Mint) -> Token | None:
        write = self._kept["tokens"].get(mint)
        return write.record if write else None

    def _post(self, post_id: str) -> Post | None:
        write = self._kept["posts"].get(post_id)
        return write.record if write else None

    def _known_post(self, post_id: str) -> KnownPost | None:
        post, counted = self._post(post_id), self._kept["engagements"].get(post_id)
        return KnownPost(post, counted.record if counted else None) if post else None

    def _trades(
        self, wanted: Callable[[TradeRecord], bool], *, limit: int, after: Key | None
    ) -> Page[TradeRecord]:
        trades = self._standing("trades")
        found = [(Key(trade.sort_key, trade.id), trade) for trade in trades if wanted(trade)]
        return paged(found, after, limit=limit, descending=True)


def document(write: Write[Token]) -> TokenDocument:
    """Return a written token as it is answered."""
    if write.record is None:
        raise ValueError(write.key)
    record = write.record
    return TokenDocument(
        mint=record.mint,
        version=write.version,
        slot=record.slot,
        body=msgspec.Raw(write.body),
    )


def _is_asked_for(token: Token, query: TokenQuery) -> bool:
    is_fit = fits(facets(token), figures(token), query)
    return is_fit and begins(query.text or "", token_titles(token))
