"""Writing a batch into the embedded store, inside one transaction."""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from domain.amounts import seconds_of
from domain.order import order_key
from domain.search import Field, indexed_fragments, words
from schemas.link import LinkRecord
from schemas.post import Post
from schemas.project import Embedding
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from views.answers import holding, lifecycle_key, post_ids
from views.columns import FIGURES, facets, figures
from views.finding import post_fields, token_fields, token_titles
from views.likeness import halves, kind_of, model_of
from views.sqlite.schema import FACETS
from views.writes import Batch, Write, newest

BUSY = 4_096
"""Tokens are written with every trade, and what they are called hardly ever changes."""

_decode_account = msgspec.json.Decoder(HolderRecord).decode


def put(db: sqlite3.Connection, batch: Batch) -> None:
    """Write everything in *batch*; whoever calls opens and commits the transaction."""
    _put_tokens(db, newest(batch.tokens))
    _put_all(db, _TRADES, (_trade_row(write) for write in batch.trades))
    _put_all(db, _CANDLES, (_candle_row(write) for write in newest(batch.candles)))
    _put_accounts(db, newest(batch.holders))
    _put_all(db, _LIFECYCLE, (_lifecycle_row(write) for write in batch.lifecycle))
    _put_posts(db, batch.posts)
    _put_all(db, _ENGAGEMENTS, ((w.key, w.version, _body(w)) for w in batch.engagements))
    _put_links(db, batch.links)
    _put_embeddings(db, newest(batch.embeddings))
    _put_all(db, _PROGRESS, ((w.key, w.version, _body(w)) for w in batch.progress))


def _upsert(table: str, key: str, *columns: str) -> str:
    """Return the statement that puts a row unless a greater version of it is there."""
    names = (*key.split(", "), *columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE excluded.version >= {table}.version"
    )


_TOKENS = _upsert("tokens", "mint", "version", "slot", "change", *FACETS, *FIGURES, "search")
_BODIES = (
    "INSERT INTO token_bodies (id, body) SELECT id, ? FROM tokens WHERE mint = ? AND version = ? "
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
_TRADES = _upsert(
    "trades", "id", "version", "mint", "trader", "time", "sort", "standing", "priced", "body"
)
_CANDLES = _upsert("candles", "mint, start", "version", "priced", "body")
_ACCOUNTS = _upsert("accounts", "mint, account", "version", "owner", "sort", "body")
_LIFECYCLE = _upsert("lifecycle", "id", "version", "mint", "sort", "standing", "body")
_POSTS = _upsert("posts", "post", "version", "search", "body")
_ENGAGEMENTS = _upsert("engagements", "post", "version", "body")
_LINKS = _upsert("links", "mint", "version", "body")
_EMBEDDINGS = _upsert("embeddings", "key", "version", "change", "kind", "model", "vector", "body")
_PROGRESS = _upsert("progress", "key", "version", "body")


def _put_all(db: sqlite3.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    db.executemany(statement, rows)


def _body(write: Write[Any]) -> bytes | None:
    return None if write.record is None else write.body


def _trade_row(write: Write[TradeRecord]) -> Sequence[Any]:
    trade = write.record
    if trade is None:
        return (write.key, write.version, *(None,) * 7)
    return (
        write.key, write.version, trade.mint, trade.trader, seconds_of(trade.time), trade.sort_key,
        not trade.retracted, trade.price is not None and not trade.retracted, write.body,
    )  # fmt: skip


def _candle_row(write: Write[CandleRecord]) -> Sequence[Any]:
    mint, _, start = write.key.rpartition(":")
    priced = write.record is not None and write.record.close is not None
    return (mint, int(start), write.version, priced, _body(write))


def _lifecycle_row(write: Write[LifecycleRecord]) -> Sequence[Any]:
    event = write.record
    if event is None:
        return (write.key, write.version, *(None,) * 4)
    sort = lifecycle_key(event).sort
    return (write.key, write.version, event.mint, sort, not event.retracted, write.body)


def _put_tokens(db: sqlite3.Connection, writes: Sequence[Write[Token]]) -> None:
    if not writes:
        return
    before = _texts(db, "tokens", "mint", writes)
    change = _next_change(db, "tokens")
    db.executemany(_TOKENS, (_token_row(write, change) for write in writes))
    # What the version rule has turned away has another version than the one that stands.
    db.executemany(_BODIES, ((_body(w), w.key, w.version) for w in writes))
    for row, text in _changed(before, _texts(db, "tokens", "mint", writes)):
        db.execute("DELETE FROM token_text WHERE rowid = ?", (row,))
        if text is not None:
            db.execute(
                "INSERT INTO token_text (rowid, titles, words, fragments) VALUES (?, ?, ?, ?)",
                (row, *text.split("\n")),
            )


def _token_row(write: Write[Token], change: int) -> Sequence[Any]:
    token = write.record
    if token is None:
        nothing = (None,) * (len(FACETS) + len(FIGURES) + 1)
        return (write.key, write.version, None, change, *nothing)
    has, keys = facets(token), figures(token)
    return (
        token.mint, write.version, token.slot, change,
        *msgspec.structs.astuple(has), *keys.values(),
        _searched(token_titles(token), tuple(token_fields(token).values())),
    )  # fmt: skip


@lru_cache(BUSY)
def _searched(titles: tuple[str, ...], fields: tuple[Field, ...]) -> str:
    """Return by what a token is found: its titles' words, its other words, its fragments."""
    first = [word for title in titles for word in words(title)]
    others = {word for field in fields for word in words(field.text)}.difference(first)
    return _lines(first, sorted(others), sorted(indexed_fragments(fields)))


def _put_posts(db: sqlite3.Connection, writes: Sequence[Write[Post]]) -> None:
    before = _texts(db, "posts", "post", writes)
    db.executemany(_POSTS, (_post_row(write) for write in writes))
    for row, text in _changed(before, _texts(db, "posts", "post", writes)):
        db.execute("DELETE FROM post_text WHERE rowid = ?", (row,))
        if text is not None:
            db.execute(
                "INSERT INTO post_text (rowid, words, fragments) VALUES (?, ?, ?)",
                (row, *text.split("\n")),
            )


def _post_row(write: Write[Post]) -> Sequence[Any]:
    if write.record is None:
        return (write.key, write.version, None, None)
    fields = post_fields(write.record).values()
    found = {word for field in fields for word in words(field.text)}
    return (
        write.key, write.version, _lines(sorted(found), sorted(indexed_fragments(fields))),
        write.body,
    )  # fmt: skip


def _lines(*lists: Iterable[str]) -> str:
    """Return lists of words as lines; no word holds a blank."""
    return "\n".join(" ".join(listed) for listed in lists)


def _texts(
    db: sqlite3.Connection, table: str, key: str, writes: Sequence[Write[Any]]
) -> dict[int, str | None]:
    """Return the searched text of the documents that *writes* are about, by row."""
    keys = msgspec.json.encode([write.key for write in writes]).decode()
    found = db.execute(
        f"SELECT id, search FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))",  # noqa: S608
        (keys,),
    )
    return dict(found.fetchall())


def _changed(
    before: dict[int, str | None], now: dict[int, str | None]
) -> list[tuple[int, str | None]]:
    return [(row, text) for row, text in now.items() if before.get(row) != text]


def _put_accounts(db: sqlite3.Connection, writes: Sequence[Write[HolderRecord]]) -> None:
    keys = {tuple(write.key.split(":")) for write in writes}
    owners = _owners(db, keys)
    db.executemany(_ACCOUNTS, (_account_row(write) for write in writes))
    for mint, owner in sorted(owners | _owners(db, keys)):
        _put_holding(db, mint, owner)


def _account_row(write: Write[HolderRecord]) -> Sequence[Any]:
    mint, account = write.key.split(":")
    if write.record is None:
        return (mint, account, write.version, None, None, None)
    sort = order_key(int(write.record.base_units))
    return (mint, account, write.version, write.record.owner, sort, write.body)


def _owners(db: sqlite3.Connection, keys: Iterable[tuple[str, ...]]) -> set[tuple[str, str]]:
    """Return (mint, owner) of the accounts that are there."""
    statement = "SELECT mint, owner FROM accounts WHERE mint = ? AND account = ?"
    found = (db.execute(statement, key).fetchone() for key in keys)
    return {(row[0], row[1]) for row in found if row and row[1]}


def _put_holding(db: sqlite3.Connection, mint: str, owner: str) -> None:
    """Sum an owner's accounts anew: sums of base units exceed what SQLite can add."""
    statement = "SELECT body FROM accounts WHERE mint = ? AND owner = ?"
    bodies = db.execute(statement, (mint, owner)).fetchall()
    units, amount = holding(_decode_account(body) for (body,) in bodies)
    db.execute("DELETE FROM holdings WHERE mint = ? AND owner = ?", (mint, owner))
    if units:
        row = (mint, owner, order_key(units), amount)
        db.execute("INSERT INTO holdings (mint, owner, sort, amount) VALUES (?, ?, ?, ?)", row)


def _put_links(db: sqlite3.Connection, writes: Sequence[Write[LinkRecord]]) -> None:
    for write in writes:
        changed = db.execute(_LINKS, (write.key, write.version, _body(write))).rowcount
        if changed:
            db.execute("DELETE FROM link_posts WHERE mint = ?", (write.key,))
            posts = post_ids(write.record) if write.record else ()
            rows = [(post, write.key) for post in posts]
            db.executemany("INSERT INTO link_posts (post, mint) VALUES (?, ?)", rows)


def _put_embeddings(db: sqlite3.Connection, writes: Sequence[Write[Embedding]]) -> None:
    if not writes:
        return
    change = _next_change(db, "embeddings")
    _put_all(db, _EMBEDDINGS, (_embedding_row(write, change) for write in writes))


def _next_change(db: sqlite3.Connection, table: str) -> int:
    """Return the number of the next change of what others have in memory."""
    (change,) = db.execute(f"SELECT coalesce(max(change), 0) + 1 FROM {table}").fetchone()  # noqa: S608
    return int(change)


def _embedding_row(write: Write[Embedding], change: int) -> Sequence[Any]:
    kind, vector = kind_of(write.key), write.record
    if vector is None:
        return (write.key, write.version, change, kind, None, None, None)
    return (
        write.key, write.version, change, kind, model_of(vector), halves(vector), write.body,
    )  # fmt: skip
