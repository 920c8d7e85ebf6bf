"""Reading from the embedded store: what the contract asks, one function each."""

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from domain.windows import DAY_S, HOUR_S
from schemas.candle import Tick, VersionedTrade
from schemas.engagement import Engagement
from schemas.fields import Address, ChainTime, Mint
from schemas.link import LinkRecord
from schemas.post import Post
from schemas.progress import Progress
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from views import answers
from views.contract import (
    Figure,
    Holder,
    Key,
    LinkedPost,
    Page,
    Position,
    PostView,
    StoreCounts,
    TokenDocument,
    TokenQuery,
)
from views.figures import CreatorFigures, MarketFigures
from views.market import Traded, market
from views.sqlite.columns import Columns
from views.sqlite.select import (
    Statement,
    page_statement,
    tokens_statement,
)

Item = TypeVar("Item")

_token = msgspec.json.Decoder(Token).decode
_traded = msgspec.json.Decoder(Traded).decode
_tick = msgspec.json.Decoder(Tick).decode
_trade = msgspec.json.Decoder(TradeRecord).decode
_candle = msgspec.json.Decoder(CandleRecord).decode
_account = msgspec.json.Decoder(HolderRecord).decode
_lifecycle = msgspec.json.Decoder(LifecycleRecord).decode
_post = msgspec.json.Decoder(Post).decode
_engagement = msgspec.json.Decoder(Engagement).decode
_link = msgspec.json.Decoder(LinkRecord).decode
_progress = msgspec.json.Decoder(Progress).decode


def tokens(db: sqlite3.Connection, columns: Columns, query: TokenQuery) -> Page[TokenDocument]:
    """Return the tokens that a query asks for."""
    found: list[Any] = []
    for rows in columns.passing(db, query).firsts(query.limit + 1):
        found = _all(db, tokens_statement(query, rows.tolist()))
        if len(found) > query.limit:
            break
    shown = answers.page(found, limit=query.limit, key=lambda row: Key(row[0], row[1]))
    return Page(tuple(_document(row[1:]) for row in shown.items), shown.next)


def tokens_by_mint(db: sqlite3.Connection, mints: Sequence[Mint]) -> tuple[TokenDocument, ...]:
    """Return the known ones of some tokens, in the order asked for."""
    rows = db.execute(
        "SELECT mint, version, slot, body FROM tokens JOIN token_bodies USING (id) "
        "WHERE body IS NOT NULL AND mint IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(mints).decode(),),
    )
    found = {row[0]: _document(row) for row in rows}
    return tuple(found[mint] for mint in mints if mint in found)


def trades(
    db: sqlite3.Connection, column: str, address: Address, limit: int, after: Key | None
) -> Page[TradeRecord]:
    """Return the trades of a mint or of a trader (*column*), newest first."""
    statement = page_statement(
        "id, body FROM trades", f"{column} = ? AND standing", [address],
        after=after, limit=limit, ties="id",
    )  # fmt: skip
    rows = _page(db, statement, limit)
    return Page(tuple(_trade(row[2]) for row in rows.items), rows.next)


def trades_between(
    db: sqlite3.Connection, mint: Mint, start: ChainTime, end: ChainTime
) -> tuple[VersionedTrade, ...]:
    """Return a token's trades of a time, oldest first, the retracted ones too."""
    rows = db.execute(
        "SELECT version, body FROM trades "
        "WHERE mint = ? AND time >= ? AND time < ? AND body IS NOT NULL ORDER BY sort, id",
        (mint, start, end),
    )
    return tuple(VersionedTrade(version, _tick(body)) for version, body in rows)


def last_trade_before(db: sqlite3.Connection, mint: Mint, at: ChainTime) -> TradeRecord | None:
    """Return a token's last trade before *at* that has a price."""
    row = db.execute(
        "SELECT body FROM trades WHERE mint = ? AND time < ? AND priced "
        "ORDER BY time DESC, sort DESC, id DESC LIMIT 1",
        (mint, at),
    ).fetchone()
    return _trade(row[0]) if row else None


def minutes(
    db: sqlite3.Connection, mint: Mint, start: ChainTime, end: ChainTime
) -> tuple[CandleRecord, ...]:
    """Return a token's minutes of a time, in order."""
    rows = db.execute(
        "SELECT body FROM candles "
        "WHERE mint = ? AND start >= ? AND start < ? AND body IS NOT NULL ORDER BY start",
        (mint, start, end),
    )
    return tuple(_candle(body) for (body,) in rows)


def last_minute_before(
    db: sqlite3.Connection, mint: Mint, at: ChainTime, priced: bool
) -> CandleRecord | None:
    """Return a token's last minute that starts before *at*; *priced*: with a price."""
    row = db.execute(
        "SELECT body FROM candles WHERE mint = ? AND start < ? AND body IS NOT NULL "
        "AND priced >= ? ORDER BY start DESC LIMIT 1",
        (mint, at, priced),
    ).fetchone()
    return _candle(row[0]) if row else None


def holders(db: sqlite3.Connection, mint: Mint, limit: int, after: Key | None) -> Page[Holder]:
    """Return who holds a token, largest first."""
    token = _token_of(db, mint)
    supply = token.supply if token else None
    statement = page_statement(
        "owner, amount FROM holdings", "mint = ?", [mint], after=after, limit=limit, ties="owner"
    )
    rows = _page(db, statement, limit)
    found = (answers.holder(owner, amount, supply=supply) for _, owner, amount in rows.items)
    return Page(tuple(found), rows.next)


def accounts(db: sqlite3.Connection, mint: Mint, limit: int) -> tuple[HolderRecord, ...]:
    """Return a token's largest accounts that are not empty."""
    rows = db.execute(
        "SELECT body FROM accounts WHERE mint = ? AND sort > '1' "
        "ORDER BY sort DESC, account ASC LIMIT ?",
        (mint, limit),
    )
    return tuple(_account(body) for (body,) in rows)


def lifecycle(
    db: sqlite3.Connection, mint: Mint, limit: int, after: Key | None
) -> Page[LifecycleRecord]:
    """Return what became of a token, newest first."""
    statement = page_statement(
        "id, body FROM lifecycle", "mint = ? AND standing", [mint],
        after=after, limit=limit, ties="id",
    )  # fmt: skip
    rows = _page(db, statement, limit)
    return Page(tuple(_lifecycle(row[2]) for row in rows.items), rows.next)


def posts_of(db: sqlite3.Connection, mint: Mint) -> tuple[LinkedPost, ...]:
    """Return the matched post of a token, or its candidates."""
    row = db.execute("SELECT body FROM links WHERE mint = ? AND body IS NOT NULL", (mint,))
    found = row.fetchone()
    return (
        answers.posts_of(_link(found[0]), lambda post_id: _known_post(db, post_id)) if found else ()
    )


def post(db: sqlite3.Connection, post_id: str) -> PostView | None:
    """Return a post with the tokens it is linked to, by mint."""
    known = _known_post(db, post_id)
    rows = db.execute(
        "SELECT body FROM link_posts JOIN links USING (mint) WHERE post = ? ORDER BY mint",
        (post_id,),
    )
    links = (answers.post_link(_link(body), post_id) for (body,) in rows)
    return answers.post_view(known, links) if known else None


def creator(db: sqlite3.Connection, address: Address) -> CreatorFigures:
    """Return what a creator launched."""
    rows = db.execute(
        "SELECT body FROM tokens JOIN token_bodies USING (id) "
        "WHERE creator = ? AND body IS NOT NULL",
        (address,),
    )
    launched = (_token(body) for (body,) in rows)
    return answers.creator_figures(address, ((t.stage, t.launched_at) for t in launched))


def positions(
    db: sqlite3.Connection, owner: Address, limit: int, after: Key | None
) -> Page[Position]:
    """Return what a wallet holds, by mint."""
    rows = db.execute(
        "SELECT holdings.mint, amount, body FROM holdings LEFT JOIN tokens USING (mint) "
        "LEFT JOIN token_bodies USING (id) "
        "WHERE owner = ? AND holdings.mint > ? ORDER BY holdings.mint LIMIT ?",
        (owner, after.id if after else "", limit + 1),
    ).fetchall()
    shown = answers.page(rows, limit=limit, key=lambda row: Key(None, row[0]))
    found = (
        answers.position(mint, amount, token=_token(body) if body else None)
        for mint, amount, body in shown.items
    )
    return Page(tuple(found), shown.next)


def stats(db: sqlite3.Connection, columns: Columns, now: ChainTime) -> tuple[MarketFigures, ...]:
    """Return the market's figures at chain time *now*."""
    recent = Decimal(now - DAY_S - HOUR_S)
    bounds: Mapping[Figure, Decimal] = {
        "trades24h": Decimal(1),
        "launchedAt": recent,
        "completedAt": recent,
    }
    rows = msgspec.json.encode(columns.reaching(db, bounds).tolist()).decode()
    bodies = db.execute(
        "SELECT body FROM token_bodies WHERE id IN (SELECT value FROM json_each(?))", (rows,)
    )
    return market((_traded(body) for (body,) in bodies), now=now)


def counts(db: sqlite3.Connection) -> StoreCounts:
    """Return how much is visible."""
    return StoreCounts(**dict(db.execute("SELECT noun, total FROM totals").fetchall()))


def progress(db: sqlite3.Connection) -> tuple[Progress, ...]:
    """Return the newest progress of every stage, partition and source, in this order."""
    rows = db.execute("SELECT body FROM progress WHERE body IS NOT NULL")
    found = [_progress(body) for (body,) in rows]
    return tuple(sorted(found, key=lambda p: (p.stage, p.partition, p.source or "")))


def _all(db: sqlite3.Connection, statement: Statement) -> list[Any]:
    return db.execute(*statement).fetchall()


def _page(db: sqlite3.Connection, statement: Statement, limit: int) -> Page[Any]:
    return answers.page(_all(db, statement), limit=limit, key=lambda row: Key(row[0], row[1]))


def _document(row: Sequence[Any]) -> TokenDocument:
    mint, version, slot, body = row
    return TokenDocument(mint=mint, version=version, slot=slot, body=msgspec.Raw(body))


def _token_of(db: sqlite3.Connection, mint: Mint) -> Token | None:
    found = tokens_by_mint(db, [mint])
    return _token(found[0].body) if found else None


def _known_post(db: sqlite3.Connection, post_id: str) -> answers.KnownPost | None:
    row = db.execute(
        "SELECT posts.body, engagements.body FROM posts LEFT JOIN engagements USING (post) "
        "WHERE post = ? AND posts.body IS NOT NULL",
        (post_id,),
    ).fetchone()
    return (
        answers.KnownPost(_post(row[0]), _engagement(row[1]) if row[1] else None) if row else None
    )
