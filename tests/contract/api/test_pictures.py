"""Pictures of tokens, fetched by the API from real local servers: what may pass, and how often."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from api.app import create_app
from api.pictures import Pictures, kind_of
from api.problem import Problem
from api.settings import ApiSettings
from btracker.pictures import picture_fetch
from streams.sources.metadata_settings import MetadataSettings
from tests import samples
from tests.contract.api.feed import FakeFeed
from views.memory import MemoryViews

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
MINT = "So11111111111111111111111111111111111111112"


@asynccontextmanager
async def hosted(body: bytes, *, said: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Give the address of a picture, and what it was asked to accept."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept"])
        return web.Response(body=body, content_type=said)

    host = web.Application()
    host.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(host, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/coin", asked
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(
    folder: Path, image: str | None, *allowed: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an API that knows one token with this picture."""
    views = MemoryViews()
    await views.write(samples.batch(samples.token(MINT, image=image)))
    async with picture_fetch(MetadataSettings(fetch_allow=allowed, fetch_timeout_s=5)) as fetch:
        app = create_app(views, FakeFeed(), ApiSettings(data=folder), fetch=fetch)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as asking:
            yield asking


async def test_a_picture_is_what_its_bytes_are(tmp_path: Path) -> None:
    """It is fetched once, typed by its bytes, kept by browsers, and harmless opened by itself."""
    async with (
        hosted(PNG, said="text/html") as (uri, asked),
        client(tmp_path, uri, "127.0.0.0/8") as asking,
    ):
        first = await asking.get(f"/v1/tokens/{MINT}/image")
        tag = {"If-None-Match": first.headers["ETag"]}
        again = await asking.get(f"/v1/tokens/{MINT}/image", headers=tag)

    assert (first.status_code, first.content, again.status_code) == (200, PNG, 304)
    assert first.headers["Content-Type"] == "image/png"
    assert first.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert [one.split(",")[0] for one in asked] == ["image/*"]


@pytest.mark.parametrize(
    "body", [b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"<html>", b""]
)
async def test_what_is_no_picture_is_not_passed_on(tmp_path: Path, body: bytes) -> None:
    """Whatever its server calls it: scripts and pages get nowhere, and it is not asked twice."""
    async with (
        hosted(body, said="image/png") as (uri, asked),
        client(tmp_path, uri, "127.0.0.0/8") as asking,
    ):
        told = [await asking.get(f"/v1/tokens/{MINT}/image") for _ in range(2)]

    assert [one.status_code for one in told] == [503, 503]
    assert {one.json()["code"] for one in told} == {"pictureUnavailable"}
    assert 0 < int(told[1].headers["Retry-After"]) <= 300
    assert len(asked) == 1


async def test_private_addresses_are_not_asked(tmp_path: Path) -> None:
    """A token's picture leads nobody into the network of the deployment."""
    async with (
        hosted(PNG, said="image/png") as (uri, asked),
        client(tmp_path, uri) as asking,
    ):
        told = await asking.get(f"/v1/tokens/{MINT}/image")

    assert (told.status_code, asked) == (503, [])


async def test_without_a_picture_there_is_none(tmp_path: Path) -> None:
    """A token without one, and a deployment that fetches none, say 404."""
    async with client(tmp_path, None) as asking:
        told = await asking.get(f"/v1/tokens/{MINT}/image")
    with pytest.raises(Problem) as refused:
        await Pictures(None, most=1).get("https://example.com/coin.png")

    assert (told.status_code, told.json()["code"]) == (404, "noPicture")
    assert (refused.value.status, refused.value.code) == (404, "noPicture")


async def test_memory_is_bounded_and_a_crowd_is_one_request() -> None:
    """All who ask meanwhile share one fetch; what was shown longest ago makes room."""
    asked: list[str] = []

    async def fetch(uri: str) -> bytes:
        asked.append(uri)
        await asyncio.sleep(0)
        return PNG

    pictures = Pictures(fetch, most=2 * len(PNG))
    await asyncio.gather(*(pictures.get("a") for _ in range(100)))
    for uri in ("b", "a", "c", "a", "b"):
        await pictures.get(uri)

    assert asked == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"RIFF\0\0\0\0WAVE", None), (b"\0\0\0\x1cftypmp42", None), (b"%PDF", None),
    ],
)  # fmt: skip
def test_kinds(body: bytes, kind: str | None) -> None:
    """A picture is known by the signature of its format."""
    assert kind_of(body) == kind
