"""The Python client against a real server: pages, retries, problems, and a stream that is cut."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from msgspec.structs import replace
from websockets.asyncio.server import ServerConnection, serve

from tests.contract.api.market import Market
from tests.contract.clients.stage import Stage, grown, staged

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "clients" / "python"
sys.path.insert(0, str(FOLDER / "src"))

from btracker_client import Client, ClosedError, Place, ProblemError, merged  # noqa: E402
from btracker_client.live import Follower, Message  # noqa: E402
from btracker_client.retry import pause_s  # noqa: E402

CHANGES = 30
CUTS = (5, 12, 20)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A server that can be cut off."""
    async with staged(tmp_path_factory.mktemp("stage")) as one:
        yield one


def test_the_models_are_what_the_contract_says() -> None:
    """``models.py`` is what ``generate.py`` makes of the committed contract."""
    sys.path.insert(0, str(FOLDER))
    from generate import CONTRACT, MODELS, models

    assert models(json.loads(CONTRACT.read_bytes())) == MODELS.read_text()


def test_pauses_grow_and_honour_the_server() -> None:
    """Each is between half and all of twice the last, 10 s at most, after what was asked for."""
    assert [0.125, 0.25, 0.5] == [pause_s(n, random_=0.0) for n in range(3)]
    assert [0.25, 0.5, 1.0] == [pause_s(n, random_=1.0) for n in range(3)]
    assert pause_s(50, random_=1.0) == 10
    assert pause_s(0, "7", random_=0.0) == 7.125


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_all_tokens_are_paged(stage: Stage) -> None:
    """Pages of 7 give each token once, in the order of one large page."""
    async with Client(stage.url) as client:
        small = [token.mint async for token in client.tokens(limit=7, sortBy="price")]
        large = [token.mint async for token in client.tokens(limit=200, sortBy="price")]

    assert large == small
    assert {token.mint for token in stage.market.tokens} == set(small)


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_every_route_is_understood(stage: Stage) -> None:
    """Each method answers with the shape that it promises, of what the market has."""
    market: Market = stage.market
    token = market.tokens[1]
    async with Client(stage.url, key=stage.key) as client:
        assert token.symbol == (await client.token(token.mint)).symbol
        assert [token.mint] == [t.mint for t in await client.tokens_by_mint([token.mint])]
        assert 6 == len([trade async for trade in client.trades(token.mint, limit=2)])
        assert [holder async for holder in client.holders(token.mint)]
        assert "launch" in [event.kind async for event in client.events(token.mint)]
        assert [post async for post in client.posts(token.mint)]
        assert await client.candles(token.mint, resolution="5m", from_=0)
        assert [one async for one in client.board("trending", limit=20)]
        assert token.mint in [hit.id for hit in await client.search(token.symbol or "")]
        assert market.posts[0].text == (await client.post(market.posts[0].id)).post.text
        assert (await client.creator(token.creator or "")).figures.launches
        assert (await client.wallet(market.holders[0].owner)).positions
        assert (await client.stats()).items
        assert 40 == (await client.status()).counts.tokens


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_a_refusal_is_an_exception(stage: Stage) -> None:
    """What the API says of a refusal is there for programs: status, code, parameter, id."""
    async with Client(stage.url) as client:
        with pytest.raises(ProblemError) as unknown:
            await client.token("So11111111111111111111111111111111111111112")
        with pytest.raises(ProblemError) as wrong:
            [token async for token in client.tokens(limit=7000)]
    async with Client(stage.url) as client:
        with pytest.raises(ClosedError) as closed:
            await anext(client.stream(Place("nonsense")))

    assert (404, "notFound") == (unknown.value.status, unknown.value.code)
    assert ["limit"] == [error.name for error in wrong.value.errors]
    assert wrong.value.request_id
    assert 4400 == closed.value.code


async def test_it_waits_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 is tried again after its Retry-After, and no sooner; the last one is an exception."""
    answers = iter([(429, "3"), (503, "1"), (200, None), (429, "1"), (429, "1")])
    waited: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        status, after = next(answers)
        headers = {"retry-after": after} if after else {}
        return httpx.Response(status, headers=headers, json={"asOf": None, "items": []})

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("btracker_client.client.asyncio.sleep", sleep)
    client = Client("http://btracker", attempts=3)
    client._http = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://b")
    stats = await client.stats()
    second = Client("http://btracker", attempts=2)
    second._http = client._http
    with pytest.raises(ProblemError):
        await second.stats()

    assert [] == stats.items
    assert [3, 1, 1] == [int(seconds) for seconds in waited]


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_is_followed_over_cuts(stage: Stage) -> None:
    """Every trade comes once and in order, whatever is cut; the state ends as REST has it."""
    mint, trades, state = stage.market.tokens[0].mint, list[str](), dict[str, Any]()
    sent = [f"t{number}" for number in range(CHANGES)]
    started = asyncio.Event()

    async def follow() -> None:
        nonlocal state
        async with Client(stage.url) as client:
            async for message in client.stream(Place("token", mint), Place("trades", mint)):
                assert message.type in ("snapshot", "delta", "event"), message
                if message.channel == "token":
                    state = merged(state, message)
                elif message.type == "event":
                    trades.append(message.data["id"])
                else:
                    started.set()
                if sent[-1] in trades and state.get("trades") == 6 + CHANGES:
                    return

    following = asyncio.create_task(follow())
    await asyncio.wait_for(started.wait(), 30)
    for number, name in enumerate(sent):
        if number in CUTS:
            stage.proxy.cut()
        trade = replace(stage.market.trades[0], mint=mint, id=name)
        await stage.change(trade, grown(stage.market, 0, by=number + 1))
    await asyncio.wait_for(following, 60)
    async with httpx.AsyncClient() as http:
        rest = (await http.get(f"{stage.url}/v1/tokens/{mint}")).json()

    assert sent == trades
    assert rest == state
    assert stage.proxy.connections > len(CUTS)


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_had_is_said(stage: Stage) -> None:
    """Where history is lost while it is cut off, a reset and a snapshot come."""
    mint, kinds = stage.market.tokens[5].mint, list[str]()
    async with Client(stage.url) as client:
        async with asyncio.timeout(60):
            async for message in client.stream(Place("trades", mint)):
                kinds.append(message.type)
                if len(kinds) == 1:
                    await stage.lose_history()
                    stage.proxy.cut()
                if kinds[-1] == "snapshot" and len(kinds) > 1:
                    break

    assert ["snapshot", "reset", "snapshot"] == kinds


async def test_a_feed_that_cannot_answer_just_now_is_asked_again() -> None:
    """``unavailable`` ends nothing: the place is asked for on a new connection."""
    error = {"type": "error", "data": {"code": "unavailable", "detail": "Not now."}}
    snapshot = {"type": "snapshot", "channel": "status", "key": "all", "epoch": "e", "seq": 1}
    answers = iter([error, snapshot])

    async def feed(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(json.dumps(next(answers)))
        await socket.wait_closed()

    async with serve(feed, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Client(f"http://127.0.0.1:{port}") as client:
            stream = client.stream(Place("status"))
            first = await anext(stream)
            await stream.aclose()

    assert "snapshot" == first.type


def test_a_hole_is_noticed_and_a_double_left_out() -> None:
    """``prevSeq`` is not what was seen: resume there; what was seen already says nothing."""
    follower, name = Follower([Place("trades", "m")]), ("trades", "m")

    def take(seq: int, prev: int | None, kind: str = "event", epoch: str = "e") -> bool | None:
        given = {"type": kind, "channel": "trades", "key": "m", "epoch": epoch, "seq": seq}
        return follower.take(Message(**given, prev_seq=prev))  # type: ignore[arg-type]

    assert [True, True, False, None] == [
        take(5, None, "snapshot"), take(6, 5), take(6, 5), take(9, 8),
    ]  # fmt: skip
    assert {"epoch": "e", "seq": 6} == follower.subscribe(name)["resume"]
    assert None is take(1, 0, epoch="f")
    assert take(7, None, "reset")
    assert "resume" not in follower.subscribe(name)
