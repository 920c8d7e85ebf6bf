"""What the routes answer, as the description of the API tells it: shapes and examples."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from api import examples, udf
from api.access.public_keys import PublicKey, PublicKeySet
from api.answers import JSON
from api.bodies import REF, MaybeTokenBody, TokenBody
from api.pictures import MEDIA_TYPES
from api.problem import ProblemDocument
from api.progress import ChainStatus, SourceStatus, Status, StoreStatus, TotalCounts
from api.similar import SimilarPost, SimilarPosts, SimilarToken, SimilarTokens
from schemas.base import Record
from schemas.candle import Candle
from schemas.fields import Address, Timestamp
from schemas.post import Post
from schemas.public import LifecycleRecord, TradeRecord
from schemas.token import Token
from views.contract import Holder, LinkedPost, Position, PostView, Span
from views.figures import CreatorFigures, MarketFigures

Responses = dict[int | str, dict[str, Any]]


class HitView(Record, frozen=True, kw_only=True, rename="camel"):
    """Something found. ``score``: 0 to 1; ``highlights`` maps a field to what matched in it."""

    kind: Literal["token", "post"]
    id: str
    score: float
    highlights: Mapping[str, tuple[Span, ...]]
    token: MaybeTokenBody = None
    post: Post | None = None


class CreatorView(Record, frozen=True, kw_only=True, rename="camel"):
    """A creator: what became of the launches, and the newest of them."""

    figures: CreatorFigures
    tokens: Sequence[TokenBody]


class WalletView(Record, frozen=True, kw_only=True, rename="camel"):
    """A wallet: what it holds, by mint, and its newest trades."""

    address: Address
    positions: tuple[Position, ...]
    trades: tuple[TradeRecord, ...]


class StatsView(Record, frozen=True, kw_only=True, rename="camel"):
    """The market's figures at chain time ``as_of``."""

    as_of: Timestamp | None
    items: tuple[MarketFigures, ...]


class Health(Record, frozen=True, kw_only=True, rename="camel"):
    """That the process answers."""

    status: Literal["alive", "ready"]


class IssuedToken(Record, frozen=True, kw_only=True, rename="camel"):
    """A token, good for ``expires_in`` seconds."""

    token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scopes: tuple[str, ...]


class KeyLimits(Record, frozen=True, kw_only=True, rename="camel"):
    """The limits of a key; null: none. ``connections`` are live ones, per process."""

    per_minute: int
    burst: int
    per_day: int | None
    connections: int | None


class DayUsage(Record, frozen=True, kw_only=True, rename="camel"):
    """The requests that were charged on one day, UTC, by all replicas."""

    day: str
    requests: int


class Usage(Record, frozen=True, kw_only=True, rename="camel"):
    """A key, its limits and its use. ``remaining_today`` is null without a quota of the day."""

    key: str
    name: str
    scopes: tuple[str, ...]
    expires_at: Timestamp | None
    limits: KeyLimits
    remaining_today: int | None
    resets_in_s: int
    days: tuple[DayUsage, ...]


class GraphQLError(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An error of a query, or of a field of it. ``extensions`` has its ``code``."""

    message: str
    extensions: dict[str, Any]
    locations: tuple[dict[str, int], ...] = ()
    path: tuple[str | int, ...] = ()


class GraphQLAnswer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a query asked for, by its own names; null where nothing was done."""

    data: dict[str, Any] | None
    errors: tuple[GraphQLError, ...] = ()


SHAPES: tuple[Any, ...] = (
    Token, TradeRecord, Holder, LinkedPost, LifecycleRecord, Candle, PostView, Position, HitView,
    CreatorView, WalletView, StatsView, SimilarTokens, SimilarPosts, Status, GraphQLAnswer, Health,
    IssuedToken, Usage, PublicKeySet, ProblemDocument, *udf.SHAPES,
)  # fmt: skip


def one(shape: type[Any], example: Any, about: str) -> Responses:
    """Describe an answer that is one *shape*, with an example of it."""
    return _described(
        {"$ref": REF.format(name=shape.__name__)}, msgspec.to_builtins(example), about
    )


def many(shape: type[Any], example: Any, about: str) -> Responses:
    """Describe a list of *shape*, with an example of one item."""
    items = {"type": "array", "items": {"$ref": REF.format(name=shape.__name__)}}
    cursor = {"type": ["string", "null"], "description": "Pass as cursor; null at the end."}
    schema = {
        "type": "object",
        "required": ["items", "nextCursor"],
        "properties": {"items": items, "nextCursor": cursor},
    }
    return _described(schema, {"items": [example], "nextCursor": None}, about)


def _described(schema: dict[str, Any], example: Any, about: str) -> Responses:
    # The framework drops nulls from what it is given, so the example goes past it as text.
    content = {"schema": schema, "example": msgspec.json.encode(example).decode()}
    return {200: {"description": about, "content": {JSON: content}}}


PICTURE: Responses = {
    200: {
        "description": "The picture.",
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES
        },
    }
}
TOKEN = one(Token, examples.TOKEN, "The token.")
TOKENS = many(Token, examples.TOKEN, "Tokens in the order asked for.")
BATCH = many(Token, examples.TOKEN, "The known ones, in the order asked for.")
TRADES = many(TradeRecord, examples.TRADE, "Trades, newest first; amounts in whole tokens.")
HOLDERS = many(Holder, examples.HOLDER, "Holders, largest first.")
POSTS = many(LinkedPost, examples.LINKED, "Posts, newest first.")
EVENTS = many(LifecycleRecord, examples.LAUNCH, "Events, newest first.")
CANDLES = many(Candle, examples.CANDLE, "Candles, oldest first; the next page has older ones.")
POSITIONS = many(Position, examples.POSITION, "Positions, by mint.")
BOARD = many(Token, examples.TOKEN, "The board, best first.")
SEARCH = many(
    HitView,
    HitView(
        kind="token",
        id=examples.MINT,
        score=0.97,
        highlights={"name": (Span(start=0, end=5),)},
        token=examples.TOKEN,
    ),
    "Hits, best first.",
)
SIMILAR_TOKENS = one(
    SimilarTokens,
    SimilarTokens(
        engine="minilm-int8",
        version="1+8199be6f699a",
        items=(SimilarToken(similarity=0.8412, token=examples.TOKEN),),
    ),
    "The tokens most like it; none where engine is null, since its own text was not read yet.",
)
SIMILAR_POSTS = one(
    SimilarPosts,
    SimilarPosts(
        engine="minilm-int8",
        version="1+8199be6f699a",
        items=(SimilarPost(similarity=0.7903, post=examples.POST),),
    ),
    "The posts most like it; none where engine is null, since it was not read yet.",
)
POST = one(PostView, examples.POST_VIEW, "The post.")
CREATOR = one(
    CreatorView,
    CreatorView(figures=examples.CREATOR_FIGURES, tokens=(examples.TOKEN,)),
    "The creator.",
)
WALLET = one(
    WalletView,
    WalletView(address=examples.TRADER, positions=(examples.POSITION,), trades=(examples.TRADE,)),
    "The wallet.",
)
STATS = one(
    StatsView, StatsView(as_of=examples.AS_OF, items=(examples.FIGURES,)), "The market's figures."
)
STATUS = one(
    Status,
    Status(
        chain=ChainStatus(
            head_slot=452233139,
            chain_time=examples.AS_OF,
            complete_through_slot=452233139,
            lag_ms=412,
        ),
        sources=(SourceStatus(name="recording:market-a", kind="chain", state="done", detail=None),),
        counts=TotalCounts(
            transactions=6043,
            failed=121,
            events=17206,
            trades=5731,
            tokens=24,
            posts=57,
            links=14,
            dead_lettered=0,
            duplicates=0,
        ),
        store=StoreStatus(kind="sqlite", indexed_slot=452233139),
    ),
    "How far everything is.",
)
HEALTH = one(Health, Health(status="ready"), "It is so.")
GRAPHQL = one(
    GraphQLAnswer,
    GraphQLAnswer(data={"token": {"symbol": "LUNPU", "price": examples.TOKEN.price}}),
    "What was asked for; errors are in it.",
)
METRICS: Responses = {
    200: {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
TOKEN_ANSWER = one(
    IssuedToken,
    IssuedToken(
        token="eyJhbGciOiJFUzI1NiIs…",  # noqa: S106  (The beginning of one, as an example.)
        token_type="Bearer",  # noqa: S106
        expires_in=300,
        scopes=("stream",),
    ),
    "The token.",
)
USAGE = one(
    Usage,
    Usage(
        key="8f0c2b7a4d1e",
        name="dashboard",
        scopes=("read", "stream"),
        expires_at=None,
        limits=KeyLimits(per_minute=3000, burst=600, per_day=1_000_000, connections=None),
        remaining_today=987_654,
        resets_in_s=28_345,
        days=(DayUsage(day="2026-09-22", requests=12_346),),
    ),
    "The key's limits and use.",
)
KEY_SET = one(
    PublicKeySet,
    PublicKeySet(
        keys=(
            PublicKey(
                kty="EC",
                kid="20260922T160735Z-1f2e3d4c",
                alg="ES256",
                use="sig",
                crv="P-256",
                x="TNZwHzt2VoBmo29twND6Fq86RkUNSq9JdKEIlyX566Y",
                y="SFNMUxKAkvHCG5BZS_ktBIw5EPOpKfyLsQ5cOjbCX6Y",
            ),
        )
    ),
    "The keys.",
)
