"""A real API process over a store, a cache and a writer; its connections can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from redis.asyncio import Redis

from api.settings import ApiSettings
from schemas.progress import Progress
from tests.caches import running_cache
from tests.contract.api.door import give_key
from tests.contract.api.market import Market, make_market, put, put_progress
from tests.contract.api.test_api_process import Api
from tests.samples import NOUNS, key_of
from views.live.drafting import Drafting
from views.live.message import Draft
from views.live.publisher import Publisher
from views.sqlite.store import SQLiteViews
from views.writes import Batch, Write


class Proxy:
    """Stands between clients and the server, and can cut what goes through it."""

    def __init__(self, target: int) -> None:
        self._target, self.port = target, 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.connections = 0

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Break every connection at once, without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        """Listen no more."""
        if self._server:
            self.cut()
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        both = {writer, back}
        self._writers |= both
        await asyncio.gather(_copy(reader, back), _copy(there, writer), return_exceptions=True)
        self._writers -= both
        for one in both:
            one.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


class Stage:
    """What clients are tried on: a market that changes when it is told to."""

    def __init__(self, *, api: Api, store: SQLiteViews, redis: Redis, market: Market, key: str):
        self.api, self.store, self.market, self.key = api, store, market, key
        self.proxy = Proxy(api.port)
        self._publisher = Publisher(redis, history_frames=100, history_s=600)
        self._drafting = Drafting()

    @property
    def url(self) -> str:
        """The address of the server behind the proxy."""
        return f"http://127.0.0.1:{self.proxy.port}"

    async def begin(self) -> None:
        """Say that what is in the store is known to all."""
        await self.proxy.start()
        await self._publisher.begin_epoch({})
        for token in self.market.tokens:
            list(self._drafting.drafts({"tokens": [put(token.mint, token, token.version)]}))

    async def lose_history(self) -> None:
        """Begin a new epoch: nothing sent before can be resumed."""
        await self._publisher.begin_epoch({})

    async def change(self, *records: Any) -> None:
        """Put records into the store, and tell the live clients of each."""
        for record in records:
            write = _write(record)
            noun = NOUNS[type(write.record)] if write.record is not None else "posts"
            await self.store.write(Batch(**{noun: [write]}))
            await self.tell(*self._drafting.drafts({noun: [write]}))

    async def tell(self, *drafts: Draft) -> None:
        """Tell the live clients something as it is."""
        await self._publisher.publish(drafts, notes={})


def _write(record: Any) -> Write[Any]:
    if isinstance(record, Write):
        return record
    if isinstance(record, Progress):
        return put_progress(record)
    version = getattr(record, "version", None) or getattr(record, "rev", 1)
    return put(key_of(record), record, version if isinstance(version, int) else 1)


def grown(market: Market, number: int, *, by: int) -> Any:
    """Return a token of a market some versions later: with that many trades and holders more."""
    token = market.tokens[number]
    return replace(
        token,
        version=token.version + by,
        trades=token.trades + by,
        holders=token.holders + by,
        slot=token.slot + by,
    )


@asynccontextmanager
async def staged(folder: Path, **environment: str) -> AsyncIterator[Stage]:
    """Give a running API process over a market of 40 tokens."""
    market, store = make_market(), SQLiteViews(folder / "store.sqlite")
    await market.put(store)
    _, key = give_key(ApiSettings(data=folder), scopes=("read", "stream", "operate"))
    with running_cache() as cache:
        api, redis = Api(folder, cache, **environment), Redis.from_url(cache.url)
        stage = Stage(api=api, store=store, redis=redis, market=market, key=key)
        try:
            await api.ready()
            await stage.begin()
            yield stage
        finally:
            await stage.proxy.stop()
            api.process.terminate()
            await asyncio.to_thread(api.process.communicate)
            await redis.aclose()
            await store.close()
