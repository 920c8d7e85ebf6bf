"""Searching the embedded store: candidates by full text, ranked like in every store."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec
import numpy as np

from domain.search import words
from schemas.post import Post
from schemas.token import Token
from views.contract import Hit, TokenDocument, TokenQuery
from views.finding import ranked
from views.sqlite.columns import Columns, rows_of
from views.sqlite.select import CANDIDATES, exact_match, near_matches

_token = msgspec.json.Decoder(Token).decode
_post = msgspec.json.Decoder(Post).decode

_NEAR = "SELECT json_group_array(rowid) FROM {} WHERE {} MATCH ?"
_TOKENS = (
    "SELECT mint, version, slot, body FROM tokens JOIN token_bodies USING (id) "
    "WHERE id IN (SELECT value FROM json_each(?)) AND body IS NOT NULL"
)
_POSTS = "SELECT body FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND body IS NOT NULL"
_MOST_HELD = TokenQuery(sort_by="holders")


def search(db: sqlite3.Connection, columns: Columns, text: str, limit: int) -> tuple[Hit, ...]:
    """Return the tokens and posts that fit best, best first."""
    if not words(text):
        return ()
    tokens = _documents(db, _candidates(db, columns, text))
    near = _resembling(db, "post_text", near_matches(text, "words"))
    posts = db.execute(_POSTS, (_json(near),))
    return ranked(text, tokens=tokens, posts=(_post(body) for (body,) in posts), limit=limit)


def _candidates(db: sqlite3.Connection, columns: Columns, text: str) -> set[int]:
    """Return the rows of tokens that may answer *text*.

    Those that have its words come first, the most held of them; only where these are few is it
    worth the while to look for what merely resembles it, which reads far more.
    """
    found: set[int] = set()
    for whole in (True, False):
        if len(found) < CANDIDATES:
            match = exact_match(text, "titles", whole=whole)
            found.update(
                next(columns.passing(db, _MOST_HELD, match=match).firsts(CANDIDATES)).tolist()
            )
    if len(found) < CANDIDATES:
        found.update(_resembling(db, "token_text", near_matches(text, "titles", "words")))
    return found


def _resembling(db: sqlite3.Connection, table: str, matches: Sequence[str]) -> list[int]:
    """Return the rows that share most with a text, of which *matches* find one piece each.

    What few rows have counts most, as in BM25, by which SQLite would take ten times as long.
    """
    statement = _NEAR.format(table, table)
    found = [rows_of(db, statement, match) for match in matches]
    total = max((int(rows.max()) for rows in found if len(rows)), default=0)
    shared = np.zeros(total + 1)
    for rows in found:
        shared[rows] += np.log1p(total / max(len(rows), 1))
    near = np.flatnonzero(shared)
    best = np.argsort(-shared[near], kind="stable")[:CANDIDATES]
    return cast("list[int]", near[best].tolist())


def _documents(
    db: sqlite3.Connection, rows: Iterable[int]
) -> Iterable[tuple[Token, TokenDocument]]:
    for mint, version, slot, body in db.execute(_TOKENS, (_json(sorted(rows)),)):
        found = TokenDocument(mint=mint, version=version, slot=slot, body=msgspec.Raw(body))
        yield _token(body), found


def _json(rows: Sequence[int]) -> str:
    return msgspec.json.encode(rows).decode()
