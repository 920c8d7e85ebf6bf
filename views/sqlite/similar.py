"""What is like one thing, from the embedded store: candidates from memory, ranked exactly."""

import sqlite3
from collections.abc import Callable, Collection

import msgspec

from schemas.post import Post
from schemas.project import Embedding
from views.contract import TokenDocument, TokenQuery
from views.likeness import (
    REACH,
    Alike,
    Likeness,
    Similar,
    certain,
    contenders,
    counts,
    halves,
    id_of,
    model_of,
    post_key,
    ranked,
    token_key,
)
from views.sqlite.matrix import Matrix
from views.sqlite.read import tokens_by_mint
from views.sqlite.select import fitting_statement

_embedding = msgspec.json.Decoder(Embedding).decode
_post = msgspec.json.Decoder(Post).decode
_POSTS = "FROM posts WHERE body IS NOT NULL AND post IN (SELECT value FROM json_each(?))"
_VECTORS = (
    "SELECT key, vector FROM embeddings WHERE key IN (SELECT value FROM json_each(?)) AND model = ?"
)

Fitting = Callable[[list[str]], Collection[str]]
"""Tells which of some ids pass the filters."""


def similar_tokens(
    db: sqlite3.Connection, matrix: Matrix, mint: str, query: TokenQuery
) -> Similar[TokenDocument]:
    """Return the tokens like one that pass a query's filters."""

    def fitting(mints: list[str]) -> Collection[str]:
        return {found for (found,) in db.execute(*fitting_statement(query, mints))}

    own = _own(db, token_key(mint))
    if own is None:
        return Similar()
    likes = _likes(db, matrix, own, fitting, query.limit)
    known = {t.mint: t for t in tokens_by_mint(db, [id_of(one.key) for one in likes])}
    items = (Alike(one.similarity, known[id_of(one.key)]) for one in likes)
    return Similar(tuple(items), own.engine, own.version)


def similar_posts(
    db: sqlite3.Connection, matrix: Matrix, post_id: str, limit: int
) -> Similar[Post]:
    """Return the posts like one."""

    def fitting(ids: list[str]) -> Collection[str]:
        return {found for (found,) in db.execute(f"SELECT post {_POSTS}", (_json(ids),))}

    own = _own(db, post_key(post_id))
    if own is None:
        return Similar()
    likes = _likes(db, matrix, own, fitting, limit)
    ids = [id_of(one.key) for one in likes]
    known = dict(db.execute(f"SELECT post, body {_POSTS}", (_json(ids),)).fetchall())
    items = (Alike(one.similarity, _post(known[id_of(one.key)])) for one in likes)
    return Similar(tuple(items), own.engine, own.version)


def _own(db: sqlite3.Connection, key: str) -> Embedding | None:
    row = db.execute("SELECT body FROM embeddings WHERE key = ?", (key,)).fetchone()
    return _embedding(row[0]) if row and row[0] else None


def _likes(
    db: sqlite3.Connection, matrix: Matrix, own: Embedding, fitting: Fitting, limit: int
) -> list[Likeness]:
    """Return the nearest that fit, of ever more candidates until there are enough."""
    found: list[Likeness] = []
    of = halves(own)
    for count in counts(limit):
        near = matrix.nearest(db, own.id, of, count=count)
        fits = fitting([id_of(key) for key in near.cosines])
        fit = {key: cosine for key, cosine in near.cosines.items() if id_of(key) in fits}
        is_all = near.floor is None or count == REACH
        every = ranked(of, _vectors(db, own, contenders(fit, limit)))
        found = certain(every, None if is_all else near.floor)
        if is_all or len(found) >= limit:
            break
    return found[:limit]


def _vectors(db: sqlite3.Connection, own: Embedding, keys: list[str]) -> dict[str, bytes]:
    asked = (_json(keys), model_of(own))
    return dict(db.execute(_VECTORS, asked).fetchall())


def _json(ids: list[str]) -> str:
    return msgspec.json.encode(ids).decode()
