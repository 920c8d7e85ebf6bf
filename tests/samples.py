"""Made-up public records for tests of the query side, as short as the test that needs them."""

import math
import struct
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from domain.amounts import seconds_of, timestamp
from schemas.candle import Tick
from schemas.engagement import Engagement, EngagementPoint
from schemas.fields import WINDOWS
from schemas.link import Candidate, LinkRecord
from schemas.post import Author, Post
from schemas.progress import Progress
from schemas.project import DIMENSIONS, Embedding, Project
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import CurveState, Quote, SocialLinks, Token, TokenPost, WindowFigures
from views.writes import Batch, Write

SOL = "So11111111111111111111111111111111111111112"
LAUNCH = 1_790_000_000


def window(volume: str = "0", trades: int = 0, traders: int = 0) -> WindowFigures:
    """Return a window's figures; all trades are buys."""
    return WindowFigures(
        volume=volume, volume_usd=None, buys=trades, sells=0, trades=trades, traders=traders,
        price_change=None,
    )  # fmt: skip


def token(mint: str, **changes: Any) -> Token:
    """Return a bonding token without trades."""
    blank = dict.fromkeys(Token.__struct_fields__)
    usual: dict[str, Any] = {
        "links": SocialLinks(), "launchpad": "believe", "protocol": "meteora-dbc", "decimals": 6,
        "supply": "1000000", "quote": Quote(mint=SOL, symbol="SOL", decimals=9), "stage": "bonding",
        "curve": CurveState(base_reserve=None, quote_reserve=None, threshold=None),
        "windows": {name: window() for name in WINDOWS}, "trades": 0, "holders": 0,
        "launched_at": timestamp(LAUNCH), "post": TokenPost(status="none"), "origin": "launch",
        "version": 1, "slot": 1,
        "as_of": timestamp(LAUNCH),
    }  # fmt: skip
    return Token(**{**blank, **usual, "mint": mint, **changes})


def project(category: str, **changes: Any) -> Project:
    """Return what was read of a project."""
    fields = {"scores": {category: 0.6}, "language": "en", "engine": "made up", "version": "1"}
    return Project(category=category, **{**fields, **changes})


def trade(mint: str, number: int, **changes: Any) -> TradeRecord:
    """Return the trade in slot *number*, two slots a second."""
    usual: dict[str, Any] = {
        "id": f"{number}:{mint}:2", "mint": mint, "time": timestamp(LAUNCH + number // 2),
        "slot": number, "signature": f"s{number}", "path": "2", "sort_key": f"{number:012d}#0000",
        "side": "buy", "trader": "trader", "base_amount": "10", "quote_amount": "1", "price": "0.1",
        "fee": "0.01", "fee_in_base": False, "program": "dbc",
    }  # fmt: skip
    return TradeRecord(**{**usual, **changes})


def tick(trade: TradeRecord) -> Tick:
    """Return what candles are made of."""
    return msgspec.convert(trade, Tick, from_attributes=True)


def minute(mint: str, at: int, **changes: Any) -> CandleRecord:
    """Return the minute that starts at unix second *at*."""
    usual: dict[str, Any] = {
        "open": "1", "high": "3", "low": "0.5", "close": "2", "volume": "10", "trades": 4,
        "rev": 1, "final": False,
    }  # fmt: skip
    return CandleRecord(**{**usual, "mint": mint, "time": timestamp(at), **changes})


def account(mint: str, account: str, owner: str, units: int, version: int = 1) -> HolderRecord:
    """Return a token account of a token with 6 decimals."""
    amount = f"{units // 10**6}.{units % 10**6:06d}".rstrip("0").rstrip(".")
    return HolderRecord(
        mint=mint, account=account, owner=owner, amount=amount, base_units=str(units), slot=1,
        version=version,
    )  # fmt: skip


def lifecycle(mint: str, kind: Any, slot: int, **changes: Any) -> LifecycleRecord:
    """Return an event of a token's life."""
    usual: dict[str, Any] = {
        "id": f"{slot}:{mint}:{kind}", "time": timestamp(LAUNCH + slot // 2), "slot": slot,
        "signature": f"s{slot}", "path": "2", "pool": "pool",
    }  # fmt: skip
    return LifecycleRecord(**{**usual, "mint": mint, "kind": kind, **changes})


def post(post_id: str, text: str, created_s: int = LAUNCH, **changes: Any) -> Post:
    """Return a post."""
    usual: dict[str, Any] = {
        "url": f"https://x.com/i/status/{post_id}", "author": Author(id="1", username="ann"),
        "created_at": timestamp(created_s), "created_ms": created_s * 1000,
    }  # fmt: skip
    return Post(**{**usual, "id": post_id, "text": text, **changes})


def link(mint: str, post_id: str | None, candidates: Sequence[str] = ()) -> LinkRecord:
    """Return a link of a token: matched, or ambiguous between candidates."""
    return LinkRecord(
        mint=mint, status="matched" if post_id else "ambiguous", post_id=post_id,
        url=f"https://x.com/i/status/{post_id}" if post_id else None, author=None, delay_ms=None,
        confidence=0.9 if post_id else None, evidence=("ticker",) if post_id else (),
        candidates=tuple(
            Candidate(id=c, url=f"https://x.com/i/status/{c}", score=1.5) for c in candidates
        ),
    )  # fmt: skip


def engagement(post_id: str, *likes: int) -> Engagement:
    """Return how a post did, a minute, two, … after it was written."""
    points = (
        EngagementPoint(after_s=60 * n, at=timestamp(LAUNCH + 60 * n), likes=count)
        for n, count in enumerate(likes, 1)
    )
    return Engagement(id=post_id, points=tuple(points))


def embedding(key: str, *numbers: float, engine: str = "onnx", version: str = "1") -> Embedding:
    """Return the vector of a key that points where its first *numbers* say, 1 long."""
    length = math.hypot(*numbers)
    all_of_it = [n / length for n in numbers] + [0.0] * (DIMENSIONS - len(numbers))
    vector = b64encode(struct.pack(f"<{DIMENSIONS}e", *all_of_it)).decode()
    return Embedding(id=key, vector=vector, engine=engine, version=version)


def progress(stage: str, partition: int = 0, **changes: Any) -> Progress:
    """Return how far a stage is."""
    return Progress(stage=stage, partition=partition, **changes)


def key_of(record: Any) -> str:
    """Return the key that the contract asks for."""
    match record:
        case TradeRecord() | LifecycleRecord() | Post() | Engagement() | Embedding():
            return record.id
        case CandleRecord():
            return f"{record.mint}:{seconds_of(record.time)}"
        case HolderRecord():
            return f"{record.mint}:{record.account}"
        case Progress():
            return f"{record.stage}:{record.partition}:{record.source or ''}:{record.kind or ''}"
    return record.mint


NOUNS = {
    Token: "tokens", TradeRecord: "trades", CandleRecord: "candles", HolderRecord: "holders",
    LifecycleRecord: "lifecycle", Post: "posts", LinkRecord: "links", Progress: "progress",
    Embedding: "embeddings", Engagement: "engagements",
}  # fmt: skip


def put(record: Any, version: int = 1) -> Write[Any]:
    """Return the write of a record."""
    body = msgspec.json.encode(record)
    return Write(key=key_of(record), version=version, record=record, body=body)


def gone(key: str, version: int) -> Write[Any]:
    """Return the write of a tombstone."""
    return Write(key=key, version=version, record=None, body=b"")


def batch(*items: Any) -> Batch:
    """Return a batch of records (at version 1) and writes."""
    writes = [item if isinstance(item, Write) else put(item) for item in items]
    nouns: dict[str, list[Write[Any]]] = {}
    for write in writes:
        nouns.setdefault(NOUNS[type(write.record)], []).append(write)
    return Batch(**nouns)
