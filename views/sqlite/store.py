"""The embedded store behind the contract: one writing thread, a few reading ones."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from domain.errors import StoreError, UnusableStoreError
from schemas.candle import VersionedTrade
from schemas.fields import Address, ChainTime, Mint
from schemas.post import Post
from schemas.progress import Progress
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from views.contract import (
    Hit,
    Holder,
    Key,
    LinkedPost,
    Page,
    Position,
    PostView,
    StoreCounts,
    TokenDocument,
    TokenQuery,
    Views,
)
from views.figures import CreatorFigures, MarketFigures
from views.likeness import Similar
from views.sqlite import read
from views.sqlite.columns import Columns
from views.sqlite.documents import documents, order_of
from views.sqlite.lock import WriteLock
from views.sqlite.matrix import Matrix
from views.sqlite.put import put
from views.sqlite.schema import BUSY_S, connect, prepare
from views.sqlite.search import search
from views.sqlite.similar import similar_posts, similar_tokens
from views.writes import Batch, Document

Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")

READERS = 4
VECTORS = 200_000
"""Of tokens, and of posts, that are kept in memory once they are asked for: 300 MB each."""
_PRIMARY = 0xFF  # The part of SQLite's error codes that names the kind.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SQLiteViews:
    """The store in one file; other processes may read it at the same time."""

    kind = "sqlite"

    def __init__(self, path: Path, *, vectors: int = VECTORS) -> None:
        with _store_errors(path):
            prepare(path)
        self.path, self._lock = path, WriteLock(path, wait_s=BUSY_S)
        self._tokens, self._posts = (Matrix(k, most=vectors) for k in ("token", "post"))
        self._own, self._columns = threading.local(), Columns()
        self._opened: list[sqlite3.Connection] = []
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")

    async def close(self) -> None:
        """Let the running statements end and close the file."""
        for pool in (self._readers, self._writer):
            await asyncio.to_thread(pool.shutdown)
        for db in self._opened:
            db.close()

    async def write(self, batch: Batch) -> None:
        """Put a batch, all of it or nothing; durable when this returns."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._write, batch)

    async def tokens(self, query: TokenQuery) -> Page[TokenDocument]:
        """Return the tokens that a query asks for."""
        return await self._ask(read.tokens, self._columns, query)

    async def token(self, mint: Mint) -> TokenDocument | None:
        """Return one token."""
        return next(iter(await self._ask(read.tokens_by_mint, [mint])), None)

    async def tokens_by_mint(self, mints: Sequence[Mint]) -> tuple[TokenDocument, ...]:
        """Return the known ones of some tokens, in the order asked for."""
        return await self._ask(read.tokens_by_mint, mints)

    async def trades(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a token's trades, newest first in chain order."""
        return await self._ask(read.trades, "mint", mint, limit, after)

    async def trades_of(
        self, trader: Address, *, limit: int, after: Key | None = None
    ) -> Page[TradeRecord]:
        """Return a wallet's trades in all tokens, newest first in chain order."""
        return await self._ask(read.trades, "trader", trader, limit, after)

    async def trades_between(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[VersionedTrade, ...]:
        """Return a token's trades from *start* up to before *end*, oldest first."""
        return await self._ask(read.trades_between, mint, start, end)

    async def last_trade_before(self, mint: Mint, at: ChainTime) -> TradeRecord | None:
        """Return a token's last trade before *at* that has a price."""
        return await self._ask(read.last_trade_before, mint, at)

    async def minutes(
        self, mint: Mint, *, start: ChainTime, end: ChainTime
    ) -> tuple[CandleRecord, ...]:
        """Return the minutes that start from *start* up to before *end*, in order."""
        return await self._ask(read.minutes, mint, start, end)

    async def last_minute_before(
        self, mint: Mint, at: ChainTime, *, priced: bool = True
    ) -> CandleRecord | None:
        """Return a token's last minute that starts before *at*; *priced*: with a price."""
        return await self._ask(read.last_minute_before, mint, at, priced)

    async def holders(self, mint: Mint, *, limit: int, after: Key | None = None) -> Page[Holder]:
        """Return who holds a token, largest first, ties by address."""
        return await self._ask(read.holders, mint, limit, after)

    async def accounts(self, mint: Mint, *, limit: int) -> tuple[HolderRecord, ...]:
        """Return a token's largest accounts that are not empty, ties by account."""
        return await self._ask(read.accounts, mint, limit)

    async def lifecycle(
        self, mint: Mint, *, limit: int, after: Key | None = None
    ) -> Page[LifecycleRecord]:
        """Return what became of a token, newest first."""
        return await self._ask(read.lifecycle, mint, limit, after)

    async def posts_of(self, mint: Mint) -> tuple[LinkedPost, ...]:
        """Return the matched post of a token, or its candidates; newest first."""
        return await self._ask(read.posts_of, mint)

    async def post(self, post_id: str) -> PostView | None:
        """Return a post with the tokens it is linked to, by mint."""
        return await self._ask(read.post, post_id)

    async def creator(self, address: Address) -> CreatorFigures:
        """Return what a creator launched."""
        return await self._ask(read.creator, address)

    async def positions(
        self, owner: Address, *, limit: int, after: Key | None = None
    ) -> Page[Position]:
        """Return what a wallet holds, by mint."""
        return await self._ask(read.positions, owner, limit, after)

    async def search(self, text: str, *, limit: int) -> tuple[Hit, ...]:
        """Return the tokens and posts that fit best, best first."""
        return await self._ask(search, self._columns, text, limit)

    async def similar_tokens(self, mint: Mint, query: TokenQuery) -> Similar[TokenDocument]:
        """Return the tokens like one, of the newest that fit into memory."""
        return await self._ask(similar_tokens, self._tokens, mint, query)

    async def similar_posts(self, post_id: str, *, limit: int) -> Similar[Post]:
        """Return the posts like one, of the newest that fit into memory."""
        return await self._ask(similar_posts, self._posts, post_id, limit)

    async def stats(self, now: ChainTime) -> tuple[MarketFigures, ...]:
        """Return the market's figures at chain time *now*."""
        return await self._ask(read.stats, self._columns, now)

    async def documents(
        self, noun: str, *, limit: int, after: Document | None = None
    ) -> tuple[Document, ...]:
        """Return all that is kept of a noun, by the columns of its key."""
        return await self._ask(documents, noun, limit, after)

    async def counts(self) -> StoreCounts:
        """Return how much is visible."""
        return await self._ask(read.counts)

    async def progress(self) -> tuple[Progress, ...]:
        """Return the newest progress of every stage, partition and source, in this order."""
        return await self._ask(read.progress)

    async def _ask(
        self,
        question: Callable[Concatenate[sqlite3.Connection, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        def answer() -> Answer:
            with _store_errors(self.path):
                db = self._db()
                # One transaction: all statements of an answer see the same state.
                db.execute("BEGIN")
                try:
                    return question(db, *args, **kwargs)
                finally:
                    if db.in_transaction:
                        db.execute("ROLLBACK")

        return await asyncio.get_running_loop().run_in_executor(self._readers, answer)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Let nobody else write meanwhile; reading goes on."""
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, self._lock.held())
            yield

    async def check(self) -> None:
        """Read through the file once.

        Raises:
            UnusableStoreError: what is there is not what SQLite has written.
        """
        found = await self._ask(lambda db: db.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found != "ok":
            raise _damaged(self.path, found)

    def order_of(self, noun: str, key: str) -> tuple[Any, ...]:
        """Return by what ``documents`` come in order."""
        return order_of(noun, key)

    async def become(self, other: Views) -> None:
        """Take over all that *other* has, at once; whoever reads sees the one or the other."""
        if not isinstance(other, SQLiteViews):
            raise TypeError(other)
        await asyncio.get_running_loop().run_in_executor(self._writer, self._become, other)

    def _become(self, other: "SQLiteViews") -> None:
        with _store_errors(self.path), self._lock.held():
            source = connect(other.path)
            try:
                source.backup(self._db())
            finally:
                source.close()
            # All of it is in the log now: as large as the store, if nobody cuts it off.
            self._db().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _write(self, batch: Batch) -> None:
        with _store_errors(self.path), self._lock.held():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                put(db, batch)
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    def _db(self) -> sqlite3.Connection:
        """Return this thread's own connection, to the file that is there now.

        A rebuild sets one that is unusable aside, and puts another into its place.
        """
        db: sqlite3.Connection | None = getattr(self._own, "db", None)
        there = _identity(self.path)
        if db is not None and there in {None, self._own.file}:
            return db
        if db is not None:
            self._opened.remove(db)
            db.close()
        db = self._own.db = connect(self.path)
        self._own.file = _identity(self.path)
        self._opened.append(db)
        return db


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other one, None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _damaged(path: Path, said: object) -> UnusableStoreError:
    return UnusableStoreError(
        f"The store {path} is damaged ({said}); make it anew with: btracker rebuild"
    )


@contextmanager
def _store_errors(path: Path) -> Iterator[None]:
    """Turn what is not our mistake into ``StoreError``; what is stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # What the module itself finds fault with has no code.
        kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
        if kind in _DAMAGED:
            raise _damaged(path, error) from error
        if kind == sqlite3.SQLITE_ERROR or not isinstance(error, sqlite3.OperationalError):
            raise  # A statement that makes no sense.
        raise StoreError(f"The store does not answer: {error}.") from error
