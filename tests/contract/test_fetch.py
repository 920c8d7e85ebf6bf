"""Fetching from addresses that nobody vouches for, against a local server."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address

import pytest
import pytest_asyncio
from aiohttp import web
from yarl import URL

from streams.sources.fetch import Failed, open_fetcher
from streams.sources.guard import ForbiddenError, Guard
from streams.sources.metadata import retry_in
from streams.sources.metadata_settings import MetadataSettings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOCAL = ("127.0.0.1/32",)


def settings(**changes: object) -> MetadataSettings:
    """Return settings for a local server."""
    values: dict[str, object] = {
        "fetch_allow": LOCAL, "fetch_timeout_s": 5.0, "fetch_bytes_max": 10_000,
    }  # fmt: skip
    return MetadataSettings(**{**values, **changes})


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Give what starts a server on 127.0.0.1 that answers every path."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


async def fetched(uri: str, *, attempt: int = 0, **changes: object) -> bytes | Failed:
    """Return what one attempt gives."""
    async with open_fetcher(settings(**changes).limits) as fetcher:
        return await fetcher.fetch(uri, attempt=attempt)


async def test_a_document(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """The bytes come as the server has them; nothing compressed is asked for."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"asked": request.headers["Accept-Encoding"]})

    assert b'{"asked": "identity"}' == await fetched(await serve(answer) + "/1")


async def test_redirects_are_followed_and_bounded(
    serve: Callable[[Handler], Awaitable[str]],
) -> None:
    """Four redirects are followed, relative ones too; not a fifth."""

    async def answer(request: web.Request) -> web.Response:
        left = int(request.match_info["path"])
        return web.Response(body=b"{}") if left == 0 else _redirect(f"/{left - 1}")

    base = await serve(answer)

    assert b"{}" == await fetched(f"{base}/4")
    assert Failed("content", "more than 4 redirects") == await fetched(f"{base}/5")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:1/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data",
        "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/",
        "http://0.0.0.0/", "http://224.0.0.1/", "file:///etc/passwd", "http://a:b@127.0.0.1/",
    ],
)  # fmt: skip
async def test_redirects_into_private_networks_are_refused(
    serve: Callable[[Handler], Awaitable[str]], target: str
) -> None:
    """Each step is judged, not only the first."""

    async def answer(request: web.Request) -> web.Response:
        del request
        return _redirect(target)

    found = await fetched(await serve(answer))

    assert isinstance(found, Failed)
    assert "forbidden" == found.cause


@pytest.mark.parametrize("host", ["localhost", "2130706433", "127.1", "0x7f000001"])
async def test_names_are_judged_by_where_they_lead(
    serve: Callable[[Handler], Awaitable[str]], host: str
) -> None:
    """A name or an odd spelling that resolves to a forbidden address is never connected to."""
    visited = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        del request
        visited.set()
        return web.Response(body=b"{}")

    base = URL(await serve(answer))
    found = await fetched(f"http://{host}:{base.port}/", fetch_allow=())

    assert isinstance(found, Failed)
    assert ("forbidden", False) == (found.cause, visited.is_set())


async def test_large_documents_are_cut_off(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """Reading stops at the limit, also when no length was announced."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 4_096)
        except ConnectionError:
            return response

    assert Failed("content", "more than 10,000 bytes") == await fetched(await serve(answer))


async def test_compressed_answers_are_refused(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """A few bytes could grow to anything."""

    async def answer(request: web.Request) -> web.Response:
        del request
        body = gzip.compress(b" " * 1_000_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    found = await fetched(await serve(answer))

    assert isinstance(found, Failed)
    assert "content" == found.cause


async def test_slow_answers_end_in_time(serve: Callable[[Handler], Awaitable[str]]) -> None:
    """A server that never ends does not hold a place."""
    release = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        del request
        await release.wait()
        return web.Response()

    found = await fetched(await serve(answer), fetch_timeout_s=0.2)
    release.set()

    assert Failed("busy", "no answer within 0.2 s") == found


@pytest.mark.parametrize(
    ("status", "headers", "failed"),
    [
        (404, {}, Failed("missing", "HTTP 404")),
        (410, {}, Failed("missing", "HTTP 410")),
        (503, {}, Failed("busy", "HTTP 503")),
        (429, {"Retry-After": "30"}, Failed("busy", "HTTP 429", 30.0)),
        (429, {"Retry-After": "999999999"}, Failed("busy", "HTTP 429", 3600.0)),
    ],
)
async def test_failures_by_cause(
    serve: Callable[[Handler], Awaitable[str]],
    status: int,
    headers: dict[str, str],
    failed: Failed,
) -> None:
    """What is missing is told from who is busy, and how long a server asks to wait."""

    async def answer(request: web.Request) -> web.Response:
        del request
        return web.Response(status=status, headers=headers)

    assert failed == await fetched(await serve(answer))


@pytest.mark.parametrize("uri", ["ipfs://cid/1", "ipfs://ipfs/cid/1", "https://ipfs.io/ipfs/cid/1"])
async def test_gateways_take_turns(serve: Callable[[Handler], Awaitable[str]], uri: str) -> None:
    """Whatever way a document on IPFS is named, each attempt asks the next gateway."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=request.path)

    base = await serve(answer)
    gateways = (f"{base}/a/", f"{base}/b/")

    assert [b"/a/cid/1", b"/b/cid/1", b"/a/cid/1"] == [
        await fetched(uri, attempt=attempt, ipfs_gateways=gateways) for attempt in range(3)
    ]


@pytest.mark.parametrize("uri", ["", "nonsense", "http://", "http://[", "ftp://x/", "data:,x"])
async def test_addresses_that_are_none(uri: str) -> None:
    """Untrusted text that is no address fails for good, and quietly."""
    found = await fetched(uri)

    assert isinstance(found, Failed)
    assert "forbidden" == found.cause


def test_public_addresses_are_open() -> None:
    """Ordinary addresses pass, private ones only where they are named."""
    Guard().check(ip_address("93.184.216.34"))
    Guard().check(ip_address("2606:2800:220:1::1"))
    Guard(["10.0.0.0/8"]).check(ip_address("10.1.2.3"))
    with pytest.raises(ForbiddenError):
        Guard(["10.0.0.0/8"]).check(ip_address("192.168.0.1"))


@pytest.mark.parametrize(
    ("failed", "attempt", "elapsed_s", "wait_s"),
    [
        (Failed("missing", ""), 0, 0, 2.0),
        (Failed("missing", ""), 3, 30, 16.0),
        (Failed("missing", ""), 50, 7_200, 600.0),
        (Failed("missing", ""), 50, 21_500, None),
        (Failed("busy", "", 30.0), 0, 0, 30.0),
        (Failed("content", ""), 0, 0, 2.0),
        (Failed("content", ""), 8, 299, None),
        (Failed("forbidden", ""), 0, 0, None),
    ],
)
def test_attempts_by_cause(
    failed: Failed, attempt: int, elapsed_s: float, wait_s: float | None
) -> None:
    """Waits double up to ten minutes, for six hours; what is unusable is given up sooner."""
    waits = retry_in(failed, attempt=attempt, elapsed_s=elapsed_s, settings=MetadataSettings())

    assert wait_s == waits


def _redirect(target: str) -> web.Response:
    return web.Response(status=302, headers={"Location": target})
