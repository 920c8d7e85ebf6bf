"""Reading from Elasticsearch: what the contract asks, one function each."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from domain.order import order_key
from domain.windows import DAY_S, HOUR_S
from schemas.candle import Tick, VersionedTrade
from schemas.engagement import Engagement
from schemas.fields import Address, ChainTime, Mint
from schemas.link import LinkRecord
from schemas.post import Post
from schemas.progress import Progress
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from views import answers
from views.contract import (
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
from views.elastic import query as q
from views.elastic.answer import Found
from views.elastic.ask import Asking
from views.figures import CreatorFigures, MarketFigures
from views.market import Traded, market
from views.writes import Document

Item = TypeVar("Item")

_token = msgspec.json.Decoder(Token).decode
_traded = msgspec.json.Decoder(Traded).decode
_tick = msgspec.json.Decoder(Tick).decode
_trade = msgspec.json.Decoder(TradeRecord).decode
_candle = msgspec.json.Decoder(CandleRecord).decode
_account = msgspec.json.Decoder(HolderRecord).decode
_lifecycle = msgspec.json.Decoder(LifecycleRecord).decode
_post = msgspec.json.Decoder(Post).decode
_engagement = msgspec.json.Decoder(Engagement).decode
_link = msgspec.json.Decoder(LinkRecord).decode
_progress = msgspec.json.Decoder(Progress).decode


class _Slot(msgspec.Struct, frozen=True):
    slot: int


_slot = msgspec.json.Decoder(_Slot).decode
_BY_KEY = q.order(("key", "asc"))


async def tokens(ask: Asking, query: TokenQuery) -> Page[TokenDocument]:
    """Return the tokens that a query asks for."""
    return _page(await ask.search("tokens", q.tokens(query)), query.limit, document)


async def tokens_by_mint(ask: Asking, mints: Sequence[Mint]) -> tuple[TokenDocument, ...]:
    """Return the known ones of some tokens, in the order asked for."""
    found = await ask.by_id("tokens", tuple(dict.fromkeys(mints)))
    return tuple(document(found[mint]) for mint in mints if body_of(found.get(mint)))


async def trades(
    ask: Asking, column: str, address: Address, limit: int, after: Key | None
) -> Page[TradeRecord]:
    """Return the trades of a mint or of a trader (*column*), newest first."""
    asked = q.listed(q.STANDING, q.term(column, address), limit=limit, after=after)
    return _page(await ask.search("trades", asked), limit, lambda one: _trade(one.source.record))


async def trades_between(
    ask: Asking, mint: Mint, start: ChainTime, end: ChainTime
) -> tuple[VersionedTrade, ...]:
    """Return a token's trades of a time, oldest first, the retracted ones too."""
    within = q.between("time", gte=start, lt=end)
    by = q.order(("sort", "asc"), ("key", "asc"))
    asked = q.search(q.term("mint", mint), within, size=0, sort=by)
    found = ask.all("trades", asked)
    return tuple([VersionedTrade(one.version, _tick(one.source.record)) async for one in found])


async def last_trade_before(ask: Asking, mint: Mint, at: ChainTime) -> TradeRecord | None:
    """Return a token's last trade before *at* that has a price."""
    by = q.order(("time", "desc"), ("sort", "desc"), ("key", "desc"))
    before = (q.term("mint", mint), q.term("priced", True), q.between("time", lt=at))
    found = await ask.search("trades", q.search(*before, size=1, sort=by))
    return _trade(found[0].source.record) if found else None


async def minutes(
    ask: Asking, mint: Mint, start: ChainTime, end: ChainTime
) -> tuple[CandleRecord, ...]:
    """Return a token's minutes of a time, in order."""
    within = (q.STANDING, q.term("mint", mint), q.between("start", gte=start, lt=end))
    by = q.order(("start", "asc"), ("key", "asc"))
    found = ask.all("candles", q.search(*within, size=0, sort=by))
    return tuple([_candle(one.source.record) async for one in found])


async def last_minute_before(
    ask: Asking, mint: Mint, at: ChainTime, priced: bool
) -> CandleRecord | None:
    """Return a token's last minute that starts before *at*; *priced*: with a price."""
    wanted = [q.STANDING, q.term("mint", mint), q.between("start", lt=at)]
    if priced:
        wanted.append(q.term("priced", True))
    found = await ask.search("candles", q.search(*wanted, size=1, sort=q.order(("start", "desc"))))
    return _candle(found[0].source.record) if found else None


async def holders(ask: Asking, mint: Mint, limit: int, after: Key | None) -> Page[Holder]:
    """Return who holds a token, largest first."""
    token = await _token_of(ask, mint)
    supply = token.supply if token else None
    wanted = (q.STANDING, q.term("mint", mint))
    asked = q.listed(*wanted, limit=limit, after=after, ties="owner")
    return _page(
        await ask.search("holdings", {**asked, "_source": ["owner", "amount"]}),
        limit,
        lambda one: answers.holder(one.source.owner, one.source.amount, supply=supply),
    )


async def accounts(ask: Asking, mint: Mint, limit: int) -> tuple[HolderRecord, ...]:
    """Return a token's largest accounts that are not empty."""
    wanted = (q.term("mint", mint), {"exists": {"field": "sort"}})
    by = q.order(("sort", "desc"), ("key", "asc"))
    found = await ask.search("holders", q.search(*wanted, size=limit, sort=by))
    return tuple(_account(one.source.record) for one in found)


async def lifecycle(
    ask: Asking, mint: Mint, limit: int, after: Key | None
) -> Page[LifecycleRecord]:
    """Return what became of a token, newest first."""
    asked = q.listed(q.STANDING, q.term("mint", mint), limit=limit, after=after)
    found = await ask.search("lifecycle", asked)
    return _page(found, limit, lambda one: _lifecycle(one.source.record))


async def posts_of(ask: Asking, mint: Mint) -> tuple[LinkedPost, ...]:
    """Return the matched post of a token, or its candidates."""
    body = body_of((await ask.by_id("links", [mint])).get(mint))
    if body is None:
        return ()
    link = _link(body)
    known = await _known_posts(ask, sorted(answers.post_ids(link)))
    return answers.posts_of(link, known.get)


async def post(ask: Asking, post_id: str) -> PostView | None:
    """Return a post with the tokens it is linked to, by mint."""
    known = (await _known_posts(ask, [post_id])).get(post_id)
    if known is None:
        return None
    linked = q.search(q.STANDING, q.term("posts", post_id), size=0, sort=_BY_KEY)
    links = [
        answers.post_link(_link(one.source.record), post_id)
        async for one in ask.all("links", linked)
    ]
    return answers.post_view(known, links)


async def creator(ask: Asking, address: Address) -> CreatorFigures:
    """Return what a creator launched."""
    by = q.search(q.STANDING, q.term("facets.creator", address), size=0, sort=_BY_KEY)
    launched = [_token(one.source.record) async for one in ask.all("tokens", by)]
    return answers.creator_figures(address, ((t.stage, t.launched_at) for t in launched))


async def positions(ask: Asking, owner: Address, limit: int, after: Key | None) -> Page[Position]:
    """Return what a wallet holds, by mint."""
    wanted = (q.STANDING, q.term("owner", owner))
    asked = q.search(
        *wanted, size=limit + 1, sort=q.order(("mint", "asc")), after=[after.id] if after else ()
    )
    found = await ask.search("holdings", {**asked, "_source": ["mint", "amount"]})
    shown = answers.page(found, limit=limit, key=lambda one: Key(None, one.source.mint))
    known = await ask.by_id("tokens", [one.source.mint for one in shown.items])
    tokens = {key: _token(body) for key, one in known.items() if (body := body_of(one))}
    listed = (
        answers.position(one.source.mint, one.source.amount, token=tokens.get(one.source.mint))
        for one in shown.items
    )
    return Page(tuple(listed), shown.next)


async def stats(ask: Asking, now: ChainTime) -> tuple[MarketFigures, ...]:
    """Return the market's figures at chain time *now*."""
    recent = order_key(now - DAY_S - HOUR_S)
    happened = [
        q.between("figures.trades24h", gt=order_key(0)),
        q.between("figures.launchedAt", gte=recent),
        q.between("figures.completedAt", gte=recent),
    ]
    asked = q.search(q.STANDING, {"bool": {"should": happened}}, size=0, sort=_BY_KEY)
    names = ("launchpad", "quote", "windows", "launchedAt", "completedAt")
    found = ask.all("tokens", {**asked, "_source": [f"record.{name}" for name in names]})
    return market([_traded(one.source.record) async for one in found], now=now)


async def documents(
    ask: Asking, noun: str, limit: int, after: Document | None
) -> tuple[Document, ...]:
    """Return a page of all that is kept of a noun."""
    if after is None:
        await ask.refresh(noun)
    asked = q.search(size=limit, sort=_BY_KEY, after=[after.key] if after else ())
    found = await ask.search(noun, asked)
    return tuple(Document(one.source.key, one.version, body_of(one)) for one in found)


async def counts(ask: Asking) -> StoreCounts:
    """Return how much is visible."""
    nouns = StoreCounts.__struct_fields__
    found = await asyncio.gather(*(ask.count(noun, q.STANDING) for noun in nouns))
    return StoreCounts(**dict(zip(nouns, found, strict=True)))


async def progress(ask: Asking) -> tuple[Progress, ...]:
    """Return the newest progress of every stage, partition and source, in this order."""
    everything = ask.all("progress", q.search(q.STANDING, size=0, sort=_BY_KEY))
    found = [_progress(one.source.record) async for one in everything]
    return tuple(sorted(found, key=lambda p: (p.stage, p.partition, p.source or "")))


def document(found: Found) -> TokenDocument:
    """Return a token as it is answered."""
    body = found.source.record
    return TokenDocument(
        mint=found.source.key, version=found.version, slot=_slot(body).slot, body=body
    )


def body_of(found: Found | None) -> bytes | None:
    """Return what was written, None if it is not there or is deleted."""
    body = bytes(found.source.record) if found else b"null"
    return None if body == b"null" else body


def _page(found: Sequence[Found], limit: int, item: Any) -> Page[Any]:
    shown = answers.page(found, limit=limit, key=lambda one: Key(one.sort[0], one.sort[1]))
    return Page(tuple(item(one) for one in shown.items), shown.next)


async def _known_posts(ask: Asking, ids: Sequence[str]) -> dict[str, answers.KnownPost]:
    posts, counted = await asyncio.gather(ask.by_id("posts", ids), ask.by_id("engagements", ids))
    points = {key: _engagement(body) for key, one in counted.items() if (body := body_of(one))}
    return {
        key: answers.KnownPost(_post(body), points.get(key))
        for key, one in posts.items()
        if (body := body_of(one))
    }


async def _token_of(ask: Asking, mint: Mint) -> Token | None:
    body = body_of((await ask.by_id("tokens", [mint])).get(mint))
    return _token(body) if body else None
