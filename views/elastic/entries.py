"""What the store keeps of a write: an entry by which it is found, around the record as it came.

A deleted document keeps its key alone, so that an old write cannot bring it back. ``standing``:
neither deleted nor retracted. Figures and ``sort`` are order keys, texts that compare like the
numbers (decision 0040).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from domain.amounts import seconds_of
from domain.order import order_key
from domain.search import indexed_fragments, words
from schemas.engagement import Engagement
from schemas.fields import Vector
from schemas.link import LinkRecord
from schemas.post import Post
from schemas.progress import Progress
from schemas.project import Embedding
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from views import columns
from views.answers import lifecycle_key, post_ids
from views.finding import post_fields, token_fields, token_titles
from views.likeness import halves, kind_of, model_of, singles
from views.writes import Write


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What every document has. ``key`` is its id, in a form that can be sorted by."""

    key: str
    standing: bool = False


Figures = msgspec.defstruct(
    "Figures", [(name, str | None, None) for name in columns.FIGURES], frozen=True,
    omit_defaults=True,
)  # fmt: skip


class TokenEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``titles`` are the words that a filter looks at, ``words`` the others."""

    facets: columns.Facets | None = None
    figures: Figures | None = None  # type: ignore[valid-type]
    titles: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()


class TradeEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``time`` is in seconds; ``priced``: it stands and has a price."""

    mint: str | None = None
    trader: str | None = None
    time: int | None = None
    sort: str | None = None
    priced: bool = False


class CandleEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``start`` is in seconds."""

    mint: str | None = None
    start: int | None = None
    priced: bool = False


class AccountEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``sort`` is the balance; an empty account has none."""

    mint: str | None = None
    owner: str | None = None
    sort: str | None = None


class LifecycleEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``sort`` is where it stands in the token's life."""

    mint: str | None = None
    sort: str | None = None


class PostEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The words of a post and their fragments."""

    words: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()


class LinkEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``posts``: the matched one and the candidates."""

    posts: tuple[str, ...] = ()


class EmbeddingEntry(Entry, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``kind`` is token or post, ``model`` what made the vector."""

    kind: str | None = None
    model: str | None = None
    vector: Vector = ()


class Labels(msgspec.Struct, frozen=True):
    """What of a record of a vector is a column: not the vector."""

    id: str
    engine: str
    version: str


class Kind(NamedTuple):
    """How documents of a noun are kept: what is known of a record besides itself."""

    entry: type[Entry]
    record: type[msgspec.Struct]
    about: Callable[[Any], Mapping[str, Any]]


def document(kind: Kind, write: Write[Any]) -> bytes:
    """Return the JSON of a write's document, on one line."""
    if write.record is None:
        return msgspec.json.encode(kind.entry(key=write.key))
    standing = not getattr(write.record, "retracted", False)
    entry = kind.entry(key=write.key, standing=standing, **kind.about(write.record))
    # A line break can only stand between the parts of JSON; in a text it is escaped.
    body = write.body.replace(b"\n", b" ").replace(b"\r", b" ")
    return msgspec.json.encode(entry)[:-1] + b',"record":' + body + b"}"


def _token(token: Token) -> Mapping[str, Any]:
    fields = token_fields(token).values()
    titles = {word for title in token_titles(token) for word in words(title)}
    others = {word for field in fields for word in words(field.text)} - titles
    return {
        "facets": columns.facets(token),
        "figures": msgspec.convert(columns.figures(token), Figures),
        "titles": tuple(sorted(titles)),
        "words": tuple(sorted(others)),
        "fragments": tuple(sorted(indexed_fragments(fields))),
    }


def _trade(trade: TradeRecord) -> Mapping[str, Any]:
    return {
        "mint": trade.mint,
        "trader": trade.trader,
        "time": seconds_of(trade.time),
        "sort": trade.sort_key,
        "priced": trade.price is not None and not trade.retracted,
    }


def _candle(candle: CandleRecord) -> Mapping[str, Any]:
    return {
        "mint": candle.mint,
        "start": seconds_of(candle.time),
        "priced": candle.close is not None,
    }


def _account(account: HolderRecord) -> Mapping[str, Any]:
    units = int(account.base_units)
    sort = order_key(units) if units else None
    return {"mint": account.mint, "owner": account.owner, "sort": sort}


def _lifecycle(event: LifecycleRecord) -> Mapping[str, Any]:
    return {"mint": event.mint, "sort": lifecycle_key(event).sort}


def _post(post: Post) -> Mapping[str, Any]:
    fields = post_fields(post).values()
    found = {word for field in fields for word in words(field.text)}
    return {
        "words": tuple(sorted(found)),
        "fragments": tuple(sorted(indexed_fragments(fields))),
    }


def _link(link: LinkRecord) -> Mapping[str, Any]:
    return {"posts": tuple(sorted(post_ids(link)))}


def _embedding(record: Embedding) -> Mapping[str, Any]:
    numbers = singles(halves(record)).tolist()
    # Seven places are as exact as the single precision in which they are compared here.
    vector = tuple(round(number, 7) for number in numbers)
    return {"kind": kind_of(record.id), "model": model_of(record), "vector": vector}


def _nothing(_: Engagement | Progress) -> Mapping[str, Any]:
    return {}


KINDS: Mapping[str, Kind] = {
    "tokens": Kind(TokenEntry, Token, _token),
    "trades": Kind(TradeEntry, TradeRecord, _trade),
    "candles": Kind(CandleEntry, CandleRecord, _candle),
    "holders": Kind(AccountEntry, HolderRecord, _account),
    "lifecycle": Kind(LifecycleEntry, LifecycleRecord, _lifecycle),
    "posts": Kind(PostEntry, Post, _post),
    "engagements": Kind(Entry, Engagement, _nothing),
    "links": Kind(LinkEntry, LinkRecord, _link),
    "embeddings": Kind(EmbeddingEntry, Labels, _embedding),
    "progress": Kind(Entry, Progress, _nothing),
}
"""By member of ``Batch``."""
