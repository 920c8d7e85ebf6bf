"""Sources of dollar prices -> dollars against a broker and a local feed."""

import asyncio

import msgspec
import pytest
from aiohttp import web
from pydantic import SecretStr

from domain.errors import BtrackerError
from schemas.dollars import DollarPrice
from schemas.topics import DOLLARS, PROGRESS
from streams import topics
from streams.sources.dollars.poller import run_dollars
from streams.sources.dollars.settings import DollarSettings
from tests.brokers import Broker
from tests.e2e.test_collect import read
from tests.ports import free_port
from tests.workers import Reader

pytestmark = pytest.mark.slow

SOL = "So11111111111111111111111111111111111111112"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


async def test_prices_are_published_and_failures_said(broker: Broker) -> None:
    """A price is published with its time; a feed that fails says why, and goes on by itself."""
    await topics.create(broker.kafka, partitions=1)
    answers = iter([b"<html>", b'{"p":"143.25","t":1790000000}', b'{"p":143.5}'])
    runner = web.AppRunner(app := web.Application(), shutdown_timeout=0.1)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=next(answers, b'{"p":143.5}'))

    app.router.add_get("/", answer)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = DollarSettings(
        kafka=broker.address, dollar_every_s=1, dollar_fixed="USDC=1",
        dollar_feeds=SecretStr(f"SOL=http://127.0.0.1:{runner.addresses[0][1]}/#/p"),
    )  # fmt: skip
    stop = asyncio.Event()
    task = asyncio.create_task(run_dollars(settings, stop))
    async with Reader(broker, DOLLARS.name) as reader:
        while {SOL, USDC} - set(reader.newest()) or reader.newest()[SOL][2:4] != [1435, 1]:
            await reader.more()
    stop.set()
    await asyncio.wait_for(task, 10)
    await runner.cleanup()
    said = [msgspec.json.decode(one.value) for one in await read(broker.kafka, PROGRESS.name)]
    prices = [msgspec.json.decode(one.value, type=DollarPrice) for one in reader.records]

    assert ["stalled", "running", "running", "done"] == [
        one["state"] for one in said if one["source"] == "dollars:SOL"
    ]
    assert {(14325, 2), (1435, 1)} == {(p.units, p.scale) for p in prices if p.mint == SOL}
    assert {(1, 0, "configuration")} == {
        (p.units, p.scale, p.source) for p in prices if p.mint == USDC
    }


async def test_without_kafka_it_says_so() -> None:
    """A Kafka that does not answer is one sentence, not a group of errors."""
    settings = DollarSettings(kafka=f"127.0.0.1:{free_port()}", dollar_fixed="USDC=1")

    with pytest.raises(BtrackerError, match="failed the poller of dollar prices"):
        await run_dollars(settings, asyncio.Event())
