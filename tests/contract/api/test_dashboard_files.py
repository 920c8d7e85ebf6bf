"""The dashboard's files over HTTP: addresses, lifetimes, policy, packing."""

import gzip
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.feed import FakeFeed
from views.memory import MemoryViews

PAGE, SCRIPT = "<!doctype html><title>Btracker</title>", "console.log(1);" * 100
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder such as the build leaves."""
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(PAGE)
    (built / "manifest.webmanifest").write_text("{}")
    (built / "assets" / "index-B6ME21yl.js").write_text(SCRIPT)
    (tmp_path / "secret").write_text("not for you")
    return built


def client_of(tmp_path: Path, folder: Path, **settings: object) -> httpx.AsyncClient:
    """Return a client of an API that serves a folder."""
    told = ApiSettings(data=tmp_path, dashboard=folder, **settings)
    transport = httpx.ASGITransport(create_app(MemoryViews(), FakeFeed(), told))
    return httpx.AsyncClient(transport=transport, base_url="http://btracker")


async def test_every_address_is_the_page(tmp_path: Path, folder: Path) -> None:
    """Whoever opens or reloads an address of the dashboard gets the page, also without a key."""
    async with client_of(tmp_path, folder, anonymous_scopes=()) as client:
        for path in (
            "/",
            "/?launchpad=believe&q=cat",
            "/browse",
            "/watchlist",
            "/market",
            "/token/abc",
        ):
            answer = await client.get(path, headers=BROWSER)

            assert (path, 200, PAGE) == (path, answer.status_code, answer.text)
            assert "no-cache" == answer.headers["cache-control"]
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self';" in policy
            assert "unsafe" not in policy


async def test_what_is_nowhere_is_said_in_the_callers_language(
    tmp_path: Path, folder: Path
) -> None:
    """A browser that goes astray gets the page and 404; a program, and all of /v1, a problem."""
    async with client_of(tmp_path, folder) as client:
        astray = await client.get("/nothing/here", headers=BROWSER)
        program = await client.get("/nothing/here")
        api = await client.get("/v1/nothing", headers=BROWSER)

    assert (404, PAGE) == (astray.status_code, astray.text)
    assert (404, "notFound") == (program.status_code, program.json()["code"])
    assert (404, "notFound") == (api.status_code, api.json()["code"])


async def test_assets_are_kept_for_ever(tmp_path: Path, folder: Path) -> None:
    """What has a hash in its name is never asked for again; it is packed for who accepts that."""
    async with client_of(tmp_path, folder) as client:
        path = "/assets/index-B6ME21yl.js"
        packed = await client.get(path, headers={"accept-encoding": "gzip"})
        plain = await client.get(path, headers={"accept-encoding": "identity"})
        again = await client.get(path, headers={"if-none-match": plain.headers["etag"]})

    assert (SCRIPT, SCRIPT) == (packed.text, plain.text)
    assert len(gzip.compress(SCRIPT.encode())) >= int(packed.headers["content-length"])
    assert "text/javascript; charset=utf-8" == plain.headers["content-type"]
    assert "public, max-age=31536000, immutable" == plain.headers["cache-control"]
    assert "Accept-Encoding" == plain.headers["vary"]
    assert (304, b"") == (again.status_code, again.content)


@pytest.mark.parametrize(
    "path",
    ["/assets/other.js", "/assets/..%2f..%2fsecret", "/assets/%2e%2e%2findex.html", "/sw.js"],
)
async def test_nothing_else_is_served(tmp_path: Path, folder: Path, path: str) -> None:
    """What the build did not leave is not there, whatever is beside it."""
    async with client_of(tmp_path, folder) as client:
        assert 404 == (await client.get(path)).status_code


async def test_without_a_build_there_is_the_explorer(tmp_path: Path) -> None:
    """An API whose dashboard was not built shows its own page instead."""
    async with client_of(tmp_path, tmp_path / "nowhere") as client:
        answer = await client.get("/", headers=BROWSER)

        assert (307, "/explorer") == (answer.status_code, answer.headers["location"])
        assert "Btracker API" in (await client.get("/explorer")).text
