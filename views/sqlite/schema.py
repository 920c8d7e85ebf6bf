"""The tables of the embedded store, and connections to it.

Every table keeps ``version`` beside the JSON ``body`` as it came; a null body is a deleted
document, kept so that an old write cannot bring it back. The bodies of tokens lie apart, so that
a filter without an index reads little; a deleted token has no stage. Figures are order keys, texts
that compare like the numbers. ``totals`` is kept by triggers, since counting reads everything.
``change`` numbers the changes of vectors, for who has them in memory; ``identity`` tells the store
from one that takes its place.
"""

import sqlite3
from pathlib import Path

from domain.errors import UnusableStoreError
from views.columns import FIGURES, Facets

SCHEMA_VERSION = 4
FACETS: tuple[str, ...] = Facets.__struct_fields__
BUSY_S = 5.0

# Words and fragments come folded and parted by blanks; "ascii" leaves other letters as they are.
_TEXT = "tokenize='ascii', prefix='2 3', detail='column'"

_TABLES = f"""
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY, mint TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, slot INTEGER,
    change INTEGER NOT NULL, {", ".join((*FACETS, *FIGURES))}, search TEXT
);
CREATE TABLE token_bodies (id INTEGER PRIMARY KEY, body BLOB);
CREATE INDEX tokens_creator ON tokens (creator);
CREATE INDEX tokens_change ON tokens (change);
CREATE VIRTUAL TABLE token_text USING fts5 (titles, words, fragments, {_TEXT});
CREATE TABLE trades (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, mint TEXT, trader TEXT, time INTEGER, sort TEXT,
    standing INTEGER, priced INTEGER, body BLOB
);
CREATE INDEX trades_mint ON trades (mint, sort);
CREATE INDEX trades_time ON trades (mint, time, sort);
CREATE INDEX trades_trader ON trades (trader, sort);
CREATE TABLE candles (
    mint TEXT NOT NULL, start INTEGER NOT NULL, version INTEGER NOT NULL, priced INTEGER, body BLOB,
    PRIMARY KEY (mint, start)
) WITHOUT ROWID;
CREATE TABLE accounts (
    mint TEXT NOT NULL, account TEXT NOT NULL, version INTEGER NOT NULL, owner TEXT, sort TEXT,
    body BLOB, PRIMARY KEY (mint, account)
) WITHOUT ROWID;
CREATE INDEX accounts_owner ON accounts (mint, owner);
CREATE INDEX accounts_size ON accounts (mint, sort);
CREATE TABLE holdings (
    mint TEXT NOT NULL, owner TEXT NOT NULL, sort TEXT NOT NULL, amount TEXT,
    PRIMARY KEY (mint, owner)
) WITHOUT ROWID;
CREATE INDEX holdings_size ON holdings (mint, sort);
CREATE INDEX holdings_owner ON holdings (owner, mint);
CREATE TABLE lifecycle (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, mint TEXT, sort TEXT, standing INTEGER, body BLOB
);
CREATE INDEX lifecycle_mint ON lifecycle (mint, sort);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, post TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, search TEXT,
    body BLOB
);
CREATE VIRTUAL TABLE post_text USING fts5 (words, fragments, {_TEXT});
CREATE TABLE engagements (
    post TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB
) WITHOUT ROWID;
CREATE TABLE links (mint TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB) WITHOUT ROWID;
CREATE TABLE link_posts (
    post TEXT NOT NULL, mint TEXT NOT NULL, PRIMARY KEY (post, mint)
) WITHOUT ROWID;
CREATE INDEX link_posts_mint ON link_posts (mint);
CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
    change INTEGER NOT NULL, kind TEXT NOT NULL, model TEXT, vector BLOB, body BLOB
);
CREATE INDEX embeddings_change ON embeddings (change);
CREATE INDEX embeddings_newest ON embeddings (kind, version);
CREATE TABLE identity (name TEXT NOT NULL);
INSERT INTO identity SELECT hex(randomblob(16));
CREATE TABLE progress (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB) WITHOUT ROWID;
"""
_STANDING = {
    "tokens": "{row}.stage IS NOT NULL",
    "trades": "coalesce({row}.standing, 0)",
    "posts": "{row}.body IS NOT NULL",
    "links": "{row}.body IS NOT NULL",
}


def _total(noun: str, standing: str) -> str:
    """Return the statements that keep the total of one table."""
    new, old = standing.format(row="new"), standing.format(row="old")
    change = f"UPDATE totals SET total = total + ({{}}) WHERE noun = '{noun}'"  # noqa: S608
    return (
        f"INSERT INTO totals VALUES ('{noun}', 0);\n"  # noqa: S608
        f"CREATE TRIGGER {noun}_added AFTER INSERT ON {noun} BEGIN {change.format(new)}; END;\n"
        f"CREATE TRIGGER {noun}_changed AFTER UPDATE ON {noun} WHEN ({new}) <> ({old}) "
        f"BEGIN {change.format(f'({new}) - ({old})')}; END;\n"
    )


_TOTALS = "CREATE TABLE totals (noun TEXT PRIMARY KEY, total INTEGER) WITHOUT ROWID;\n" + "".join(
    _total(noun, standing) for noun, standing in _STANDING.items()
)


def connect(path: Path) -> sqlite3.Connection:
    """Open a connection that any thread may use, one at a time."""
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    # What was committed survives a loss of power: the offsets committed after it do, too.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -16384")
    return db


def prepare(path: Path) -> None:
    """Make the file and its tables, unless they are there.

    Raises:
        UnusableStoreError: the file was made by another version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    db = connect(path)
    try:
        # One that is there is opened also while somebody writes to it, or stands still doing so.
        if _version(db) == SCHEMA_VERSION:
            return
        db.execute("BEGIN IMMEDIATE")
        found = _version(db)
        if found not in (0, SCHEMA_VERSION):
            raise UnusableStoreError(
                f"The store {path} was made by another version; make it anew with: btracker rebuild"
            )
        if not found:
            _create(db)
        db.execute("COMMIT")
    finally:
        db.close()


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _create(db: sqlite3.Connection) -> None:
    for statement in (_TABLES + _TOTALS).split(";\n"):
        if statement.strip():
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
