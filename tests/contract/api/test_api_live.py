"""The live WebSocket and server-sent events, over a real server, as clients see them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.app import create_app
from api.serve import listen, serve
from api.settings import ApiSettings
from api.stream import hub as hub_module
from api.tls import tls_context
from tests.contract.api.feed import FakeFeed
from views.memory import MemoryViews

pytestmark = pytest.mark.slow
M = "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ"
N = "So11111111111111111111111111111111111111112"
PROTOCOL = "btracker.v1+json"


class Running:
    """A server on a free port."""

    def __init__(self, port: int, feed: FakeFeed, stop: asyncio.Event, app: FastAPI) -> None:
        self.port, self.feed, self.stop, self.app = port, feed, stop, app

    @property
    def settings(self) -> ApiSettings:
        """What it was told."""
        settings: ApiSettings = self.app.state.services.settings
        return settings

    def socket(self, **options: Any) -> connect:
        """Return a connection, not opened yet."""
        url = f"{'wss' if 'ssl' in options else 'ws'}://127.0.0.1:{self.port}/v1/stream"
        return connect(url, subprotocols=[PROTOCOL], proxy=None, **options)

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator["Client"]:
        """Give a connected client that has been welcomed."""
        async with self.socket(**options) as socket:
            client = Client(socket)
            client.welcome = (await client.next("welcome"))["data"]
            yield client


class Client:
    """A client that skips heartbeats unless it asks for them."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket, self.welcome = socket, dict[str, Any]()

    async def say(self, **command: Any) -> None:
        """Send a command."""
        await self.socket.send(json.dumps(command))

    async def next(self, kind: str | None = None) -> dict[str, Any]:
        """Return the next message, which is of a kind."""
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            if kind == message["type"] or message["type"] != "heartbeat":
                assert kind in (None, message["type"]), message
                return message

    async def subscribe(self, channel: str, key: str, **options: Any) -> dict[str, Any]:
        """Subscribe and return the acknowledgement."""
        await self.say(op="subscribe", id=1, channel=channel, key=key, **options)
        return await self.next("ack")

    async def closed(self) -> tuple[int, str]:
        """Read until the server closes, and return its code and reason."""
        await asyncio.wait_for(self.socket.wait_closed(), 20)
        return self.socket.close_code or 0, self.socket.close_reason or ""


@asynccontextmanager
async def running(folder: Path, **changes: Any) -> AsyncIterator[Running]:
    """Run a server until the end."""
    settings = ApiSettings(data=folder, port=0, **changes)
    feed, stop = FakeFeed(), asyncio.Event()
    listener = listen(settings)
    port = listener.getsockname()[1]
    app = create_app(MemoryViews(), feed, settings)
    tls = tls_context(settings)
    serving = asyncio.create_task(serve(app, listener=listener, stop=stop, tls=tls))
    try:
        yield Running(port, feed, stop, app)
    finally:
        stop.set()
        await serving


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    """A server with the default settings."""
    async with running(tmp_path) as one:
        yield one


async def test_a_subscription_is_ack_snapshot_and_every_change(server: Running) -> None:
    """An ack, a snapshot, then each frame once, each naming the one before it."""
    async with server.client() as client:
        server.feed.publish("token", M, {"before": 1})
        ack = await client.subscribe("token", M)
        snapshot = await client.next("snapshot")
        for number in range(20):
            server.feed.publish("token", M, {"n": number})
            message = await client.next("delta")

            assert (2 + number, 1 + number) == (message["seq"], message["prevSeq"])
            assert {"n": number} == message["data"]

    assert (1, "token", M) == (ack["id"], ack["channel"], ack["key"])
    assert ("e1", 1, {"at": 1}) == (snapshot["epoch"], snapshot["seq"], snapshot["data"])


async def test_the_welcome_announces_the_limits(server: Running) -> None:
    """The subprotocol is agreed on, and the first message has the limits."""
    async with server.client() as client:
        assert PROTOCOL == client.socket.subprotocol
        assert {
            "subscriptions": 200, "messagesPerSecond": 50, "messageMaxBytes": 4096,
            "queuedEvents": 256, "stallMs": 10_000,
        } == client.welcome["limits"]  # fmt: skip
        assert client.welcome["pictures"] is False


async def test_a_foreign_subprotocol_is_not_agreed_on(server: Running) -> None:
    """A client that offers only other subprotocols is served, and none of them is confirmed."""
    url = f"ws://127.0.0.1:{server.port}/v1/stream"
    async with connect(url, subprotocols=["chat.v9"], proxy=None) as socket:
        welcome = await Client(socket).next("welcome")

    assert (None, PROTOCOL) == (socket.subprotocol, welcome["data"]["protocol"])


async def test_a_heartbeat_comes_every_second(server: Running) -> None:
    """Heartbeats name the head and the lag, also to a client that subscribes to nothing."""
    async with server.client() as client:
        beats = [await client.next("heartbeat") for _ in range(2)]

    for beat in beats:
        assert 7 == beat["data"]["headSlot"]
        assert beat["data"]["lagMs"] > 0
        assert beat["ts"].endswith("Z")


async def test_a_heartbeat_waits_for_messages_to_a_crowd_but_not_for_ever(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one is on its way the heartbeat is not made; if it takes too long, it comes anyway."""
    monkeypatch.setattr(hub_module, "LATEST_S", 3600.0)
    async with server.client() as client:
        await client.next("heartbeat")
        server.feed.over.clear()
        await server.feed.waited_for.wait()
        server.feed.head = replace(server.feed.head, slot=8)
        server.feed.over.set()
        after = await client.next("heartbeat")
        monkeypatch.setattr(hub_module, "LATEST_S", 0.01)
        server.feed.over.clear()
        server.feed.head = replace(server.feed.head, slot=9)
        late = await client.next("heartbeat")
        while 8 == late["data"]["headSlot"]:
            late = await client.next("heartbeat")

    assert (8, 9) == (after["data"]["headSlot"], late["data"]["headSlot"])


async def test_resume_gives_exactly_what_was_missed(server: Running) -> None:
    """A client that comes back gets the frames since its last one, and no snapshot."""
    async with server.client() as client:
        await client.subscribe("trades", M)
        await client.next("snapshot")
        server.feed.publish("trades", M, {"id": 1}, "event")
        last = await client.next("event")
    for number in (2, 3):
        server.feed.publish("trades", M, {"id": number}, "event")
    async with server.client() as client:
        place = {"epoch": last["epoch"], "seq": last["seq"]}
        await client.subscribe("trades", M, resume=place)
        missed = [await client.next("event") for _ in range(2)]

    assert [(2, 1, {"id": 2}), (3, 2, {"id": 3})] == [
        (message["seq"], message["prevSeq"], message["data"]) for message in missed
    ]


async def test_lost_history_is_a_reset_and_a_snapshot(server: Running) -> None:
    """Where what was missed cannot be had, the client is told so and starts anew."""
    server.feed.publish("token", M, {"a": 1})
    server.feed.forget()
    async with server.client() as client:
        await client.subscribe("token", M, resume={"epoch": "e1", "seq": 1})
        found = [await client.next(), await client.next()]

    assert ["reset", "snapshot"] == [message["type"] for message in found]
    assert {"e2"} == {message["epoch"] for message in found}


async def test_unsubscribe_ends_a_channel(server: Running) -> None:
    """After unsubscribe nothing more comes, and the channel can be opened again."""
    async with server.client() as client:
        await client.subscribe("token", M)
        await client.next("snapshot")
        await client.say(op="unsubscribe", id=2, channel="token", key=M)

        assert 2 == (await client.next("ack"))["id"]

        server.feed.publish("token", M, {"a": 1})
        await client.say(op="ping", id=3)

        assert 3 == (await client.next("ack"))["id"]

        await client.subscribe("token", M)

        assert {"at": 1} == (await client.next("snapshot"))["data"]
        await asyncio.wait_for(server.feed.until_sinks("token", M, 1), 10)
    await asyncio.wait_for(server.feed.until_sinks("token", M, 0), 10)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"op": "subscribe", "channel": "prices", "key": M}, "badSubscription"),
        ({"op": "subscribe", "channel": "board", "key": "nonsense"}, "badSubscription"),
        ({"op": "subscribe", "channel": "token", "key": "nonsense"}, "badSubscription"),
        ({"op": "subscribe", "channel": "candles", "key": "1m"}, "badSubscription"),
        ({"op": "unsubscribe", "channel": "token", "key": M}, "notSubscribed"),
    ],
)
async def test_what_cannot_be_done_is_an_error_not_the_end(
    server: Running, command: dict[str, Any], code: str
) -> None:
    """A command that cannot be done is answered with its id and a code; the rest goes on."""
    async with server.client() as client:
        await client.say(**command, id="x")
        error = await client.next("error")

        assert ("x", code) == (error["id"], error["data"]["code"])

        await client.subscribe("token", M)


async def test_a_channel_is_opened_once_and_not_too_many(tmp_path: Path) -> None:
    """The same channel twice, or one more than the limit, is refused."""
    async with running(tmp_path, ws_subscriptions=2) as server, server.client() as client:
        await client.subscribe("token", M)
        await client.next("snapshot")
        await client.say(op="subscribe", channel="token", key=M)

        assert "alreadySubscribed" == (await client.next("error"))["data"]["code"]

        await client.subscribe("token", N)
        await client.next("snapshot")
        await client.say(op="subscribe", channel="token", key="1" * 32)

        assert "overLimit" == (await client.next("error"))["data"]["code"]


async def test_a_cache_out_of_reach_is_said(server: Running) -> None:
    """While nobody can answer a subscription is refused, and can be tried again."""
    server.feed.available = False
    async with server.client() as client:
        await client.say(op="subscribe", channel="token", key=M)

        assert "unavailable" == (await client.next("error"))["data"]["code"]

        server.feed.available = True
        await client.subscribe("token", M)


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", '{"op":"dance"}', '{"op":"subscribe"}', '{"op":"ping","id":{}}', b"\x00\x01",
     '{"op":"subscribe","channel":"token","maxRate":0}',
     '{"op":"subscribe","channel":"token","resume":{"epoch":1}}', "x" * 5000,
     '{"op":"ping","x":' + "[" * 4000, '{"op":"ping","x":1}',
     '{"op":"subscribe","channel":"token","maxrate":1}',
     '{"op":"subscribe","channel":"board","key":"new","filters":{"stage":"bonding"}}',
     '{"op":"subscribe","channel":"token","resume":{"epoch":"e1","seq":1,"slot":1}}'],
)  # fmt: skip
async def test_a_bad_message_is_the_end(server: Running, message: str | bytes) -> None:
    """What is no command, or has a field that is not known, closes the connection with 4400."""
    async with server.client() as client:
        await client.socket.send(message)
        code, reason = await client.closed()

    assert (4400, True) == (code, bool(reason))


async def test_an_unknown_token_is_not_authorised(server: Running) -> None:
    """A key that nobody gave out closes the connection with 4401."""
    async with server.client() as client:
        await client.say(op="auth", token="secret")  # noqa: S106

        assert 4401 == (await client.closed())[0]


async def test_a_flood_is_over_the_limit(tmp_path: Path) -> None:
    """More commands than announced close the connection with 4429."""
    small = {"ws_messages_per_s": 1, "ws_subscriptions": 1}
    async with running(tmp_path, **small) as server, server.client() as client:
        for _ in range(50):
            await client.say(op="ping")

        assert 4429 == (await client.closed())[0]


async def test_one_connection_too_many_is_over_the_limit(tmp_path: Path) -> None:
    """A process takes so many connections and no more."""
    async with running(tmp_path, ws_connections=1) as server, server.client():
        url = f"ws://127.0.0.1:{server.port}/v1/stream"
        async with connect(url, proxy=None) as socket:
            assert 4429 == (await Client(socket).closed())[0]


async def test_a_restart_says_when_to_come_back(tmp_path: Path) -> None:
    """On shutdown every client is told when to reconnect, and the server ends quickly."""
    async with running(tmp_path, ws_reconnect_ms=500) as server, server.client() as client:
        began = asyncio.get_running_loop().time()
        server.stop.set()
        code, reason = await client.closed()

    assert 1012 == code
    assert 500 <= json.loads(reason)["reconnectInMs"] <= 1000
    assert asyncio.get_running_loop().time() - began < 5


async def test_max_rate_merges_states(server: Running) -> None:
    """At 2 messages a second, twenty changes become few, and the last state is there."""
    async with server.client() as client:
        ack = await client.subscribe("token", M, maxRate=2)
        await client.next("snapshot")
        for number in range(20):
            server.feed.publish("token", M, {"n": number})
        message = await client.next("delta")

    assert {"maxRate": 2.0} == ack["data"]
    assert (20, 0, {"n": 19}) == (message["seq"], message["prevSeq"], message["data"])


async def test_a_client_that_stops_reading_is_closed_and_costs_nobody(tmp_path: Path) -> None:
    """The others get every message meanwhile; the one that does not read is closed with 4408."""
    big = {"text": "x" * 50_000}
    async with (
        running(tmp_path, ws_stall_s=1, ws_queue_messages=8) as server,
        server.client(max_queue=1) as slow,
        server.client() as quick,
    ):
        await slow.subscribe("trades", M)
        await quick.subscribe("trades", M)
        await quick.next("snapshot")
        for number in range(300):
            server.feed.publish("trades", M, big, "event")

            assert number + 1 == (await quick.next("event"))["seq"]
        await asyncio.wait_for(server.feed.until_sinks("trades", M, 1), 10)
        seen, code = await read_out(slow)

    assert 4408 == code
    assert len(seen) < 300
    assert [message["seq"] for message in seen] == sorted(m["seq"] for m in seen)


async def test_the_least_rate_is_one_a_minute(server: Running) -> None:
    """What has to be merged for a client that wants next to nothing is bounded; it is told so."""
    async with server.client() as client:
        acks = [await client.subscribe("token", M, maxRate=1e-300)]
        await client.next("snapshot")
        acks.append(await client.subscribe("token", N, maxRate=0.02))

    assert [1 / 60, 0.02] == [ack["data"]["maxRate"] for ack in acks]


async def test_who_asks_only_for_headers_follows_nothing(server: Running) -> None:
    """HEAD of a stream ends, and leaves the connection to the next request."""
    url = f"http://127.0.0.1:{server.port}/v1/sse/token/{M}"
    async with httpx.AsyncClient(timeout=5) as http:
        answers = [await http.head(url), await http.get(url + "?x=1")]
        async with asyncio.timeout(5):
            await server.feed.until_sinks("token", M, 0)

    assert [200, 400] == [answer.status_code for answer in answers]
    assert answers[0].headers["content-type"].startswith("text/event-stream")


async def test_server_sent_events_nobody_reads_cost_nothing(tmp_path: Path) -> None:
    """Who stops reading follows nothing any more; when it reads again, its stream is at its end."""
    big = {"text": "x" * 50_000}
    async with running(tmp_path, ws_stall_s=0.5) as server, httpx.AsyncClient(timeout=20) as http:
        url = f"http://127.0.0.1:{server.port}/v1/sse/token/{M}"
        async with http.stream("GET", url) as answer:
            await server.feed.until_sinks("token", M, 1)
            async with asyncio.timeout(20):
                while server.feed.sinks["token", M]:
                    server.feed.publish("token", M, big)
                    await asyncio.sleep(0.01)
            async for _ in answer.aiter_lines():
                continue


async def read_out(client: Client) -> tuple[list[Any], int]:
    """Return what is still to be read, and the close code."""
    seen = []
    try:
        while True:
            message = json.loads(await asyncio.wait_for(client.socket.recv(), 10))
            seen += [message] if "seq" in message else []
    except ConnectionClosed as error:
        return seen, error.rcvd.code if error.rcvd else 0


async def test_a_client_that_reads_late_gets_a_gap(tmp_path: Path) -> None:
    """Trades that did not fit are announced with their range, and the rest follows in order."""
    big = {"text": "x" * 50_000}
    async with (
        running(tmp_path, ws_queue_messages=8) as server,
        server.client(max_queue=1) as client,
    ):
        await client.subscribe("trades", M)
        for _ in range(400):
            server.feed.publish("trades", M, big, "event")
            await asyncio.sleep(0)
        covered, last = [], 0
        while last < 400:
            message = await client.next()
            if message["type"] == "gap":
                covered += range(message["data"]["fromSeq"], message["data"]["toSeq"] + 1)
            elif message["type"] == "event":
                covered.append(message["seq"])
            if message["type"] in ("gap", "event"):
                assert last == message["prevSeq"]
            last = message.get("seq", last)

    assert list(range(1, 401)) == covered


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    """Yield server-sent events but heartbeats, as their fields."""
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            if fields["event"] != "heartbeat":
                yield fields
            fields = {}


async def test_server_sent_events_carry_the_same_and_resume(server: Running) -> None:
    """The same messages come over plain HTTP; Last-Event-ID goes on where one left."""
    url = f"http://127.0.0.1:{server.port}/v1/sse/trades/{M}"
    async with httpx.AsyncClient(timeout=10) as http:
        async with http.stream("GET", url) as answer:
            found = events(answer.aiter_lines())
            kinds = [(await anext(found))["event"] for _ in range(2)]
            server.feed.publish("trades", M, {"id": 1}, "event")
            first = await anext(found)
        server.feed.publish("trades", M, {"id": 2}, "event")
        resumed = {"last-event-id": first["id"]}
        async with http.stream("GET", url, headers=resumed) as answer:
            found = events(answer.aiter_lines())
            after = [await anext(found), await anext(found)]

    assert ["ack", "snapshot"] == kinds
    assert ("e1:1", {"id": 1}) == (first["id"], json.loads(first["data"])["data"])
    assert ["ack", "event"] == [event["event"] for event in after]
    assert "e1:2" == after[1]["id"]


async def test_server_sent_events_refuse_with_problems(server: Running) -> None:
    """What cannot be streamed is refused before the stream begins."""
    url = f"http://127.0.0.1:{server.port}/v1/sse/token/"
    async with httpx.AsyncClient() as http:
        bad = await http.get(url + "nonsense")
        odd = await http.get(url + M, headers={"last-event-id": "??"})
        server.feed.available = False
        unavailable = await http.get(url + M)

    assert [400, 400, 503] == [a.status_code for a in (bad, odd, unavailable)]
    assert "application/problem+json" == bad.headers["content-type"]
