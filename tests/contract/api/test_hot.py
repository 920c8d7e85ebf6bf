"""Hot tokens and boards: as the store has them, as new as the feed, never older than before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from uvicorn.server import ServerState

from api.access.gate import Visit
from api.access.key_file import KeyFile
from api.access.keys import Rate, new_key, written
from api.app import App, create_app
from api.hot.front import Answer, Front
from api.hot.protocol import HotProtocol
from api.serve import config_of
from api.services import Services
from api.settings import ApiSettings
from domain.errors import StoreError
from schemas.token import Token
from tests import samples
from tests.contract.api.feed import FakeFeed
from tests.samples import batch, put
from views.boards import BOARDS
from views.contract import Page, TokenDocument, TokenQuery
from views.memory import MemoryViews

MINTS = [
    "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ",
    "So11111111111111111111111111111111111111112",
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
]
M = MINTS[0]
VARYING = ("x-request-id", "x-btracker-lag-ms", "ratelimit")


class Store(MemoryViews):
    """A store that can be out of reach, and counts how often it is asked for tokens."""

    is_gone, asked = False, 0

    async def token(self, mint: str) -> TokenDocument | None:
        """Return a token, unless the store is gone."""
        self._count()
        return await super().token(mint)

    async def tokens(self, query: TokenQuery) -> Page[TokenDocument]:
        """Return tokens, unless the store is gone."""
        self._count()
        return await super().tokens(query)

    def _count(self) -> None:
        self.asked += 1
        if self.is_gone:
            raise StoreError("gone")


class Noting(Front):
    """A front that notes how often it could answer."""

    answered = 0

    def answer(self, scope: Any, visit: Visit) -> Answer | None:
        """Answer, and note it."""
        found = super().answer(scope, visit)
        self.answered += found is not None
        return found


class Replica:
    """An API in this process, its store, its feed, and a client of it."""

    def __init__(self, app: App, store: Store, feed: FakeFeed, client: httpx.AsyncClient) -> None:
        self.app, self.store, self.feed, self.client = app, store, feed, client
        self.services: Services = app.state.services

    @property
    def at_once(self) -> int:
        """How many answers needed no framework."""
        assert isinstance(self.app.front, Noting)
        return self.app.front.answered

    async def put(self, *tokens: Token) -> None:
        """Bring the store up to date."""
        await self.store.write(batch(*(put(token, token.version) for token in tokens)))

    def publish(self, token: Token, **changes: Any) -> Token:
        """Bring the feed up to date: a token with changes."""
        self.feed.publish("token", token.mint, {**changes, "version": token.version + 1})
        return replace(token, **changes, version=token.version + 1)

    async def ask(self, path: str, **headers: str) -> httpx.Response:
        """Return the answer to a GET."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=given)

    async def version(self, mint: str = M, **headers: str) -> int:
        """Return the version of a token that is answered."""
        return int((await self.ask(f"/v1/tokens/{mint}", **headers)).headers["etag"].strip('"'))

    async def follow(self, mint: str = M) -> None:
        """Ask for a token until it is followed."""
        for _ in range(2):
            await self.version(mint)
        await asyncio.sleep(0)

        assert ("token", mint) in self.feed.sinks


@asynccontextmanager
async def replica(
    folder: Path, *tokens: Token, feed: FakeFeed | None = None, **changes: Any
) -> AsyncIterator[Replica]:
    """Give an API over a store and a feed that know the same tokens."""
    store, feed = Store(), feed or FakeFeed()
    await store.write(batch(*(put(token, token.version) for token in tokens)))
    for token in tokens:
        feed.states["token", token.mint] = token
    app = create_app(store, feed, ApiSettings(data=folder, **{"head_ms": 60_000, **changes}))
    services: Services = app.state.services
    app.front = Noting(services)
    async with listening(app) as url, httpx.AsyncClient(base_url=url) as client:
        try:
            yield Replica(app, store, feed, client)
        finally:
            await services.boards.close()
            await services.hot.close()


@asynccontextmanager
async def listening(app: App) -> AsyncIterator[str]:
    """Serve an app as we do, but for what runs beside it; give its address."""
    config = config_of(app, http=partial(HotProtocol, front=app.front))
    config.load()
    make = partial(HotProtocol, config, ServerState(), {}, front=app.front)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def headers(answer: httpx.Response) -> dict[str, str]:
    """Return the headers of an answer that do not change from one to the next."""
    return {name: value for name, value in answer.headers.items() if name not in VARYING}


@pytest.mark.parametrize("with_key", [False, True])
async def test_a_hot_token_is_answered_as_the_framework_answers_it(
    tmp_path: Path, *, with_key: bool
) -> None:
    """The same status, bytes and headers, with and without a key, new and unchanged."""
    async with replica(tmp_path, samples.token(M, version=7)) as one:
        key, shown = new_key("k", scopes=("read",), rate=Rate(6000, 1000), created=1)
        KeyFile(one.services.settings.key_file).add(key)
        await asyncio.sleep(0)
        credentials = {"x_api_key": written(shown)} if with_key else {}
        path = f"/v1/tokens/{M}"
        await one.follow()
        asked = one.store.asked
        # Pages of other origins are answered by the framework.
        for known in ({}, {"if_none_match": '"7"'}):
            hot = await one.ask(path, **credentials, **known)
            cold = await one.ask(path, **credentials, **known, origin="http://x")

            assert (cold.status_code, cold.content) == (hot.status_code, hot.content)
            assert headers(cold) == headers(hot)
        assert hot.status_code == 304
        assert (asked, 2) == (one.store.asked, one.at_once)


async def test_hot_and_other_answers_keep_their_order(tmp_path: Path) -> None:
    """Requests sent at once on one connection are answered in turn, and a last one ends it."""
    paths = [f"/v1/tokens/{M}", "/healthz", f"/v1/tokens/{M}", f"/v1/tokens/{M}"]
    async with replica(tmp_path, samples.token(M, version=7)) as one:
        await one.follow()
        reader, writer = await asyncio.open_connection("127.0.0.1", one.client.base_url.port)
        asked = [f"GET {path} HTTP/1.1\r\nhost: b\r\n\r\n" for path in paths[:-1]]
        last = f"GET {paths[-1]} HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n"
        writer.write("".join([*asked, last]).encode())
        told = await reader.read()
        writer.close()
        heads = [part for part in told.split(b"\r\n\r\n") if b"HTTP/1.1 200" in part]

        assert [True, False, True, True] == [b'etag: "7"' in head for head in heads]
        assert [False, False, False, True] == [b"connection: close" in head for head in heads]
        # The third waited behind the second, in the app.
        assert one.at_once == 2


async def test_a_long_queue_behind_another_answer_is_answered(tmp_path: Path) -> None:
    """Thousands of requests that came at once behind one that takes a while all have answers."""
    hot = f"GET /v1/tokens/{M} HTTP/1.1\r\nhost: b\r\n\r\n".encode()
    async with replica(tmp_path, samples.token(M, version=7)) as one:
        await one.follow()
        reader, writer = await asyncio.open_connection("127.0.0.1", one.client.base_url.port)
        last = b"GET /healthz HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n"
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: b\r\n\r\n" + hot * 1_200 + last)
        told = await reader.read()
        writer.close()

        assert (1_202, 1_200) == (told.count(b"HTTP/1.1 200"), told.count(b'etag: "7"'))


async def test_a_fault_in_front_is_answered_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What fails on the short way goes the long one, and is logged: no request is called bad."""
    async with replica(tmp_path, samples.token(M, version=7)) as one:
        await one.follow()
        monkeypatch.setattr(Front, "answer", lambda *_: 1 // 0)

        assert await one.version() == 7
        assert "A hot answer failed" in caplog.text


async def test_who_does_not_read_gets_no_more(tmp_path: Path) -> None:
    """Answers nobody reads wait for their reader, and do not fill the process."""
    async with replica(tmp_path, samples.token(M, version=7, description="x" * 50_000)) as one:
        await one.follow()
        _, writer = await asyncio.open_connection("127.0.0.1", one.client.base_url.port)
        writer.write(f"GET /v1/tokens/{M} HTTP/1.1\r\nhost: b\r\n\r\n".encode() * 1_000)
        answered = -1
        while answered != one.at_once:
            answered = one.at_once
            for _ in range(100):
                await asyncio.sleep(0)
        writer.transport.abort()

        assert 0 < answered < 500


async def test_a_hot_token_follows_the_feed(tmp_path: Path) -> None:
    """Each change shows in the next answer, whole and as the store will have it, without it."""
    token = samples.token(M, version=1)
    async with replica(tmp_path, token) as one:
        await one.follow()
        one.store.is_gone = True
        for holders in (3, 4, 5):
            token = one.publish(token, holders=holders)
            answer = await one.ask(f"/v1/tokens/{M}")

            assert msgspec.json.encode(token) == answer.content
            assert f'"{token.version}"' == answer.headers["etag"]


async def test_a_hot_board_is_answered_as_the_framework_answers_it(tmp_path: Path) -> None:
    """The first page of the feed is that of the store, to the byte, with the same next page."""
    tokens = [
        samples.token(f"{M[:-2]}{chr(65 + n // 50)}{chr(65 + n % 50 % 26)}", progress=n / 100)
        for n in range(100)
    ]
    tokens = list({token.mint: token for token in tokens}.values())
    assert len(tokens) > 50
    async with replica(tmp_path, *tokens) as one:
        cold = await one.ask("/v1/boards/graduating")
        query = replace(BOARDS["graduating"], limit=100)
        ranked = (await one.store.tokens(query)).items
        one.feed.states["board", "graduating"] = {
            "order": [document.mint for document in ranked],
            **{document.mint: document.body for document in ranked},
        }
        await one.services.boards.start()
        await asyncio.sleep(0)
        one.store.is_gone = True
        hot = await one.ask("/v1/boards/graduating")
        short = await one.ask("/v1/boards/graduating?limit=3")
        unchanged = await one.ask("/v1/boards/graduating", if_none_match=hot.headers["etag"])

    assert (cold.content, headers(cold)) == (hot.content, headers(hot))
    assert cold.json()["items"][:3] == short.json()["items"]
    assert unchanged.status_code == 304


async def test_a_hot_board_follows_the_feed(tmp_path: Path) -> None:
    """Order and changed tokens replace what was there; who left is gone."""
    tokens = [samples.token(mint, version=1) for mint in MINTS]
    async with replica(tmp_path, *tokens) as one:
        one.feed.states["board", "new"] = {
            "order": MINTS, **{token.mint: token for token in tokens},
        }  # fmt: skip
        await one.services.boards.start()
        await asyncio.sleep(0)
        changed = replace(tokens[1], holders=9, version=2)
        order = [MINTS[1], MINTS[2]]
        one.feed.publish("board", "new", {"order": order, MINTS[1]: changed})
        one.store.is_gone = True
        answer = await one.ask("/v1/boards/new?limit=1")
        beyond = await one.ask("/v1/boards/new?limit=2")

    assert [msgspec.json.decode(msgspec.json.encode(changed))] == answer.json()["items"]
    # Only the store knows what comes after the last token of a live board.
    assert beyond.status_code == 503


async def test_without_a_feed_the_store_answers_and_it_is_said(tmp_path: Path) -> None:
    """While nothing can come, no answer is that of the last message; and no version goes down."""
    token = samples.token(M, version=1)
    async with replica(tmp_path, token, hot_token_ms=0) as one:
        await one.follow()
        seen = one.publish(token, holders=3)

        assert seen.version == await one.version()

        one.feed.head = replace(one.feed.head, paused=True)
        behind = await one.ask(f"/v1/tokens/{M}")
        await one.put(replace(seen, holders=4, version=5))
        newer = await one.ask(f"/v1/tokens/{M}")
        one.feed.head = replace(one.feed.head, paused=False)
        # The feed goes on where it was: what was answered meanwhile is newer.
        again = await one.ask(f"/v1/tokens/{M}")

    assert ["2", "5", "5"] == [a.headers["etag"].strip('"') for a in (behind, newer, again)]
    assert ["paused", "paused", None] == [
        a.headers.get("x-btracker-live") for a in (behind, newer, again)
    ]


async def test_a_reset_is_not_answered_from(tmp_path: Path) -> None:
    """Between a reset and its snapshot the store answers, and nothing older than before."""
    token = samples.token(M, version=4)
    async with replica(tmp_path, token) as one:
        await one.follow()
        (sink,) = one.feed.sinks["token", M]
        sink.receive(one.feed.frame(("token", M), "reset", seq=0, prev=None, data=None))
        asked = one.store.asked
        version = await one.version()

    assert (4, asked) == (version, one.store.asked)


async def test_two_replicas_do_not_go_back_for_one_client(tmp_path: Path) -> None:
    """Who shows the version that it has is answered none that is older, whoever is behind."""
    token = samples.token(M, version=1)
    async with replica(tmp_path / "a", token) as ahead, replica(tmp_path / "b", token) as behind:
        for one in (ahead, behind):
            await one.follow()
        newer = ahead.publish(token, holders=3)
        seen = await ahead.version()
        # The other has had no message yet. What all replicas read from does have it.
        body = msgspec.Raw(msgspec.json.encode(newer))
        behind.feed.remembered[M] = TokenDocument(
            mint=M, version=newer.version, slot=newer.slot, body=body
        )
        old = await behind.version()
        same = await behind.ask(f"/v1/tokens/{M}", if_none_match=f'"{seen}"')
        last = await behind.version()

    assert (2, 1) == (seen, old)
    assert (304, '"2"', 2) == (same.status_code, same.headers["etag"], last)


async def test_a_version_nobody_has_is_no_harm(tmp_path: Path) -> None:
    """Who shows a version that does not exist is answered the newest there is."""
    async with replica(tmp_path, samples.token(M, version=3)) as one:
        await one.follow()
        answer = await one.ask(f"/v1/tokens/{M}", if_none_match='"999", W/"12", "x"')

    assert (200, '"3"') == (answer.status_code, answer.headers["etag"])


async def test_memory_is_bounded(tmp_path: Path) -> None:
    """No more tokens are followed than the setting says, and the rest are answered all the same."""
    tokens = [samples.token(mint, version=2) for mint in MINTS]
    async with replica(tmp_path, *tokens, hot_tokens=2) as one:
        for mint in MINTS:
            for _ in range(3):
                assert await one.version(mint) == 2
            await asyncio.sleep(0)
        followed = [key for channel, key in one.feed.sinks if channel == "token"]

    assert MINTS[:2] == followed


async def test_what_nobody_asks_for_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that was not asked for in a while is followed no more; its version is remembered."""
    tokens = [samples.token(mint, version=2) for mint in MINTS]
    monkeypatch.setattr("api.hot.tokens.IDLE_S", 0.0)
    async with replica(tmp_path, *tokens) as one:
        await one.follow(MINTS[0])
        one.publish(tokens[0], holders=9)
        for mint in (MINTS[1], MINTS[1], MINTS[2], MINTS[2]):
            await one.version(mint)
        left = one.feed.sinks["token", MINTS[0]]
        version = await one.version(MINTS[0])

    assert ([], 3) == (left, version)
