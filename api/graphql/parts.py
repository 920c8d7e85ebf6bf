"""What can be read: each field with its REST twin, whose parameters, scope and answer it has."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from api.documents import (
    CreatorView,
    HitView,
    StatsView,
    WalletView,
)
from api.graphql.arguments import OfAddress, OfBoard, OfMint, OfMints, OfPost
from api.graphql.context import Context
from api.graphql.shapes import list_of, mirror
from api.parameters import (
    CandleList,
    NoParameters,
    Paging,
    Parameters,
    SearchQuery,
    SimilarPostList,
    SimilarTokenList,
    TokenList,
)
from api.progress import Status
from api.reads import market, people, similar, token_parts, tokens
from api.services import Services
from api.similar import SimilarPosts, SimilarTokens
from schemas.candle import Candle
from schemas.public import LifecycleRecord, TradeRecord
from schemas.token import Token
from views.contract import Holder, LinkedPost, Position, PostLink, PostView

Reader = Callable[[Context, Any, Any], Awaitable[Any]]
INSIDE = 4
"""Rows that are reckoned with in what is one thing: a token has four windows."""
FEW = 10
"""The same where nobody says how many: posts beside a token."""
MANY = 100
"""The same where there are more: the market's figures."""


class Part(NamedTuple):
    """A field that is read from the store.

    ``read`` is given the context, where it is (the arguments ``at``, or the object that the field
    is in), and the arguments of ``asks``. ``rows``: how many it may bring, None: its limit.
    ``is_batched``: it is read together with others of its kind.
    """

    name: str
    twin: str
    gives: Any
    read: Reader
    at: type[Parameters] = NoParameters
    asks: type[Parameters] = NoParameters
    rows: int | None = None
    is_batched: bool = False


def _of_named(read: Callable[..., Awaitable[Any]]) -> Reader:
    """Return the reader of what belongs to a token that is named; there has to be such a one."""

    async def named(context: Context, at: Any, asked: Any) -> Any:
        await context.use.known(at.mint)
        return await _of_token(read)(context, at, asked)

    return named


def _of_token(read: Callable[..., Awaitable[Any]]) -> Reader:
    async def inside(context: Context, at: Any, asked: Any) -> Any:
        bare = isinstance(asked, NoParameters)
        return await (read(context.use, at.mint) if bare else read(context.use, at.mint, asked))

    return inside


async def _token(context: Context, at: OfMint, _: NoParameters) -> Any:
    return (await context.use.known(at.mint)).body


async def _batched(context: Context, at: Any, _: NoParameters) -> Any:
    return await context.tokens.load(at.mint)


def _asked(read: Callable[[Services, Any], Awaitable[Any]]) -> Reader:
    return lambda context, _, asked: read(context.use, asked)


def _whole(read: Callable[[Services], Awaitable[Any]]) -> Reader:
    return lambda context, _, __: read(context.use)


def _owned(read: Callable[[Services, str, Any], Awaitable[Any]]) -> Reader:
    return lambda context, at, asked: read(context.use, at.address, asked)


OF_TOKEN: tuple[tuple[str, type[msgspec.Struct], Any, type[Parameters], int | None], ...] = (
    ("trades", TradeRecord, token_parts.trades, Paging, None),
    ("holders", Holder, token_parts.holders, Paging, None),
    ("events", LifecycleRecord, token_parts.events, Paging, None),
    ("posts", LinkedPost, token_parts.posts, NoParameters, FEW),
    ("candles", Candle, token_parts.candles, CandleList, None),
)
"""What belongs to a token: its name in the twin's path, shape, reader, parameters and rows."""

ONE = "/v1/tokens/{mint}"
ROOT: tuple[Part, ...] = (
    Part("tokens", "/v1/tokens", list_of(Token), _asked(tokens.tokens), asks=TokenList),
    Part("token", ONE, mirror(Token), _token, at=OfMint, rows=INSIDE),
    Part(
        "tokensByMint",
        "/v1/tokens/batch",
        list_of(Token),
        lambda context, at, _: tokens.batch(context.use, at.mints),
        at=OfMints,
        rows=MANY,
    ),
    *(
        Part(name, f"{ONE}/{name}", list_of(shape), _of_named(read), OfMint, asks, rows)
        for name, shape, read, asks, rows in OF_TOKEN
    ),
    Part(
        "similarTokens",
        f"{ONE}/similar",
        mirror(SimilarTokens),
        _of_named(similar.similar_tokens),
        at=OfMint,
        asks=SimilarTokenList,
    ),
    Part(
        "board",
        "/v1/boards/{name}",
        list_of(Token),
        lambda context, at, asked: market.board(context.use, at.name, asked),
        at=OfBoard,
        asks=Paging,
    ),
    Part("search", "/v1/search", list_of(HitView), _asked(market.search), asks=SearchQuery),
    Part("stats", "/v1/stats", mirror(StatsView), _whole(market.stats), rows=MANY),
    Part("status", "/v1/status", mirror(Status), _whole(market.status), rows=FEW),
    Part(
        "post",
        "/v1/posts/{id}",
        mirror(PostView),
        lambda context, at, _: people.post(context.use, at.id),
        at=OfPost,
        rows=FEW,
    ),
    Part(
        "similarPosts",
        "/v1/posts/{id}/similar",
        mirror(SimilarPosts),
        lambda context, at, asked: similar.similar_posts(context.use, at.id, asked),
        at=OfPost,
        asks=SimilarPostList,
    ),
    Part(
        "creator",
        "/v1/creators/{address}",
        mirror(CreatorView),
        lambda context, at, _: people.creator(context.use, at.address),
        at=OfAddress,
        rows=people.FIRST,
    ),
    Part(
        "wallet",
        "/v1/wallets/{address}",
        mirror(WalletView),
        lambda context, at, _: people.wallet(context.use, at.address),
        at=OfAddress,
        rows=people.FIRST,
    ),
    Part(
        "positions",
        "/v1/wallets/{address}/positions",
        list_of(Position),
        _owned(people.positions),
        at=OfAddress,
        asks=Paging,
    ),
    Part(
        "walletTrades",
        "/v1/wallets/{address}/trades",
        list_of(TradeRecord),
        _owned(people.wallet_trades),
        at=OfAddress,
        asks=Paging,
    ),
)

NESTED: tuple[tuple[type[msgspec.Struct], Part], ...] = (
    *(
        # A token has the number of its trades under the name of its trades.
        (
            Token,
            Part(
                f"{name.removesuffix('s')}List",
                f"{ONE}/{name}",
                list_of(shape),
                _of_token(read),
                asks=asks,
                rows=rows,
            ),
        )
        for name, shape, read, asks, rows in OF_TOKEN
    ),
    (
        Token,
        Part(
            "similarTokens",
            f"{ONE}/similar",
            mirror(SimilarTokens),
            _of_token(similar.similar_tokens),
            asks=SimilarTokenList,
        ),
    ),
    *(
        (owner, Part("token", ONE, mirror(Token), _batched, rows=INSIDE, is_batched=True))
        for owner in (TradeRecord, LifecycleRecord, Position, PostLink)
    ),
)
"""Fields that lead from one thing to another, by what they are in."""

BY_FIELD: dict[tuple[str, str], Part] = {
    **{("Query", part.name): part for part in ROOT},
    **{(owner.__name__, part.name): part for owner, part in NESTED},
}
"""Every part, by the type and the field that it is."""
