"""The API as its own process: a real store, a real cache, a real end."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from redis.asyncio import Redis

from tests.caches import Cache, running_cache
from tests.contract.api.market import Market
from tests.contract.api.test_api_live import Running
from views.live.message import Draft, Place
from views.live.publisher import Publisher
from views.sqlite.store import SQLiteViews

pytestmark = pytest.mark.slow
BTRACKER = str(Path(sys.executable).with_name("btracker"))


@pytest.fixture
def cache() -> Iterator[Cache]:
    """An empty cache."""
    with running_cache() as one:
        yield one


class Api:
    """A ``btracker api`` on a free port."""

    def __init__(self, folder: Path, cache: Cache, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            **os.environ,
            "BTRACKER_PORT": str(self.port),
            "BTRACKER_DATA": str(folder),
            "BTRACKER_STORE": f"sqlite:///{folder / 'store.sqlite'}",
            "BTRACKER_REDIS": cache.url,
            **environment,
        }
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more process on the same port."""
        return subprocess.Popen([BTRACKER, "api"], env=self.environment, stderr=subprocess.PIPE)

    async def ready(self) -> None:
        """Wait until it answers."""
        async with httpx.AsyncClient() as http:
            deadline = time.monotonic() + 60
            while True:
                try:
                    answer = await http.get(f"http://127.0.0.1:{self.port}/readyz")
                except httpx.TransportError:
                    assert self.process.poll() is None
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.05)
                else:
                    assert answer.status_code == 200
                    return


@pytest.fixture
async def api(tmp_path: Path, cache: Cache, market: Market) -> AsyncIterator[Api]:
    """A running API over the market."""
    store = SQLiteViews(tmp_path / "store.sqlite")
    await market.put(store)
    await store.close()
    one = Api(tmp_path, cache)
    try:
        await one.ready()
        yield one
    finally:
        one.process.kill()
        one.process.communicate()


async def publish(cache: Cache, *drafts: Draft) -> None:
    """Publish frames as the live writer does."""
    redis = Redis.from_url(cache.url)
    publisher = Publisher(redis, history_frames=100, history_s=60)
    if await publisher.resume() is None:
        await publisher.begin_epoch({})
    await publisher.publish(drafts, notes={})
    await redis.aclose()


async def test_a_published_frame_reaches_the_client_and_can_be_resumed(
    api: Api, cache: Cache, market: Market
) -> None:
    """From the cache to the client: a snapshot of the store, a change, and what was missed."""
    mint = market.tokens[0].mint
    server = Running(api.port, None, None, None)  # type: ignore[arg-type]
    place = Place("token", mint)
    await publish(cache, Draft(Place("token", "other"), "delta", 4, b"{}"))
    async with server.client() as client:
        await client.subscribe("token", mint)
        snapshot = await client.next("snapshot")
        first = b'{"holders":7,"version":2000000}'
        await publish(cache, Draft(place, "delta", 5, first, 2_000_000))
        change = await client.next("delta")
    later = b'{"holders":8,"version":2000001}'
    await publish(cache, Draft(place, "delta", 6, later, 2_000_001))
    async with server.client() as client:
        seen = {"epoch": change["epoch"], "seq": change["seq"]}
        await client.subscribe("token", mint, resume=seen)
        missed = await client.next("delta")

    assert market.tokens[0].symbol == snapshot["data"]["symbol"]
    assert json.loads(first) == change["data"]
    assert (change["seq"], json.loads(later)) == (missed["prevSeq"], missed["data"])


async def test_a_lost_cache_is_said_and_found_again(api: Api, cache: Cache, market: Market) -> None:
    """Without the cache, heartbeats say that nothing comes and REST goes on; later all is well."""
    server = Running(api.port, None, None, None)  # type: ignore[arg-type]
    mint = market.tokens[0].mint
    async with server.client() as client, httpx.AsyncClient() as http:
        await client.subscribe("trades", mint)
        await client.next("snapshot")
        cache.kill()
        while not (await client.next("heartbeat"))["data"]["paused"]:
            continue
        answer = await http.get(f"http://127.0.0.1:{api.port}/v1/tokens/{mint}")
        cache.start()
        while (await client.next("heartbeat"))["data"]["paused"]:
            continue
        trade = msgspec.json.encode(market.trades[0])
        await publish(cache, Draft(Place("trades", mint), "event", 5, trade, 1))
        after = [await client.next(), await client.next()]

    assert 200 == answer.status_code
    assert ["reset", "snapshot"] == [message["type"] for message in after]
    assert market.trades[0].id in {item["id"] for item in after[1]["data"]["items"]}


async def test_it_ends_quickly_and_cleanly(api: Api) -> None:
    """On SIGTERM clients are sent away with 1012, and the process ends with 0 within 10 s."""
    server = Running(api.port, None, None, None)  # type: ignore[arg-type]
    async with server.client() as client:
        api.process.send_signal(signal.SIGTERM)
        code, reason = await client.closed()
        status = await asyncio.to_thread(api.process.wait, 10)

    assert (1012, 0) == (code, status)
    assert json.loads(reason)["reconnectInMs"] >= 1000


async def test_a_port_in_use_is_said_in_a_sentence(api: Api) -> None:
    """A second process on the same port ends with 2 and names the remedy."""
    second = api.start()
    _, told = await asyncio.to_thread(second.communicate, timeout=20)

    assert 2 == second.returncode
    assert "BTRACKER_PORT" in told.decode()
    assert "Traceback" not in told.decode()
