"""Who may follow what, over a real server: auth within the connection, its end, its limits."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.key_file import KeyFile
from api.access.keys import Rate
from tests.contract.api.door import NOW, audited, bearer, give_key
from tests.contract.api.test_api_live import Client, M, Running, running

pytestmark = pytest.mark.slow


@asynccontextmanager
async def guarded(folder: Path, **changes: Any) -> AsyncIterator[Running]:
    """Run a server to which this machine is a stranger."""
    async with running(folder, **{"trust_loopback": False, **changes}) as server:
        yield server


async def token_of(server: Running, key: str, **asked: Any) -> str:
    """Return a token for a key."""
    async with httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{server.port}/v1/auth/token"
        answer = await http.post(url, headers=bearer(key), json=asked)
        return str(answer.json()["token"])


def denials(server: Running) -> list[tuple[Any, ...]]:
    """Return who was denied what, and why."""
    return [
        (line["who"].partition(":")[0], line["action"], line["code"])
        for line in audited(server.settings)
        if line["outcome"] == "denied"
    ]


async def closing(client: Client) -> int:
    """Return the code with which the server closes."""
    return (await client.closed())[0]


async def test_a_key_or_token_opens_channels(tmp_path: Path) -> None:
    """Before auth a subscription is an error; after it, by key or token, it is a snapshot."""
    async with guarded(tmp_path, anonymous_scopes=()) as server:
        _, key = give_key(server.settings)
        token = await token_of(server, key, scopes=["stream"])
        for shown in (key, token):
            async with server.client() as client:
                await client.say(op="subscribe", id=1, channel="token", key=M)
                error = await client.next("error")
                await client.say(op="auth", id=2, token=shown)
                ack = await client.next("ack")
                await client.subscribe("token", M)
                await client.next("snapshot")

            assert (1, "notAuthorised") == (error["id"], error["data"]["code"])
            given = ["stream"] if shown == token else ["read", "stream"]
            assert (2, given) == (ack["id"], ack["data"]["scopes"])
            assert (shown == token) == (ack["data"]["expiresAt"] is not None)
        assert [("address", "live subscribe token", "notAuthorised")] * 2 == denials(server)


async def test_a_client_with_headers_needs_no_auth(tmp_path: Path) -> None:
    """A client that is no browser shows its key as it connects."""
    async with guarded(tmp_path, anonymous_scopes=()) as server:
        _, key = give_key(server.settings)
        async with server.client(additional_headers=bearer(key)) as client:
            await client.subscribe("token", M)
            await client.next("snapshot")

        assert [] == denials(server)


@pytest.mark.parametrize("shown", ["secret", "", "a.b.c", "bt_" + "0" * 12 + "_" + "0" * 64])
async def test_what_nobody_gave_out_closes_with_4401(tmp_path: Path, shown: str) -> None:
    """A wrong key or token ends the connection, in a command and in a header alike."""
    async with guarded(tmp_path) as server:
        async with server.client() as client:
            await client.say(op="auth", token=shown)

            assert 4401 == await closing(client)
        async with server.socket(additional_headers={"x-api-key": shown}) as socket:
            assert 4401 == await closing(Client(socket))
        assert [
            ("address", "live auth", "badCredentials"),
            ("address", "WS /v1/stream", "badCredentials"),
        ] == denials(server)
        assert {"127.0.0.1"} == {line["address"] for line in audited(server.settings)}


async def test_a_revoked_key_ends_its_connections(tmp_path: Path) -> None:
    """Within three seconds a key and its tokens lose what they had opened; others stay."""
    async with guarded(tmp_path) as server:
        key, secret = give_key(server.settings)
        token = await token_of(server, secret)
        async with server.client() as one, server.client() as two, server.client() as stranger:
            for client, shown in ((one, secret), (two, token)):
                await client.say(op="auth", token=shown)
                await client.next("ack")
            began = time.monotonic()
            KeyFile(server.settings.key_file).revoke(key.id, at=NOW)

            assert [4401, 4401] == [await closing(one), await closing(two)]
            assert time.monotonic() - began < 3

            await stranger.subscribe("token", M)
        assert [("key", "live stay", "keyRevoked")] * 2 == denials(server)


async def test_a_connection_ends_with_its_token_unless_there_is_another(tmp_path: Path) -> None:
    """When a token expires the connection is closed, but for one that has shown a new one."""
    async with guarded(tmp_path) as server:
        _, key = give_key(server.settings)
        short, long = await token_of(server, key, expiresIn=2), await token_of(server, key)
        async with server.client() as one, server.client() as two:
            await one.say(op="auth", token=short)
            for shown in (short, long):
                await two.say(op="auth", token=shown)
                await two.next("ack")

            assert 4401 == await closing(one)

            await two.subscribe("token", M)
        assert [("key", "live stay", "tokenExpired")] == denials(server)


async def test_who_may_follow_nothing_may_not_stay(tmp_path: Path) -> None:
    """A connection without rights that shows nothing in time is closed with 4401."""
    async with (
        guarded(tmp_path, anonymous_scopes=("read",), ws_auth_s=0.5) as server,
        server.client() as client,
    ):
        assert 4401 == await closing(client)
        assert [("address", "live stay", "notAuthorised")] == denials(server)


async def test_a_scope_of_one_channel_is_for_that(tmp_path: Path) -> None:
    """A key for candles may follow candles; the rest is forbidden, and the connection goes on."""
    async with guarded(tmp_path) as server:
        _, key = give_key(server.settings, scopes=("stream:candles",))
        async with server.client(additional_headers=bearer(key)) as client:
            await client.say(op="subscribe", id=1, channel="trades", key=M)
            error = await client.next("error")
            await client.subscribe("candles", f"{M}:1m")

        assert "forbidden" == error["data"]["code"]
        assert [("key", "live subscribe trades", "forbidden")] == denials(server)


async def test_who_shows_less_does_not_go_on_with_more(tmp_path: Path) -> None:
    """A new key that may not follow what is open ends the connection, else a revoked one would."""
    async with guarded(tmp_path, anonymous_scopes=()) as server:
        keys = [give_key(server.settings, scopes=(f"stream:{one}",)) for one in ("token", "status")]
        _, wide = give_key(server.settings)
        async with server.client(additional_headers=bearer(keys[0][1])) as client:
            await client.subscribe("token", M)
            await client.next("snapshot")
            await client.say(op="auth", token=wide)
            await client.next("ack")
            await client.say(op="auth", token=keys[1][1])

            assert 4401 == await closing(client)
        assert [("key", "live subscribe token", "forbidden")] == denials(server)


async def test_live_connections_are_limited_per_caller(tmp_path: Path) -> None:
    """One more than its caller may have is closed with 4429, also by auth; a left one is free."""
    async with guarded(tmp_path, anonymous_connections=2) as server:
        _, key = give_key(server.settings, connections=1)
        async with server.client() as one, server.client() as two:
            async with server.socket() as socket:
                assert 4429 == await closing(Client(socket))
            await one.say(op="auth", token=key)
            await one.next("ack")
            async with server.client() as three:
                await three.subscribe("token", M)
            await two.say(op="auth", token=key)

            assert 4429 == await closing(two)
            async with httpx.AsyncClient() as http:
                url = f"http://127.0.0.1:{server.port}/v1/sse/token/{M}"
                over = await http.get(url, headers=bearer(key))
            assert (429, "overLimit") == (over.status_code, over.json()["code"])
        assert {"overLimit"} == {code for _, _, code in denials(server)}
        assert 3 == len(denials(server))


async def test_over_its_rate_nobody_connects(tmp_path: Path) -> None:
    """A connection costs its caller a request, and over the limit it is closed with 4429."""
    async with guarded(tmp_path, rate_limit_burst=1, rate_limit_per_minute=1) as server:
        _, key = give_key(server.settings, rate=Rate(1, 1))
        for headers in ({}, bearer(key)):
            async with server.client(additional_headers=headers) as client:
                await client.subscribe("token", M)
            async with server.socket(additional_headers=headers) as socket:
                assert 4429 == await closing(Client(socket))
        assert [
            ("address", "WS /v1/stream", "rateLimited"),
            ("key", "WS /v1/stream", "rateLimited"),
        ] == denials(server)


async def test_a_flood_of_commands_is_written_down(tmp_path: Path) -> None:
    """More commands than announced close with 4429 and leave a line."""
    small = {"ws_messages_per_s": 1, "ws_subscriptions": 1}
    async with guarded(tmp_path, **small) as server, server.client() as client:
        for _ in range(5):
            await client.say(op="ping")

        assert 4429 == await closing(client)
        assert [("address", "live message", "rateLimited")] == denials(server)


async def test_server_sent_events_end_with_their_key(tmp_path: Path) -> None:
    """A stream over plain HTTP ends when its key is revoked."""
    async with guarded(tmp_path) as server, httpx.AsyncClient(timeout=10) as http:
        key, secret = give_key(server.settings)
        url = f"http://127.0.0.1:{server.port}/v1/sse/token/{M}"
        async with http.stream("GET", url, headers=bearer(secret)) as answer:
            KeyFile(server.settings.key_file).revoke(key.id, at=NOW)
            async with asyncio.timeout(5):
                async for _ in answer.aiter_lines():
                    continue

        assert [("key", "live stay", "keyRevoked")] == denials(server)
