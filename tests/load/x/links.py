"""A real worker that reads posts and matches them, and the links it ends with."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from agents.match_posts import claims as claim_rows
from schemas.claim import Claim, LaunchClaim
from schemas.metadata import Metadata
from schemas.topics import CATALOGUE, CLAIMS, LINKS, RAW_X
from streams import topics
from tables.readings import readings
from tests.brokers import Broker
from tests.load.x.world import line_of
from tests.unit.match.claims import launch, post
from tests.workers import Reader, RunningWorker, send

LAST, TICKER, NAME = "LAST", "ZZLAST", "The Last"
"""A launch and a post behind all others: when they are linked, so is what stands before them."""
WITHIN_S = 900.0


@contextmanager
def linking(broker: Broker) -> Iterator[None]:
    """Create all topics and run a worker."""
    tables = (claim_rows.topic, readings.topic)
    asyncio.run(topics.create(broker.kafka, partitions=1, topics=(*CATALOGUE, *tables)))
    with RunningWorker(broker, "read_posts", "match_posts", BTRACKER_PARTITIONS="1"):
        yield


async def claim(broker: Broker, said: Sequence[Claim]) -> None:
    """Say something of the chain."""
    await send(broker, CLAIMS.name, [(_mint(one), msgspec.json.encode(one)) for one in said])


async def linked_by(broker: Broker) -> dict[str, Any]:
    """Return the links of everything that is on the topics, by mint; nobody else may write."""
    last = post("1", TICKER, NAME).post
    await send(broker, RAW_X.name, [(last.id, json.dumps(line_of(last)).encode())])
    await claim(broker, [launch(LAST, TICKER, NAME)])
    deadline = time.monotonic() + WITHIN_S
    async with Reader(broker, LINKS.name) as reader:
        while not any(record.key == LAST.encode() for record in reader.records):
            assert time.monotonic() < deadline
            await reader.more()
        found = reader.newest()
    del found[LAST]
    return found


def _mint(one: Claim) -> str:
    match one:
        case LaunchClaim():
            return one.launch.mint
        case Metadata(mint=mint):
            return mint
    raise TypeError(one)
