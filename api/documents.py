"""What the routes answer, as the description of the API tells it: shapes and examples."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from api import examples
from api.answers import JSON
from api.problem import ProblemDocument
from api.progress import ChainStatus, SourceStatus, Status, StoreStatus, TotalCounts
from schemas.base import Record
from schemas.candle import Candle
from schemas.fields import Address, Timestamp
from schemas.post import Post
from schemas.public import LifecycleRecord, TradeRecord
from schemas.token import Token
from views.contract import (
    CreatorFigures,
    Holder,
    LinkedPost,
    MarketFigures,
    Position,
    PostView,
    Span,
)

Responses = dict[int | str, dict[str, Any]]

REF = "#/components/schemas/{name}"
TOKEN_REF = {"$ref": REF.format(name="Token")}
TokenBody = Annotated[Any, Meta(extra_json_schema=TOKEN_REF)]
"""A token as the bytes it came as; described as what they are."""
MaybeTokenBody = Annotated[Any, Meta(extra_json_schema={"anyOf": [TOKEN_REF, {"type": "null"}]})]


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


SHAPES: tuple[Any, ...] = (
    Token, TradeRecord, Holder, LinkedPost, LifecycleRecord, Candle, PostView, Position, HitView,
    CreatorView, WalletView, StatsView, Status, Health, ProblemDocument,
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
METRICS: Responses = {
    200: {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
