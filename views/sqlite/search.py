"""Searching the embedded store: candidates by full text, ranked like in every store."""

import sqlite3
from collections.abc import Iterable

import msgspec

from schemas.post import Post
from schemas.token import Token
from views.contract import Hit, TokenDocument
from views.finding import ranked
from views.sqlite.select import CANDIDATES, exact_match, near_match

_token = msgspec.json.Decoder(Token).decode
_post = msgspec.json.Decoder(Post).decode

_HELD = (
    "SELECT id FROM token_text JOIN tokens ON id = token_text.rowid "
    "WHERE token_text MATCH ? ORDER BY holders DESC, mint LIMIT ?"
)
_NEAR = "SELECT rowid FROM token_text WHERE token_text MATCH ? ORDER BY rank LIMIT ?"
_TOKENS = (
    "SELECT mint, version, slot, body FROM tokens JOIN token_bodies USING (id) "
    "WHERE id IN (SELECT value FROM json_each(?)) AND body IS NOT NULL"
)
_POSTS = (
    "SELECT body FROM post_text JOIN posts ON id = post_text.rowid "
    "WHERE post_text MATCH ? ORDER BY post_text.rank LIMIT ?"
)


def search(db: sqlite3.Connection, text: str, limit: int) -> tuple[Hit, ...]:
    """Return the tokens and posts that fit best, best first."""
    near = near_match(text, "words")
    if near is None:
        return ()
    listed = db.execute(_POSTS, (near, CANDIDATES))
    return ranked(
        text,
        tokens=_documents(db, _candidates(db, text)),
        posts=(_post(body) for (body,) in listed),
        limit=limit,
    )


def _candidates(db: sqlite3.Connection, text: str) -> set[int]:
    """Return the rows of tokens that may answer *text*.

    Those that have its words come first, the most held of them; only where these are few is it
    worth the while to look for what merely resembles it, which reads far more.
    """
    ways = (
        (_HELD, exact_match(text, "titles", whole=True)),
        (_HELD, exact_match(text, "titles", whole=False)),
        (_NEAR, near_match(text, "titles", "words")),
    )
    found: set[int] = set()
    for statement, match in ways:
        if len(found) < CANDIDATES:
            found.update(row for (row,) in db.execute(statement, (match, CANDIDATES)))
    return found


def _documents(
    db: sqlite3.Connection, rows: Iterable[int]
) -> Iterable[tuple[Token, TokenDocument]]:
    keys = msgspec.json.encode(sorted(rows)).decode()
    for mint, version, slot, body in db.execute(_TOKENS, (keys,)):
        found = TokenDocument(mint=mint, version=version, slot=slot, body=msgspec.Raw(body))
        yield _token(body), found
