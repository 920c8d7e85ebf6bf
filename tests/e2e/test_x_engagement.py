"""How posts do on X: collector and topics, ages passing, restarts, deletions, a short budget."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.amounts import timestamp_ms
from domain.posts.read import X_EPOCH_MS, read_post
from schemas.topics import ENGAGEMENTS, POSTS, RAW_X
from streams import topics
from tests.brokers import Broker
from tests.e2e.test_collect import read
from tests.e2e.test_x_collect import collecting, listening, until
from tests.workers import send
from tests.xserver.server import XServer, snowflake
from tests.xserver.serving import serve_x

pytestmark = pytest.mark.slow

COUNTED = {
    "like_count": 9, "retweet_count": 2, "reply_count": 4, "quote_count": 1, "bookmark_count": 3,
    "impression_count": 1_200,
}  # fmt: skip
ASKED = "GET /2/tweets"


def line(post_id: str, text: str = "@launchcoin $BOOM + Boom") -> dict[str, Any]:
    """Return the line of a post."""
    data = {
        "id": post_id, "text": text, "author_id": "7", "edit_history_tweet_ids": [post_id],
        "created_at": timestamp_ms((int(post_id) >> 22) + X_EPOCH_MS), "public_metrics": COUNTED,
    }  # fmt: skip
    return {"data": data}


async def say(broker: Broker, post_id: str, *, age_s: float, now: float) -> None:
    """Say on the topic of posts that one was written so long ago."""
    post = read_post(json.dumps(line(post_id)).encode())
    assert post is not None
    written = msgspec.structs.replace(post, created_ms=int((now - age_s) * 1_000))
    await send(broker, POSTS.name, [(post_id, msgspec.json.encode(written))])


async def series(broker: Broker) -> dict[str, list[int]]:
    """Return for which ages each post was counted, as the topic says it last."""
    newest = {one.key.decode(): one.value for one in await read(broker.kafka, ENGAGEMENTS.name)}
    return {
        key: [point["afterS"] for point in json.loads(value)["points"]]
        for key, value in newest.items()
        if value is not None
    }


async def until_series(broker: Broker, expected: dict[str, list[int]]) -> None:
    """Wait until the topic says so."""

    async def is_so() -> bool:
        return await series(broker) == expected

    await until(is_so)


def post_all(x: XServer, *ids: str) -> None:
    """Let posts be there."""
    for post_id in ids:
        x.post(line(post_id))


async def test_a_post_is_counted_at_each_age_by_whoever_is_there(
    broker: Broker, tmp_path: Path
) -> None:
    """A minute and five after it was written, also by another collector; until it is deleted."""
    now = time.time()
    young, older, gone = (str(snowflake(now - age) + 1) for age in (90, 400, 91))
    await topics.create(broker.kafka, partitions=1)
    async with serve_x([]) as x:
        post_all(x, young, older, gone)
        for post_id, age_s in ((young, 90), (older, 400), (gone, 91)):
            await say(broker, post_id, age_s=age_s, now=now)
        x.delete(gone)
        async with collecting(broker, tmp_path / "1", listening(x)):
            await until_series(broker, {young: [60], older: [300]})
        first = x.asked[ASKED]
        await say(broker, young, age_s=400, now=now)
        async with collecting(broker, tmp_path / "2", listening(x)):
            await until_series(broker, {young: [60, 300], older: [300]})
            asked = x.asked[ASKED]
            await send(broker, POSTS.name, [(older, None)])
            await until_series(broker, {young: [60, 300]})
        raw = {one.key.decode(): one.value for one in await read(broker.kafka, RAW_X.name)}
        found = await read(broker.kafka, ENGAGEMENTS.name)

    point = json.loads(next(one.value for one in found if one.key.decode() == young))["points"][0]
    assert {
        "likes": 9, "reposts": 2, "replies": 4, "quotes": 1, "bookmarks": 3, "views": 1_200,
    }.items() <= point.items()  # fmt: skip
    assert (1, 2) == (first, asked)
    assert None is raw[gone]


async def test_engagement_is_the_first_to_go(broker: Broker, tmp_path: Path) -> None:
    """Of three posts that are due two are looked up, since half of four is left to others."""
    now = time.time()
    ids = [str(snowflake(now - age) + 1) for age in range(90, 93)]
    await topics.create(broker.kafka, partitions=1)
    async with serve_x([]) as x:
        for post_id in ids:
            # No search finds it, so nothing else is read.
            x.post(line(post_id, "never mind"))
            await say(broker, post_id, age_s=90, now=now)
        settings = listening(x, x_posts_per_day=4, x_engagement_leaves=0.5)
        async with collecting(broker, tmp_path, settings):

            async def is_so() -> bool:
                return len(await series(broker)) > 1

            await until(is_so)

    assert 2 == len(await series(broker))
    assert 1 == x.asked[ASKED]
