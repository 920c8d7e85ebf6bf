"""Everything that the embedded store keeps, document by document."""

import sqlite3
from typing import Any, NamedTuple

from views.writes import Document


class Kept(NamedTuple):
    """Where the documents of a noun are, and the columns that make up their key."""

    table: str
    key: tuple[str, ...]


_KEPT = {
    "tokens": Kept("tokens LEFT JOIN token_bodies USING (id)", ("mint",)),
    "trades": Kept("trades", ("id",)),
    "candles": Kept("candles", ("mint", "start")),
    "holders": Kept("accounts", ("mint", "account")),
    "lifecycle": Kept("lifecycle", ("id",)),
    "posts": Kept("posts", ("post",)),
    "engagements": Kept("engagements", ("post",)),
    "links": Kept("links", ("mint",)),
    "embeddings": Kept("embeddings", ("key",)),
    "progress": Kept("progress", ("key",)),
}


def documents(
    db: sqlite3.Connection, noun: str, limit: int, after: Document | None
) -> tuple[Document, ...]:
    """Return a page of the documents of a noun."""
    table, columns = _KEPT[noun]
    key, marks = ", ".join(columns), ", ".join("?" * len(columns))
    where = f"WHERE ({key}) > ({marks})" if after else ""
    rows = db.execute(
        f"SELECT version, body, {key} FROM {table} {where} ORDER BY {key} LIMIT ?",  # noqa: S608
        (*(_parts(after.key, columns) if after else ()), limit),
    )
    return tuple(
        Document(":".join(map(str, parts)), version, _bytes(body)) for version, body, *parts in rows
    )


def _bytes(body: bytes | str | None) -> bytes | None:
    """Return a body as bytes, also where somebody else has put a text there."""
    return body.encode() if isinstance(body, str) else body


def order_of(noun: str, key: str) -> tuple[Any, ...]:
    """Return by what ``documents`` come in order."""
    return tuple(_parts(key, _KEPT[noun].key))


def _parts(key: str, columns: tuple[str, ...]) -> list[Any]:
    if len(columns) == 1:
        return [key]
    parts: list[Any] = key.split(":")
    return [
        int(part) if name == "start" else part for name, part in zip(columns, parts, strict=True)
    ]
