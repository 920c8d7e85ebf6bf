"""What is really said obeys the contracts: live messages of a server, records as they are kept."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect

from api.metrics import Metrics
from api.stream.lane import Lane
from btracker.contracts.documents import NOUNS
from schemas.topics import CATALOGUE
from streams.cloud_events import cloud_event, noun
from tests.contract.api.feed import FakeFeed
from tests.contract.api.market import SLOT
from tests.contract.clients.stage import Stage, grown, staged
from tests.contract.contracts.files import committed
from tests.golden.store import releases, samples
from tests.samples import gone
from views.live.heads import ChainHead
from views.live.message import Draft, Place
from views.live.ranking import board_data

PUBLIC = {topic.name: topic for topic in CATALOGUE if topic.public}
PROTOCOL = "btracker.v1+json"


def validator(message: str, part: str = "payload") -> Draft202012Validator:
    """Return what checks a part of a message of the AsyncAPI document."""
    document = committed()["asyncapi.json"]
    schema = document["components"]["messages"][message][part]
    return Draft202012Validator({**schema, "components": document["components"]})


def name_of(message: dict[str, Any]) -> str:
    """Return which message of the contract a message is."""
    kind = message["type"]
    with_channel = kind in ("snapshot", "delta", "event", "candle")
    return f"{message['channel']}.{kind}" if with_channel else kind


class Listener:
    """A client that checks everything it is told against the contract."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self.heard = socket, Counter[str]()

    async def say(self, **command: Any) -> None:
        """Say something that the contract allows."""
        validator(command["op"]).validate(command)
        await self._socket.send(json.dumps(command))

    async def until(self, name: str) -> dict[str, Any]:
        """Read on until a message has come."""
        while True:
            message: dict[str, Any] = json.loads(await self._socket.recv())
            validator(name_of(message)).validate(message)
            self.heard[name_of(message)] += 1
            if name_of(message) == name:
                return message


async def play(stage: Stage, client: Listener) -> None:
    """Let each channel say each kind of message that it has."""
    market, token = stage.market, stage.market.tokens[0]
    keys = {"candles": f"{token.mint}:1m", "board": "new"}
    keys |= dict.fromkeys(("launches", "posts", "status"), "all")
    for channel in (
        "token",
        "trades",
        "candles",
        "holders",
        "board",
        "launches",
        "posts",
        "status",
    ):
        await client.say(op="subscribe", id=1, channel=channel, key=keys.get(channel, token.mint))
        await client.until(f"{channel}.snapshot")
    new = grown(market, 0, by=1)
    await stage.change(
        new,
        replace(market.trades[0], mint=token.mint, id="new"),
        replace(market.trades[0], mint=token.mint, id="new", retracted=True),
        replace(next(c for c in market.candles if c.mint == token.mint), rev=10_000),
        replace(next(h for h in market.holders if h.mint == token.mint), version=2),
        replace(market.lifecycle[0], id="new", kind="launch"),
        replace(market.posts[0], id="1"),
        gone("1", 3),
    )
    head = msgspec.json.encode(ChainHead(head_slot=SLOT))
    body = msgspec.json.encode(new)
    await stage.tell(
        Draft(Place("board", "new"), "delta", SLOT, board_data([new.mint], {new.mint: body})),
        Draft(Place("status", "all"), "delta", SLOT, head),
    )
    await client.until("status.delta")


@pytest.mark.slow
async def test_live_messages_are_as_described(tmp_path: Path) -> None:
    """Every message of the contract but the gap is really said, and each is as described."""
    async with staged(tmp_path) as stage:
        token = stage.market.tokens[0]
        url = f"ws://127.0.0.1:{stage.proxy.port}/v1/stream"
        async with connect(url, subprotocols=[PROTOCOL], proxy=None) as socket:  # type: ignore[list-item]
            client = Listener(socket)
            await client.until("welcome")
            await client.say(op="auth", id="a", token=stage.key)
            await client.until("ack")
            await play(stage, client)
            await client.say(op="unsubscribe", channel="token", key=token.mint)
            await client.say(
                op="subscribe", channel="token", key=token.mint, resume={"epoch": "x", "seq": 1}
            )
            await client.until("reset")
            await client.say(op="subscribe", channel="nonsense")
            await client.until("error")
            await client.say(op="ping", id=None)
            await client.until("heartbeat")

    told = committed()["asyncapi.json"]["operations"]["tell"]["messages"]
    names = {one["$ref"].rpartition("/")[2] for one in told}
    assert names - {"gap"} == set(client.heard)


def test_a_gap_is_as_described() -> None:
    """Who reads too slowly is told of what was dropped as the contract says."""
    lane = Lane("trades", "k", limit=1, interval_s=0.0, after=0, metrics=Metrics())
    feed = FakeFeed()
    for number in range(3):
        lane.receive(feed.publish("trades", "k", {"id": number}, "event"))
    message = json.loads(lane.take(now=0.0))
    validator("gap").validate(message)

    assert "gap" == message["type"]


@pytest.mark.parametrize("topic", PUBLIC)
def test_records_are_as_described(topic: str) -> None:
    """What each release wrote on a public topic obeys the noun's schema and the topic's payload."""
    checks = [validator(f"record.{noun(PUBLIC[topic])}")]
    checks.append(Draft202012Validator(committed()[f"schemas/{noun(PUBLIC[topic])}.json"]))
    written = [s for name in releases() for s in samples(name) if s.carrier == topic]
    for sample in written:
        for check in checks:
            check.validate(json.loads(bytes(sample.line.wire)))

    assert written


@pytest.mark.parametrize("time", ["2026-09-22T16:07:35Z", None])
@pytest.mark.parametrize("topic", PUBLIC)
def test_headers_are_as_described(topic: str, time: str | None) -> None:
    """The headers of a record, with a time and without, are those of the topic."""
    given = cloud_event(PUBLIC[topic], event_id="i", subject="m", slot=7, time=time, op="u")
    found = {name: value.decode() for name, value in given}
    check = validator(f"record.{noun(PUBLIC[topic])}", "headers")
    check.validate(found)

    assert not check.is_valid({**found, "ce_type": "btracker.other"})
    assert set(NOUNS) == {noun(one) for one in PUBLIC.values()}
