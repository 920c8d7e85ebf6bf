"""What every answer has: ids, limits, headers, conditional requests, problems."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from domain.errors import StoreError
from schemas.progress import Progress
from tests.contract.api.feed import FakeFeed
from tests.contract.api.market import SLOT, Market
from views.contract import TokenDocument
from views.memory import MemoryViews

MEMBERS = {"type", "title", "status", "code", "detail", "instance", "requestId"}


def paths(market: Market) -> list[str]:
    """Return one address of every route that answers GET."""
    mint, wallet = market.tokens[0].mint, market.trades[0].trader
    parts = ("", "/trades", "/holders", "/posts", "/events", "/candles", "/similar")
    return [
        "/v1/tokens",
        *(f"/v1/tokens/{mint}{part}" for part in parts),
        *(f"/v1/boards/{board}" for board in ("new", "graduating", "graduated", "trending")),
        "/v1/search?q=cat",
        f"/v1/posts/{market.posts[0].id}",
        f"/v1/creators/{wallet}",
        f"/v1/wallets/{wallet}",
        f"/v1/wallets/{wallet}/trades",
        f"/v1/wallets/{wallet}/positions",
        "/v1/stats",
        "/v1/graphql?query={stats{asOf}}",
        "/v1/udf/config",
        "/v1/udf/time",
        f"/v1/udf/symbols?symbol={mint}",
        f"/v1/udf/history?symbol={mint}&resolution=1&from=0&to=1790093255",
        "/openapi.json",
        "/explorer",
        "/explorer/explorer.js",
        "/explorer/explorer.css",
        "/healthz",
    ]


async def test_every_answer_carries_the_headers(client: httpx.AsyncClient, market: Market) -> None:
    """Every answer states slot, lag, quota, tag, lifetime and id, and guards the browser."""
    for path in [*paths(market), "/v1/status", "/metrics", "/readyz"]:
        answer = await client.get(path)
        headers = answer.headers

        assert (path, 200) == (path, answer.status_code)
        assert str(SLOT) == headers["x-btracker-slot"]
        assert int(headers["x-btracker-lag-ms"]) >= 0
        assert re.fullmatch(r'"\w+";q=\d+;w=\d+', headers["ratelimit-policy"])
        assert re.fullmatch(r'"\w+";r=\d+;t=\d+', headers["ratelimit"])
        assert re.fullmatch(r'"\w+"', headers["etag"])
        assert "max-age=" in headers["cache-control"]
        assert "nosniff" == headers["x-content-type-options"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"]


async def test_what_the_caller_has_is_not_sent_again(
    client: httpx.AsyncClient, market: Market
) -> None:
    """If-None-Match with the tag of an answer is answered 304, without a body."""
    for path in paths(market):
        tag = (await client.get(path)).headers["etag"]
        for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await client.get(path, headers={"if-none-match": given})

            assert (304, b"", tag) == (again.status_code, again.content, again.headers["etag"])
        assert (await client.get(path, headers={"if-none-match": '"other"'})).status_code == 200


async def test_whoever_posts_is_answered_in_full(client: httpx.AsyncClient, market: Market) -> None:
    """If-None-Match is for what can be kept: with a POST it withholds nothing."""
    asked, given = {"mints": [market.tokens[0].mint]}, {"if-none-match": "*"}
    answer = await client.post("/v1/tokens/batch", json=asked, headers=given)

    assert (200, 1) == (answer.status_code, len(answer.json()["items"]))


async def test_head_is_get_without_the_body(client: httpx.AsyncClient, market: Market) -> None:
    """HEAD answers what GET does, without the body."""
    path = f"/v1/tokens/{market.tokens[0].mint}"
    got, head = await client.get(path), await client.head(path)

    assert (200, b"") == (head.status_code, head.content)
    assert got.headers["etag"] == head.headers["etag"]
    assert got.headers["content-length"] == head.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "notFound"),
        ("GET", "/v1/tokens/", 404, "notFound"),
        ("DELETE", "/v1/tokens", 405, "methodNotAllowed"),
        ("POST", "/v1/status", 405, "methodNotAllowed"),
        ("GET", "/v1/tokens?limit=201", 400, "badParameter"),
        ("GET", "/v1/tokens?limit=0", 400, "badParameter"),
        ("GET", "/v1/tokens?limit=5&limit=6", 400, "badParameter"),
        ("GET", "/v1/tokens?sortby=age", 400, "unknownParameter"),
        ("GET", "/v1/tokens?minPrice=1e400000", 400, "badParameter"),
        ("GET", "/v1/tokens?minPrice=NaN", 400, "badParameter"),
        ("GET", "/v1/tokens?stage=bonding,gone", 400, "badParameter"),
        ("GET", "/v1/tokens?creator=x", 400, "badParameter"),
        ("GET", "/v1/tokens?launchedAfter=yesterday", 400, "badParameter"),
        ("GET", "/v1/tokens?launchedAfter=99999999999999", 400, "badParameter"),
        ("GET", "/v1/tokens?sortOrder=up", 400, "badParameter"),
        ("GET", "/v1/tokens?cursor=x", 400, "badCursor"),
        ("GET", "/v1/tokens/x", 400, "badParameter"),
        ("GET", "/v1/tokens/x/trades", 400, "badParameter"),
        ("GET", "/v1/tokens/11111111111111111111111111111111?a=1", 400, "unknownParameter"),
        ("GET", "/v1/tokens/11111111111111111111111111111111/candles?resolution=2m", 400,
         "badParameter"),
        ("GET", "/v1/search", 400, "badParameter"),
        ("GET", "/v1/search?q=", 400, "badParameter"),
        ("GET", "/v1/posts/abc", 400, "badParameter"),
        ("GET", "/v1/wallets/abc", 400, "badParameter"),
        ("GET", "/v1/status?verbose=1", 400, "unknownParameter"),
        ("GET", "/v1/sse/nothing/all", 400, "badParameter"),
        ("GET", "/v1/stream", 426, "upgradeRequired"),
        ("GET", "/v1/tokens?q=" + "x" * 5000, 414, "queryTooLong"),
    ],
)  # fmt: skip
async def test_errors_are_problem_documents(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """Whatever cannot be answered says so as RFC 9457 does, with a code and the request's id."""
    answer = await client.request(method, path, headers={"x-request-id": "my-id.7"})
    body = answer.json()

    assert (status, code) == (answer.status_code, body["code"])
    assert "application/problem+json" == answer.headers["content-type"]
    assert MEMBERS <= set(body)
    assert (status, "my-id.7") == (body["status"], body["requestId"])
    assert "my-id.7" == answer.headers["x-request-id"]
    assert path.partition("?")[0] == body["instance"]


async def test_a_refused_parameter_is_named(client: httpx.AsyncClient) -> None:
    """Each parameter that makes no sense is named with what is wrong with it."""
    body = (await client.get("/v1/tokens?minPrise=1&limit=x")).json()

    assert {"minPrise", "limit"} == {error["name"] for error in body["errors"]}


async def test_405_names_what_is_allowed(client: httpx.AsyncClient) -> None:
    """A method that is not allowed is answered with those that are."""
    known = {
        "/v1/tokens": "GET",
        "/v1/tokens/batch": "POST",
        "/v1/graphql": "GET, POST",
        "/": "GET",
    }
    for path, methods in known.items():
        assert methods == (await client.delete(path)).headers["allow"]


async def test_426_names_the_upgrade(client: httpx.AsyncClient) -> None:
    """A plain request to the WebSocket is told what it should have asked for."""
    headers = (await client.get("/v1/stream")).headers

    assert ("websocket", "Upgrade") == (headers["upgrade"], headers["connection"])


async def test_bodies_are_bounded(client: httpx.AsyncClient) -> None:
    """A body over the limit is refused, whether or not it says how long it is."""
    too_much = b"[" + b" " * 70_000
    chunks = (too_much[at : at + 1000] for at in range(0, len(too_much), 1000))

    async def streamed() -> Any:
        for chunk in chunks:
            yield chunk

    told = await client.post("/v1/tokens/batch", content=too_much)
    untold = await client.post("/v1/tokens/batch", content=streamed())

    for answer in (told, untold):
        assert (413, "bodyTooLarge") == (answer.status_code, answer.json()["code"])


async def test_a_strange_request_id_is_not_repeated(client: httpx.AsyncClient) -> None:
    """An id that could break a log line is replaced by one of ours."""
    answer = await client.get("/healthz", headers={"x-request-id": 'a"b c'})

    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


class Broken(MemoryViews):
    """A store that fails in one way or another."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    async def token(self, mint: str) -> TokenDocument | None:
        """Fail."""
        raise self._error

    async def progress(self) -> tuple[Progress, ...]:
        """Fail."""
        raise StoreError("gone")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(StoreError("gone"), 503, "unavailable"), (ZeroDivisionError("secret"), 500, "internal")],
)
async def test_failures_are_problems_that_tell_nothing(
    settings: ApiSettings, error: Exception, status: int, code: str
) -> None:
    """A store out of reach is a 503, a mistake of ours a 500; neither shows its inside."""
    app = create_app(Broken(error), FakeFeed(), settings)
    async with asked_from(app, "127.0.0.1") as client:
        answer = await client.get("/v1/tokens/11111111111111111111111111111111")
        ready = await client.get("/readyz")
        alive = await client.get("/healthz")

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert "secret" not in answer.text
    assert (503, 200) == (ready.status_code, alive.status_code)


def asked_from(app: FastAPI, address: str) -> httpx.AsyncClient:
    """Return a client at an address."""
    transport = httpx.ASGITransport(app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://btracker")


async def test_strangers_are_limited_and_this_machine_is_not(tmp_path: Path) -> None:
    """An address that asks more than its quota gets 429 and when to come back; loopback never."""
    limited = ApiSettings(data=tmp_path, rate_limit_burst=3, rate_limit_per_minute=60)
    app = create_app(MemoryViews(), FakeFeed(), limited)
    async with asked_from(app, "203.0.113.9") as stranger, asked_from(app, "127.0.0.1") as local:
        answers = [await stranger.get("/healthz") for _ in range(4)]
        there = [await local.get("/healthz") for _ in range(20)]
        proxied = [
            await local.get("/healthz", headers={"x-forwarded-for": "evil, 203.0.113.10"})
            for _ in range(4)
        ]

    assert [200, 200, 200, 429] == [answer.status_code for answer in answers]
    assert ['"address";r=2;t=1', '"address";r=1;t=2'] == [
        answer.headers["ratelimit"] for answer in answers[:2]
    ]
    assert "1" == answers[3].headers["retry-after"]
    assert "rateLimited" == answers[3].json()["code"]
    assert {200} == {answer.status_code for answer in there}
    assert 429 == proxied[3].status_code


async def test_origins_that_are_allowed_may_read(tmp_path: Path) -> None:
    """Pages of the origins in the settings may read answers and their headers, others may not."""
    settings = ApiSettings(data=tmp_path, cors_origins=("https://a.example",))
    app = create_app(MemoryViews(), FakeFeed(), settings)
    async with asked_from(app, "127.0.0.1") as client:
        good = await client.get("/healthz", headers={"origin": "https://a.example"})
        bad = await client.get("/healthz", headers={"origin": "https://b.example"})

    assert "https://a.example" == good.headers["access-control-allow-origin"]
    assert "X-Btracker-Slot" in good.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in bad.headers


async def test_requests_are_counted_by_route(client: httpx.AsyncClient, market: Market) -> None:
    """Metrics name routes, never paths, so that their number is bounded."""
    await client.get(f"/v1/tokens/{market.tokens[0].mint}/trades")
    await client.get("/no/such/path")
    text = (await client.get("/metrics")).text

    assert 'route="/v1/tokens/{mint}/trades",status="200"} 1.0' in text
    assert 'route="none",status="404"} 1.0' in text
    assert market.tokens[0].mint not in text
    assert f"btracker_complete_through_slot {float(SLOT):.8e}" in text
