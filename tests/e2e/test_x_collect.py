"""The collector of posts against an X that goes wrong: every post it delivered, no limit broken."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from domain.posts.read import read_post
from schemas.post import PostClaim
from schemas.topics import PROGRESS, RAW_X
from streams import topics
from streams.sources.collect import run_collect
from streams.sources.cursors import known_cursors
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.deleting import delete_posts
from streams.sources.x.desk import HEADERS
from streams.sources.x.settings import XSettings
from tests.brokers import Broker
from tests.e2e.test_collect import read
from tests.shared import MARKET
from tests.unit.match import test_market as market
from tests.unit.match.claims import said
from tests.xserver.faults import XFaults
from tests.xserver.server import XServer, recorded
from tests.xserver.serving import serve_x

pytestmark = [pytest.mark.slow, market.pytestmark]

WITHIN_S = 60.0
SPEED = 40_000
"""The market's day of posts in two seconds."""
WRONG = XFaults(
    drop=0.15, duplicate=0.2, malformed=0.2, bare_rule=0.3, split=0.3, cut_every=7, close_every=11
)


def posts() -> list[dict[str, Any]]:
    """Return the market's posts."""
    return recorded(MARKET / "posts.jsonl")


def listening(x: XServer, **told: Any) -> XSettings:
    """Return what a collector is told."""
    usual = {"x": x.url, "x_bearer_token": SecretStr(x.token), "x_sweep_s": 0.5, "x_stall_s": 2.0}
    return XSettings(**{**usual, **told})


@asynccontextmanager
async def collecting(broker: Broker, data: Path, x: XSettings) -> AsyncIterator[None]:
    """Run a collector."""
    settings, stop = CollectSettings(kafka=broker.address, data=data), asyncio.Event()
    task = asyncio.create_task(run_collect(settings, SolanaSettings(), x, stop))
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        stop.set()
        await task


async def until(is_so: Callable[[], Any]) -> None:
    """Wait until a coroutine says so."""
    deadline = time.monotonic() + WITHIN_S
    while not await is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def until_through(broker: Broker, last: str) -> None:
    """Wait until the collector says that all posts through one are on the topic."""

    async def is_so() -> bool:
        known = (await known_cursors(broker.kafka)).get("x")
        return known is not None and int(known.post_id or 0) >= int(last)

    await until(is_so)


async def told(broker: Broker) -> dict[str, Any]:
    """Return what the collector said of X last."""
    said_of_x = [json.loads(one.value) for one in await read(broker.kafka, PROGRESS.name)]
    return next((one for one in reversed(said_of_x) if one["source"] == "x"), {})


def standing(records: list[Any]) -> dict[str, bytes]:
    """Return the newest line of each post that was not deleted, by its first id."""
    newest = {one.key.decode(): one.value for one in records}
    return {post_id: value for post_id, value in newest.items() if value is not None}


def linked(lines: dict[str, bytes]) -> dict[str, str | None]:
    """Return which post each mint is linked to, if these are the posts."""
    others = [claim for claim in market.claims() if not isinstance(claim, PostClaim)]
    own = [PostClaim(post) for line in lines.values() if (post := read_post(line))]
    return {mint: link.post_id for mint, link in said([*others, *own]).items() if link.post_id}


@pytest.mark.parametrize("connections", [1, 2])
async def test_no_post_is_lost_whatever_goes_wrong(
    broker: Broker, tmp_path: Path, connections: int
) -> None:
    """Cuts, half lines, duplicates, misses, refusals, a kill: all posts, and the truth's links.

    No more connections are made, at once or in a while, than are allowed.
    """
    await topics.create(broker.kafka, partitions=1)
    wrong = XFaults(**{**vars(WRONG), "connections": connections})
    async with serve_x(posts(), wrong) as x:
        last = x.to_come[-1]["data"]["id"]
        settings = listening(x, x_connections=connections)
        x.refuse(429, reset_s=1)
        dying = asyncio.create_task(
            run_collect(
                CollectSettings(kafka=broker.address, data=tmp_path / "1"),
                SolanaSettings(), settings, asyncio.Event(),
            )
        )  # fmt: skip
        await x.until_listened()
        playing = asyncio.create_task(x.play(SPEED))
        await asyncio.sleep(0.5)
        dying.cancel()
        with suppress(asyncio.CancelledError):
            await dying
        async with collecting(broker, tmp_path / "2", settings):
            x.refuse(429, reset_s=1)
            await playing
            await until_through(broker, last)
    lines = standing(await read(broker.kafka, RAW_X.name))
    expected = {mint: one["post_id"] for mint, one in market._truth().items() if one["post_id"]}

    assert {one["data"]["id"] for one in posts()} == set(lines)
    assert expected == linked(lines)
    assert (0, 0) == (x.refused["connections"], x.refused["connects"])
    assert connections >= x.most_connections
    assert x.refused["429"] == 2


async def test_no_more_connections_are_made_than_are_allowed(
    broker: Broker, tmp_path: Path
) -> None:
    """Where X ends each connection at once, the limit of 15 minutes holds; searches go on."""
    await topics.create(broker.kafka, partitions=1)
    async with serve_x(posts(), XFaults(connects=4, close_every=1)) as x:
        last = x.to_come[-1]["data"]["id"]
        async with collecting(broker, tmp_path, listening(x, x_connects=4)):
            await x.until_listened()
            await x.play(SPEED)
            await until_through(broker, last)

            async def is_so() -> bool:
                return "allowed in 15 minutes" in (await told(broker)).get("detail", "")

            await until(is_so)
        lines = standing(await read(broker.kafka, RAW_X.name))

    assert (4, 0) == (len(x.connects), x.refused["connects"])
    assert len(posts()) == len(lines)


@pytest.mark.parametrize("has_compliance", [True, False])
async def test_what_is_deleted_or_edited_on_x_is_so_here(
    broker: Broker, tmp_path: Path, has_compliance: bool
) -> None:
    """A deleted post gets a tombstone and does not come back; an edited one has its new text."""
    await topics.create(broker.kafka, partitions=1)
    hours = 12.0 if has_compliance else 0.0001
    async with serve_x(posts(), XFaults(compliance=has_compliance)) as x:
        first, second, third = (one["data"]["id"] for one in list(x.to_come)[:3])
        last = x.to_come[-1]["data"]["id"]
        settings = listening(x, x_compliance=has_compliance, x_check_hours=hours)
        async with collecting(broker, tmp_path, settings):
            await x.until_listened()
            await x.play()
            await until_through(broker, last)
            x.delete(first)
            # It does not address a launcher any more, so the filtered stream says nothing of it.
            x.edit(second, "never mind")

            async def is_so() -> bool:
                lines = standing(await read(broker.kafka, RAW_X.name))
                return first not in lines and b"never mind" in lines[second]

            await until(is_so)
            await delete_posts(broker.kafka, tmp_path / "journal", [third])
            x.cut()
            await until_through(broker, last)
        lines = standing(await read(broker.kafka, RAW_X.name))

    assert {one["data"]["id"] for one in posts()} - {first, third} == set(lines)
    assert [third] == (tmp_path / "journal" / "deleted-posts").read_text().split()


async def test_an_edit_is_not_lost_with_the_collector(broker: Broker, tmp_path: Path) -> None:
    """Killed behind an earlier version, which names the later one: that one comes, and stays."""
    await topics.create(broker.kafka, partitions=1)
    async with serve_x([], XFaults()) as x:
        line = posts()[0]
        post_id = line["data"]["id"]
        x.post(line)
        x.edit(post_id, "@launchcoin $AGAIN + Again")
        earlier = json.dumps(x.posted[post_id]).encode()
        async with AIOKafkaProducer(**broker.kafka.options) as producer:
            await producer.send_and_wait(
                RAW_X.name, earlier, key=post_id.encode(), headers=[*HEADERS]
            )
        async with collecting(broker, tmp_path, listening(x)):

            async def is_so() -> bool:
                return b"$AGAIN" in standing(await read(broker.kafka, RAW_X.name))[post_id]

            await until(is_so)
        told = [one.value for one in await read(broker.kafka, RAW_X.name)]

    assert [False, True] == [b"$AGAIN" in one for one in told]


async def test_who_leaves_x_takes_all_posts_along(broker: Broker, tmp_path: Path) -> None:
    """An account that is deleted or protected: tombstones of all it wrote, and of nothing else."""
    await topics.create(broker.kafka, partitions=1)
    async with serve_x(posts(), XFaults(compliance=True)) as x:
        first, second, *_ = (one["data"]["author_id"] for one in x.to_come)
        theirs = {
            one["data"]["id"] for one in posts() if one["data"]["author_id"] in {first, second}
        }
        last = x.to_come[-1]["data"]["id"]
        async with collecting(broker, tmp_path, listening(x, x_compliance=True)):
            await x.until_listened()
            await x.play()
            await until_through(broker, last)
            x.leave_x(first)
            x.leave_x(second, "user_protect")

            async def is_so() -> bool:
                return not theirs & standing(await read(broker.kafka, RAW_X.name)).keys()

            await until(is_so)
        lines = standing(await read(broker.kafka, RAW_X.name))

    assert {one["data"]["id"] for one in posts()} - theirs == set(lines)


@pytest.mark.parametrize("status", [401, 403])
async def test_whoever_is_not_wanted_does_not_ask_again(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """One sentence says why, and what to look at; the token stands nowhere, not even in logs."""
    caplog.set_level(logging.DEBUG)
    await topics.create(broker.kafka, partitions=1)
    async with serve_x(posts()) as x:
        x.refuse(status, times=100)
        async with collecting(broker, tmp_path, listening(x)):

            async def is_so() -> bool:
                return "stopped" in (await told(broker)).get("detail", "")

            await until(is_so)
            asked = x.asked["GET /2/tweets/search/stream/rules"]
            report = await told(broker)

    assert 1 == asked
    assert "stalled" == report["state"]
    assert f"HTTP {status}" in report["detail"]
    assert "bearer token" in report["detail"]
    assert x.token not in caplog.text
    assert x.asked["GET /2/tweets/search/stream"] == 0
