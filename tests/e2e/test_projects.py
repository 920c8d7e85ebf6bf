"""What projects are about, read beside the stream: it follows the posts, and decides nothing."""

import base64
from typing import Any

import msgspec
import numpy as np
import pytest

from schemas.event import About, Event
from schemas.project import ProjectFact
from schemas.topics import CATALOGUE, EMBEDDINGS, EVENTS, LINKS, POSTS, RAW_X
from streams import topics
from tables.projects import projects
from tests.brokers import Broker
from tests.e2e import test_posts_to_links as market
from tests.workers import Reader, RunningWorker, send

pytestmark = [pytest.mark.slow, *market.pytestmark]


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics."""
    tables = (market.claim_rows.topic, market.documents.topic, market.readings.topic)
    await topics.create(
        broker.kafka, partitions=market.PARTITIONS, topics=(*CATALOGUE, *tables, projects.topic)
    )
    return broker


def reader(river: Broker) -> RunningWorker:
    """Return a running worker that reads projects with the model."""
    told = {"BTRACKER_PARTITIONS": str(market.PARTITIONS), "BTRACKER_READ_WITH": "onnx"}
    return RunningWorker(river, "read_projects", **told)


async def test_projects_follow_and_go_with_their_posts(river: Broker) -> None:
    """Links come without a model; then posts and tokens get a project; a deleted post loses it."""
    names = (POSTS.name, EMBEDDINGS.name)
    async with (
        Reader(river, EVENTS.name) as events,
        Reader(river, LINKS.name) as links,
        Reader(river, *names) as out,
    ):
        with market.worker(river) as running:
            await market.feed(river)
            await market.read_until(links, lambda: len(links.newest()) >= 18, running)
            linked = {mint: link["postId"] for mint, link in links.newest().items()}
            gone = min(linked.values())
            with reader(river) as reading:
                await market.read_until(events, lambda: len(told(events)) >= 40, reading)
                await market.read_until(out, lambda: len(read(out)) >= 28, reading)
                read_by = {post["project"]["engine"] for post in read(out).values()}
                vectors = [vector(one) for one in out.newest().values() if "vector" in one]
                await send(river, RAW_X.name, [(gone, None)])
                await market.read_until(out, lambda: gone not in read(out), reading)

                assert 0 == reading.stop()

    assert market.expected() == linked
    assert {"minilm-int8"} == read_by
    assert all(told(events).values())
    assert 28 + 40 == len(vectors)
    np.testing.assert_allclose(1, [np.linalg.norm(one) for one in vectors], atol=1e-3)


def told(events: Reader) -> dict[str, Any]:
    """Return the newest project of each token."""
    facts = [msgspec.json.decode(record.value or b"", type=Event) for record in events.records]
    own = [one for one in facts if isinstance(one, About) and isinstance(one.fact, ProjectFact)]
    return {one.mint: one.fact.project for one in sorted(own, key=lambda one: one.revision)}


def read(out: Reader) -> dict[str, Any]:
    """Return the posts that have a project, by id."""
    return {key: post for key, post in out.newest().items() if post and post.get("project")}


def vector(record: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return the vector of a record."""
    return np.frombuffer(base64.b64decode(record["vector"]), "<f2").astype(np.float32)
