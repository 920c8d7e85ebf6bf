"""Two API replicas over one cache: no gap goes unnoticed, and nobody is answered backwards."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.app import create_app
from api.serve import listen, serve
from api.settings import ApiSettings
from schemas.token import Token
from tests import samples
from tests.caches import Cache, running_cache
from tests.samples import batch, put
from views.live.drafting import Drafting
from views.live.publisher import Publisher
from views.live.reader import LiveReader
from views.memory import MemoryViews

pytestmark = pytest.mark.slow
MINTS = [
    "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ",
    "So11111111111111111111111111111111111111112",
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
]
WAIT_S = 30
CLIENTS = 12
CHANGES = 900
HISTORY = 64
"""Messages that can be resumed: some clients stay away for longer."""


@pytest.fixture
def cache() -> Iterator[Cache]:
    """Give an empty cache."""
    with running_cache() as running:
        yield running


class Market:
    """A store, and a writer that changes tokens in store and feed, the feed first."""

    def __init__(self, cache: Cache) -> None:
        self.views, self._redis = MemoryViews(), Redis.from_url(cache.url)
        self._publisher = Publisher(self._redis, history_frames=HISTORY, history_s=60)
        self._drafting = Drafting()
        self.tokens = {mint: samples.token(mint, version=1) for mint in MINTS}

    async def begin(self) -> None:
        """Make the tokens known."""
        await self._publisher.begin_epoch({})
        for mint in MINTS:
            await self.change(mint)

    async def change(self, mint: str) -> Token:
        """Change a token, so that any of its numbers tells its version."""
        version = self.tokens[mint].version + 1
        token = replace(self.tokens[mint], holders=version, trades=2 * version, version=version)
        self.tokens[mint] = token
        write = put(token, version)
        await self._publisher.publish(list(self._drafting.drafts({"tokens": [write]})), notes={})
        await self.views.write(batch(write))
        return token

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()


@asynccontextmanager
async def replica(folder: Path, cache: Cache, views: MemoryViews) -> AsyncIterator[int]:
    """Run an API; give its port."""
    settings = ApiSettings(data=folder, port=0, redis=cache.url, ws_stall_s=1)
    live = LiveReader(cache.url, views, partitions=1)
    listener, stop = listen(settings), asyncio.Event()
    app = create_app(views, live, settings)
    serving = asyncio.create_task(serve(app, listener=listener, stop=stop))
    try:
        async with asyncio.timeout(WAIT_S):
            while live.paused:  # noqa: ASYNC110 - It is another process that we wait for.
                await asyncio.sleep(0.01)
        yield listener.getsockname()[1]
    finally:
        stop.set()
        await serving


@asynccontextmanager
async def replicas(folder: Path, cache: Cache) -> AsyncIterator[tuple[Market, list[int]]]:
    """Give a market, and the ports of two APIs over it."""
    market = Market(cache)
    await market.begin()
    async with AsyncExitStack() as stack:
        ports = [
            await stack.enter_async_context(replica(folder / name, cache, market.views))
            for name in "ab"
        ]
        yield market, ports
    await market.close()


async def until(
    http: httpx.AsyncClient, url: str, good: Callable[[httpx.Response], bool]
) -> httpx.Response:
    """Return the first answer that is good."""
    async with asyncio.timeout(WAIT_S):
        while True:
            answer = await http.get(url)
            if good(answer):
                return answer


class Client:
    """Follows a token; checks that each message names the one before it, and keeps the state."""

    def __init__(self, ports: list[int], mint: str, rng: random.Random) -> None:
        self._ports, self._mint, self._rng = ports, mint, rng
        self.state: dict[str, Any] = {}
        self.resets = self.resumed = 0
        self._place: tuple[str, int] | None = None

    async def follow(self, until: asyncio.Event, version: Any) -> None:
        """Come and go until the end, and then until the newest version is there."""
        while not (until.is_set() and self.state.get("version") == version()):
            port = self._rng.choice(self._ports)
            url = f"ws://127.0.0.1:{port}/v1/stream"
            slow = self._rng.random() < 0.3
            with suppress(ConnectionClosed):
                async with connect(url, proxy=None, max_queue=1 if slow else 16) as connection:
                    await self._visit(connection, until, version, slow=slow)

    async def _visit(
        self, connection: ClientConnection, until: asyncio.Event, version: Any, *, slow: bool
    ) -> None:
        command: dict[str, Any] = {"op": "subscribe", "channel": "token", "key": self._mint}
        if self._place:
            command["resume"] = {"epoch": self._place[0], "seq": self._place[1]}
        await connection.send(json.dumps(command))
        left = self._rng.randrange(1, 60)
        while until.is_set() or left:
            left = max(0, left - 1)
            self._take(json.loads(await asyncio.wait_for(connection.recv(), WAIT_S)))
            if until.is_set() and self.state.get("version") == version():
                return
            if slow:
                await asyncio.sleep(self._rng.random() / 10)
        # Some say goodbye, others are just gone.
        if self._rng.random() < 0.5:
            connection.transport.abort()

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("channel") != "token" or message["type"] == "ack":
            return
        place = message["epoch"], message["seq"]
        if message["type"] == "reset":
            self.resets += 1
            self._place = None
            return
        if message["type"] == "snapshot":
            self.state = message["data"]
        else:
            assert self._place == (message["epoch"], message["prevSeq"]), "a gap nobody was told of"
            assert message["data"]["version"] > self.state["version"]
            self.state |= message["data"]
            self.resumed += 1
        self._place = place
        assert self.state["holders"] == self.state["version"] == self.state["trades"] // 2


async def test_clients_that_come_and_go_miss_nothing(tmp_path: Path, cache: Cache) -> None:
    """Killed, slow, away for long, now here, now there: each ends with what REST answers."""
    rng = random.Random(7)
    async with replicas(tmp_path, cache) as (market, ports), httpx.AsyncClient() as http:
        ended = asyncio.Event()
        clients = [Client(ports, MINTS[n % 3], random.Random(n)) for n in range(CLIENTS)]
        following = [
            asyncio.create_task(
                client.follow(ended, lambda mint=MINTS[n % 3]: market.tokens[mint].version)
            )
            for n, client in enumerate(clients)
        ]
        for _ in range(CHANGES):
            await market.change(rng.choice(MINTS))
            await asyncio.sleep(0.001)
        ended.set()
        async with asyncio.timeout(4 * WAIT_S):
            await asyncio.gather(*following)
        answers = {
            (port, mint): (await http.get(f"http://127.0.0.1:{port}/v1/tokens/{mint}")).content
            for port in ports
            for mint in MINTS
        }

    expected = {mint: msgspec.json.encode(token) for mint, token in market.tokens.items()}
    assert answers == {(port, mint): expected[mint] for port in ports for mint in MINTS}
    assert [json.loads(expected[MINTS[n % 3]]) for n in range(CLIENTS)] == [
        c.state for c in clients
    ]
    assert min(client.resumed for client in clients) > 0
    assert sum(client.resets for client in clients) > 0


async def test_versions_do_not_go_down_from_one_replica_to_the_other(
    tmp_path: Path, cache: Cache
) -> None:
    """Who shows what it has seen, to either of the two in turn, is never answered less."""
    async with replicas(tmp_path, cache) as (market, ports), httpx.AsyncClient() as http:
        seen, read = 0, list[int]()
        for number in range(300):
            if number % 3 == 0:
                await market.change(MINTS[0])
            url = f"http://127.0.0.1:{ports[number % 2]}/v1/tokens/{MINTS[0]}"
            answer = await http.get(url, headers={"if-none-match": f'"{seen}"'})
            seen = int(answer.headers["etag"].strip('"'))
            read.append(seen)
        newest = market.tokens[MINTS[0]].version

    assert read == sorted(read)
    assert (len(set(read)) > 50, read[-1] <= newest) == (True, True)


async def test_without_redis_the_store_answers_and_with_it_nothing_is_older(
    tmp_path: Path, cache: Cache
) -> None:
    """A hot token's reads go on without the cache, and say so; when it is back they are live."""
    async with replicas(tmp_path, cache) as (market, ports), httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{ports[0]}/v1/tokens/{MINTS[0]}"
        for _ in range(3):
            before = await http.get(url)
        cache.kill()
        paused = await until(http, url, lambda answer: "x-btracker-live" in answer.headers)
        token = replace(market.tokens[MINTS[0]], holders=77, version=1000)
        await market.views.write(batch(put(token, 1000)))
        later = await until(http, url, lambda answer: answer.headers["etag"] == '"1000"')
        cache.start()
        back = await until(http, url, lambda answer: "x-btracker-live" not in answer.headers)

    assert [200] * 4 == [a.status_code for a in (before, paused, later, back)]
    assert before.content == paused.content
    assert (later.headers["x-btracker-live"], back.headers["etag"]) == ("paused", '"1000"')


async def test_a_quiet_token_is_kept_in_redis_for_a_while(tmp_path: Path, cache: Cache) -> None:
    """What the store was asked for is in the cache for 30 s, and a change comes before it."""
    market = Market(cache)
    await market._publisher.begin_epoch({})
    await market.views.write(batch(put(market.tokens[MINTS[0]], 1)))
    redis = Redis.from_url(cache.url)
    reader = LiveReader(cache.url, market.views, partitions=1)
    await reader.start()
    async with asyncio.timeout(WAIT_S):
        while reader.paused:  # noqa: ASYNC110 - It is another process that we wait for.
            await asyncio.sleep(0.01)
    epoch, nothing = await reader.recall(MINTS[0])
    stored = await market.views.token(MINTS[0])
    assert stored is not None
    await reader.remember(stored, epoch=epoch)
    _, kept = await reader.recall(MINTS[0])
    (name,) = await redis.keys("bt:live:stored:*")
    left_s = await redis.ttl(name)
    await market.change(MINTS[0])
    _, changed = await reader.recall(MINTS[0])
    await reader.close()
    await redis.aclose()
    await market.close()

    assert (None, stored) == (nothing, kept)
    assert 0 < left_s <= 30
    assert changed is not None
    assert changed.version == 2
