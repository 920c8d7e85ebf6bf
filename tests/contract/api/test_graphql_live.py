"""GraphQL subscriptions: the messages of the live WebSocket, its limits and its scopes."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.door import STRANGER, give_key
from tests.contract.api.feed import FakeFeed
from tests.contract.api.graph import SUBPROTOCOL, Wire, begun, connected
from tests.contract.api.test_api_live import running
from views.live.contract import Channel
from views.memory import MemoryViews

M = "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ"
SHOWN = "{ type channel key epoch seq prevSeq slot data }"
KEYS: dict[Channel, tuple[str, str]] = {
    "token": (f'(mint: "{M}"%s)', M),
    "trades": (f'(mint: "{M}"%s)', M),
    "candles": (f'(mint: "{M}", resolution: "1s"%s)', f"{M}:1s"),
    "holders": (f'(mint: "{M}"%s)', M),
    "board": ('(name: "new"%s)', "new"),
    "launches": ("%s", "all"),
    "posts": ("%s", "all"),
    "status": ("%s", "all"),
}


@pytest.fixture
def app(tmp_path: Path, feed: FakeFeed) -> FastAPI:
    """An app over a live feed."""
    return make(tmp_path, feed)


def make(folder: Path, feed: FakeFeed, **changes: Any) -> FastAPI:
    """Return an app with other settings."""
    return create_app(MemoryViews(), feed, ApiSettings(data=folder, **changes))


def subscription(channel: Channel, more: str = "") -> str:
    """Return the subscription to a channel, with more arguments."""
    arguments, _ = KEYS[channel]
    given = arguments % (f", {more}" if more else "") if "(" in arguments else ""
    given = f"({more})" if more and not given else given
    return f"subscription {{ {channel}{given} {SHOWN} }}"


async def subscribe(wire: Wire, channel: Channel, more: str = "", name: str = "1") -> None:
    """Ask for a channel."""
    payload = {"query": subscription(channel, more)}
    await wire.say({"type": "subscribe", "id": name, "payload": payload})


async def shown(wire: Wire, channel: Channel, name: str = "1") -> dict[str, Any]:
    """Return the next message of a subscription."""
    message = await wire.next()

    assert ("next", name) == (message["type"], message["id"]), message
    assert "errors" not in message["payload"], message
    found: dict[str, Any] = message["payload"]["data"][channel]
    return found


async def refusal(wire: Wire, query: str) -> str:
    """Return the code with which a subscription is refused; the connection stays."""
    await wire.say({"type": "subscribe", "id": "x", "payload": {"query": query}})
    message = await wire.next()

    assert ("error", "x") == (message["type"], message["id"]), message
    return str(message["payload"][0]["extensions"]["code"])


def native(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message of the other WebSocket as far as it can be asked for here."""
    named = {"type", "channel", "key", "epoch", "seq", "prevSeq", "slot", "data"}
    return {name: message.get(name) for name in named}


@pytest.mark.parametrize("channel", get_args(Channel))
async def test_the_messages_are_those_of_the_native_channel(
    app: FastAPI, feed: FakeFeed, channel: Channel
) -> None:
    """Snapshot and changes, numbers and data: what one client sees the other sees too."""
    key = KEYS[channel][1]
    async with (
        begun(app) as wire,
        connected(app, "/v1/stream", subprotocol="btracker.v1+json") as plain,
    ):
        await plain.say({"op": "subscribe", "channel": channel, "key": key})
        await subscribe(wire, channel)

        assert native(await plain.next_of("snapshot")) == await shown(wire, channel)
        for number in range(3):
            data = {"time": f"{number}", "price": "0.1", "big": 2**40 + number, "share": 0.3}
            kind = "event" if channel in ("trades", "launches", "posts") else "delta"
            feed.publish(channel, key, data, "candle" if channel == "candles" else kind)
            found = await shown(wire, channel)

            assert native(await plain.next()) == found
            assert data == found["data"]


async def test_what_was_missed_is_brought(app: FastAPI, feed: FakeFeed) -> None:
    """Behind the last message that was seen come exactly those missed; else a reset."""
    async with begun(app) as wire:
        await subscribe(wire, "trades")
        snapshot = await shown(wire, "trades")
    for number in range(3):
        feed.publish("trades", M, {"id": f"{number}"}, "event")
    async with begun(app) as wire:
        await subscribe(wire, "trades", f'epoch: "{snapshot["epoch"]}", seq: {snapshot["seq"]}')
        missed = [await shown(wire, "trades") for _ in range(3)]
        feed.forget()
        await subscribe(wire, "trades", f'epoch: "{snapshot["epoch"]}", seq: 1', name="2")
        kinds = [(await shown(wire, "trades", "2"))["type"] for _ in range(2)]

    assert ["0", "1", "2"] == [one["data"]["id"] for one in missed]
    assert [0, 1, 2] == [one["prevSeq"] for one in missed]
    assert ["reset", "snapshot"] == kinds


async def test_who_reads_slowly_is_told_of_the_gap(tmp_path: Path, feed: FakeFeed) -> None:
    """What waits is bounded as on the native channel, and a gap names what is missing there."""
    app = make(tmp_path, feed, ws_queue_messages=8)
    native_path = {"path": "/v1/stream", "subprotocol": "btracker.v1+json"}
    async with begun(app) as wire, connected(app, **native_path) as plain:
        await plain.say({"op": "subscribe", "channel": "trades", "key": M})
        await plain.next_of("snapshot")
        await subscribe(wire, "trades")
        await shown(wire, "trades")
        for one in (wire, plain):
            one.reads.clear()
        # The first one is on its way already; all others wait.
        feed.publish("trades", M, {"id": "first"}, "event")
        for one in (wire, plain):
            await one.stuck.wait()
        for number in range(40):
            feed.publish("trades", M, {"id": f"{number}"}, "event")
        for one in (wire, plain):
            one.reads.set()
        last, found, same = 0, list[dict[str, Any]](), list[dict[str, Any]]()
        while last < 41:
            found.append(await shown(wire, "trades"))
            same.append(native(await plain.next()))
            last = found[-1]["seq"]

    assert same == found
    assert "gap" in {one["type"] for one in found}
    assert len(found) < 20
    seen = [n for one in found for n in covered(one)]
    assert list(range(1, 42)) == seen


def covered(message: dict[str, Any]) -> range:
    """Return the numbers that a message stands for."""
    if message["type"] == "gap":
        return range(message["data"]["fromSeq"], message["data"]["toSeq"] + 1)
    return range(message["seq"], message["seq"] + 1)


async def test_who_reads_nothing_has_to_go(app: FastAPI, feed: FakeFeed) -> None:
    """A client that takes nothing for too long is closed with 4408, like any other."""
    async with begun(app) as wire:
        await subscribe(wire, "status")
        await shown(wire, "status")
        wire.reads.clear()
        feed.publish("status", "all", {"at": 1})
        await wire.stuck.wait()
        app.state.services.hub.beat(now=float("inf"), at_s=0)
        wire.reads.set()
        while "closed" not in (message := await wire.next()):
            pass

        assert {"closed": 4408} == message


async def test_several_at_once_and_their_end(app: FastAPI, feed: FakeFeed) -> None:
    """One channel may be followed twice; what is completed brings nothing more."""
    async with begun(app) as wire:
        for name in ("1", "2"):
            await subscribe(wire, "launches", name=name)
            await shown(wire, "launches", name)
        await wire.say({"type": "complete", "id": "1"})
        await feed.until_sinks("launches", "all", 1)
        feed.publish("launches", "all", {"id": "a"}, "event")

        assert "a" == (await shown(wire, "launches", "2"))["data"]["id"]
    assert [] == feed.sinks["launches", "all"]


async def test_limits_are_those_of_live_clients(tmp_path: Path, feed: FakeFeed) -> None:
    """Connections, subscriptions, messages and their length are bounded as on the other socket."""
    app = make(tmp_path, feed, ws_connections=1, ws_subscriptions=2, ws_messages_per_s=3)
    async with begun(app) as wire:
        async with connected(app) as second:
            assert {"closed": 4429} == await second.next()
        for name in ("1", "2"):
            await subscribe(wire, "status", name=name)
            await shown(wire, "status", name)
        assert "overLimit" == await refusal(wire, subscription("status"))
        for _ in range(10):
            await wire.say({"type": "ping"})
        while "closed" not in (message := await wire.next()):
            assert "pong" == message["type"]

        assert {"closed": 4429} == message


async def test_channels_need_their_scope(tmp_path: Path, feed: FakeFeed) -> None:
    """A key follows what it has a scope for; a stranger whatever strangers may."""
    app = make(tmp_path, feed, anonymous_scopes=())
    _, key = give_key(app.state.services.settings, scopes=("stream:trades",))
    async with begun(app, address=STRANGER) as wire:
        assert "notAuthorised" == await refusal(wire, subscription("trades"))
    for options in ({"headers": {"x-api-key": key}}, {"payload": {"token": key}}):
        async with begun(app, address=STRANGER, **options) as wire:
            assert "forbidden" == await refusal(wire, subscription("token"))
            await subscribe(wire, "trades")

            assert "snapshot" == (await shown(wire, "trades"))["type"]
    async with connected(app, address=STRANGER) as wire:
        await wire.say({"type": "connection_init", "payload": {"token": "nobody's"}})

        assert {"closed": 4401} == await wire.next()


@pytest.mark.parametrize(
    ("code", "query"),
    [
        ("badQuery", "{ status { store { kind } } }"),
        ("badQuery", "subscription { a: status { seq } b: launches { seq } }"),
        ("badQuery", "subscription { status { nothing } }"),
        ("badQuery", "subscription { trades { seq } }"),
        ("badParameter", 'subscription { trades(mint: "x") { seq } }'),
        ("badParameter", 'subscription { status(epoch: "e1") { seq } }'),
        ("badParameter", "subscription { status(maxRate: 0) { seq } }"),
        ("badSubscription", 'subscription { board(name: "nonsense") { seq } }'),
        ("queryTooLarge", "subscription { status { " + "seq " * 600 + "} }"),
    ],
)
async def test_what_cannot_be_followed_is_refused(app: FastAPI, code: str, query: str) -> None:
    """A subscription that makes no sense is an error with a code; the connection stays."""
    async with begun(app) as wire:
        assert code == await refusal(wire, query)
        await subscribe(wire, "status")

        assert "snapshot" == (await shown(wire, "status"))["type"]


async def test_without_the_feed_it_says_so(app: FastAPI, feed: FakeFeed) -> None:
    """While neither cache nor store answers, a subscription is refused, not broken."""
    feed.available = False
    async with begun(app) as wire:
        assert "unavailable" == await refusal(wire, subscription("status"))


async def test_who_speaks_another_protocol_has_to_go(app: FastAPI) -> None:
    """Without the subprotocol, or before the greeting, there is nothing to be had."""
    async with connected(app, subprotocol="graphql-ws") as wire:
        assert {"closed": 4406} == await wire.next()
    async with connected(app) as wire:
        await subscribe(wire, "status")

        assert {"closed": 4401} == await wire.next()
    assert "graphql-transport-ws" == SUBPROTOCOL


SAID: tuple[Any, ...] = (
    "", "{", "[]", "null", "5", '"x"', b"\x00", "[" * 3000, "x" * 5000, {}, {"type": 5},
    {"type": "nothing"}, {"type": "subscribe"}, {"type": "subscribe", "id": "1"},
    {"type": "subscribe", "id": 1, "payload": {"query": "{a}"}},
    {"type": "subscribe", "id": "1", "payload": []},
    {"type": "subscribe", "id": "1", "payload": {"query": None}},
    {"type": "subscribe", "id": "1", "payload": {"query": "{ a"}},
    {"type": "subscribe", "id": "1", "payload": {"query": "x" * 900}},
    {"type": "subscribe", "id": "1", "payload": {"query": "subscription { status { seq } }"}},
    {"type": "subscribe", "id": "2", "payload": {"query": "{ __typename }", "variables": {}}},
    {"type": "complete"}, {"type": "complete", "id": "1"}, {"type": "complete", "id": {}},
    {"type": "connection_init", "payload": {}}, {"type": "connection_init", "payload": []},
    {"type": "ping", "payload": {}}, {"type": "ping"}, {"type": "pong"},
)  # fmt: skip
CODES = {4400, 4401, 4409, 4429}


async def test_no_message_breaks_a_connection(app: FastAPI, caplog: Any) -> None:
    """Whatever is said, the answer is one of the protocol, or the end with a code of it."""
    rng, ended = random.Random(23), set[int]()
    for _ in range(150):
        async with connected(app) as wire:
            await wire.say({"type": "connection_init"})
            first = await wire.next()
            for _ in range(rng.randrange(6)):
                await wire.say(rng.choice(SAID))
            await wire.say("that is all")
            message = first
            while "closed" not in message:
                message = await wire.next()
            ended.add(message["closed"])

    assert {4400} <= ended <= CODES
    assert [] == [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.slow
async def test_over_a_real_server(tmp_path: Path) -> None:
    """A client of websockets follows a channel, and is sent away when the server stops."""
    async with running(tmp_path) as server:
        url = f"ws://127.0.0.1:{server.port}/v1/graphql"
        async with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None) as socket:
            await socket.send('{"type": "connection_init"}')
            payload = {"query": subscription("launches")}
            await socket.recv()
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
            first = json.loads(await socket.recv())
            server.feed.publish("launches", "all", {"id": "a"}, "event")
            second = json.loads(await socket.recv())
            server.app.state.services.hub.dismiss()
            await asyncio.wait_for(socket.wait_closed(), 20)

            assert SUBPROTOCOL == socket.subprotocol
            assert ["snapshot", "event"] == [
                one["payload"]["data"]["launches"]["type"] for one in (first, second)
            ]
            assert 1012 == socket.close_code
