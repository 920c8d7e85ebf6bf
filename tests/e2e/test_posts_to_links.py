"""raw.x, documents and launches through the real agents to links and facts; killed in between."""

import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from agents.match_posts import claims as claim_rows
from schemas.claim import LaunchClaim, PostClaim, SourceClock
from schemas.event import About, Event, Joined
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.topics import CATALOGUE, CLAIMS, EVENTS, LINKS, METADATA, POSTS, RAW_X
from streams import topics
from tables.documents import documents
from tables.readings import readings
from tests.brokers import Broker
from tests.unit.match import test_market as market
from tests.unit.match.claims import clock
from tests.workers import PATIENCE_S, Reader, RunningWorker, send

pytestmark = [pytest.mark.slow, market.pytestmark]

AGENTS = ("read_posts", "spread_metadata", "match_posts")
PARTITIONS = 2
LAST_SLOT = 452_233_139


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics."""
    tables = (claim_rows.topic, documents.topic, readings.topic)
    await topics.create(broker.kafka, partitions=PARTITIONS, topics=(*CATALOGUE, *tables))
    return broker


def worker(river: Broker) -> RunningWorker:
    """Return a running worker with the agents under test."""
    return RunningWorker(river, *AGENTS, BTRACKER_PARTITIONS=str(PARTITIONS))


def expected() -> dict[str, str]:
    """Return the post of each launch that has one, from the truth."""
    tokens: dict[str, Any] = json.loads((market.RECORDING / "truth.json").read_text())["tokens"]
    return {mint: token["post_id"] for mint, token in tokens.items() if token["post_id"]}


async def feed(river: Broker) -> None:
    """Send the market: posts raw, documents and launches as their sources do, clocks last."""
    lines = (market.RECORDING / "posts.jsonl").read_bytes().splitlines()
    tick = json.dumps({"time": 1_790_093_255, "slot": LAST_SLOT, "complete": LAST_SLOT}).encode()
    own = [claim for claim in market.claims() if not isinstance(claim, PostClaim)]
    await send(river, RAW_X.name, [("x", line) for line in lines])
    await send(river, RAW_X.name, [("x", b"no post"), ("x", b"\r\n"), ("clock", tick)])
    encode = msgspec.json.encode
    files = [claim for claim in own if isinstance(claim, Metadata)]
    await send(river, METADATA.name, [(one.mint, encode(one)) for one in files])
    told = SourceClock("metadata", 0, 0, 0, 1_790_093_255, LAST_SLOT)
    await send(river, METADATA.name, [("clock", encode(told))])
    launches = [claim for claim in own if isinstance(claim, LaunchClaim)]
    await send(river, CLAIMS.name, [(one.launch.mint, encode(one)) for one in launches])
    for part in range(PARTITIONS):
        ended = clock(part, at=93_255, complete=LAST_SLOT)
        await send(river, CLAIMS.name, [("clock", encode(ended))])


async def read_until(reader: Reader, reached: Callable[[], bool], running: RunningWorker) -> None:
    """Read on until something is reached; a worker that ends before that says why."""
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert None is running.process.poll(), running.output()
        assert time.monotonic() < deadline, running.output()
        await reader.more()


def facts(reader: Reader) -> list[Any]:
    """Return the events that were read, in the order of their partitions."""
    return [msgspec.json.decode(record.value or b"", type=Event) for record in reader.records]


def linked(reader: Reader) -> dict[str, str | None]:
    """Return the posts of the newest link facts, by mint."""
    newest: dict[str, About] = {}
    for fact in facts(reader):
        if isinstance(fact, About) and isinstance(fact.fact, Link):
            known = newest.get(fact.mint)
            newest[fact.mint] = fact if known is None else max(known, fact, key=_revision)
    return {mint: about.fact.post_id for mint, about in newest.items()}  # type: ignore[union-attr]


def _revision(about: About) -> int:
    return about.revision


async def test_a_market_is_linked_and_a_kill_changes_nothing(river: Broker) -> None:
    """Links, facts, posts and completeness are those of the truth, also after kill -9."""
    async with Reader(river, EVENTS.name) as events, Reader(river, LINKS.name, POSTS.name) as out:
        with worker(river) as running:
            await feed(river)
            await read_until(out, lambda: len(out.records) > 10, running)
            running.kill()
        with worker(river) as running:
            joined = Joined(LAST_SLOT)
            await read_until(events, lambda: facts(events).count(joined) >= PARTITIONS, running)
            await read_until(out, lambda: len(out.newest()) >= 28 + 18, running)

            assert 0 == running.stop()
    newest = out.newest()

    assert expected() == linked(events)
    assert expected() == {m: link["postId"] for m, link in newest.items() if "postId" in link}
    assert 28 == sum("createdMs" in record for record in newest.values())
    assert 40 == len({f.mint for f in facts(events) if isinstance(getattr(f, "fact", 0), Metadata)})


async def test_joined_stands_behind_what_it_speaks_of(river: Broker) -> None:
    """In each partition of events every link and document comes before the last slot is joined."""
    async with Reader(river, EVENTS.name) as events:
        with worker(river) as running:
            await feed(river)
            joined = Joined(LAST_SLOT)
            await read_until(events, lambda: facts(events).count(joined) >= PARTITIONS, running)
    first = {
        record.partition: record.offset
        for record in reversed(events.records)
        if joined == msgspec.json.decode(record.value or b"", type=Event)
    }
    before = [r for r in events.records if r.offset < first[r.partition]]
    events.records = before

    assert expected() == linked(events)


async def test_what_is_no_post_goes_to_the_dead_letters(river: Broker) -> None:
    """With its bytes, the reason and the place; a heartbeat goes nowhere."""
    async with Reader(river, f"{RAW_X.name}.dlq") as letters:
        with worker(river) as running:
            await feed(river)
            await read_until(letters, lambda: bool(letters.records), running)
        record = letters.records[0]

    assert b"no post" == record.value
    assert {"error", "source_partition", "source_offset"} <= {name for name, _ in record.headers}
