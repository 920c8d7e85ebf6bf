"""A market through Elasticsearch, which is gone for a minute; then beside SQLite, byte for byte."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.feed import FakeFeed
from tests.e2e.deployment import Deployment
from tests.elastic.server import ElasticServer
from tests.shared import MARKET as RECORDING
from tests.stores import running_elastic
from tests.truth import Market, load
from views.open import open_views

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not RECORDING.exists(), reason="the recorded market's truth is not here"),
]

GONE_S, ASK_EVERY_S = 60.0, 0.2
HOT = ("/v1/tokens/{mint}", "/v1/boards/new?limit=20")


class River(NamedTuple):
    """A deployment whose day is done, and what it answered while its store was gone."""

    up: Deployment
    server: ElasticServer
    truth: dict[str, Any]
    before: list[httpx.Response]
    meanwhile: list[httpx.Response]
    ready: int
    behind: int


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[River]:
    """A day replayed in half a minute; in the middle of it the store is killed for a minute."""
    truth, folder = load(RECORDING), tmp_path_factory.mktemp("river")
    with running_elastic() as server:
        asked = ("--recording", str(RECORDING), "--speed", "3000", "--store", server.url)
        with Deployment(folder / "data", *asked) as up:
            up.reach((truth["end_slot"] + 452_000_000) // 2)
            mint = up.api.get("/v1/tokens?limit=1").json()["items"][0]["mint"]
            paths = [path.format(mint=mint) for path in HOT]
            before = [up.api.get(path) for path in paths]
            server.kill()
            gone = time.monotonic()
            while (ready := up.api.get("/readyz").status_code) != 503:
                assert time.monotonic() - gone < GONE_S
            while time.monotonic() - gone < GONE_S:
                meanwhile = [up.api.get(path) for path in paths]
                time.sleep(ASK_EVERY_S)
            behind = up.api.get("/v1/status").status_code
            server.start()
            up.wait(truth["end_slot"], within_s=200)
            yield River(up, server, truth, before, meanwhile, ready, behind)


def test_a_store_that_was_gone_lacks_nothing(river: River) -> None:
    """Writes waited, and every figure is the recorded truth's; nothing became a dead letter."""
    status = river.up.status()

    assert [] == Market(river.up.api, river.truth).differences()
    assert status is not None
    assert ("elasticsearch", 0) == (status["store"]["kind"], status["counts"]["deadLettered"])
    assert len(river.truth["tokens"]) == status["counts"]["tokens"]


def test_hot_reads_went_on_and_said_that_they_were_stale(river: River) -> None:
    """A token and a board were answered as they had been; whoever asked was told."""
    assert [200, 200] == [answer.status_code for answer in river.meanwhile]
    assert ["true", "true"] == [answer.headers["x-btracker-stale"] for answer in river.meanwhile]
    assert not any("x-btracker-stale" in answer.headers for answer in river.before)
    assert (503, 503) == (river.ready, river.behind)
    again = river.up.api.get("/v1/boards/new?limit=20")
    assert "x-btracker-stale" not in again.headers


FIGURES = (
    "progress", "price", "marketCap", "liquidity", "holders", "volume24h", "trades24h",
    "launchedAt", "completedAt", "volume1h", "traders1h", "age",
)  # fmt: skip
BOUNDS = ("Progress", "Price", "MarketCap", "Liquidity", "Holders", "Volume24h", "Trades24h", "Age")
NUMBERS = ("0", "0.000000001", "0.5", "1", "3", "12.5", "60", "500", "40000")
WORDS = ("lun", "pulse", "harbor cloud", "$agent", "pixle", "a", "launch", "the", "nova", "forge")


CANDLES = (
    {"resolution": "5m"}, {"resolution": "5s", "empty": "true"}, {"resolution": "1d"},
    {"resolution": "1h", "kind": "marketCap"},
)  # fmt: skip

Asked = tuple[str, dict[str, Any]]


def listing(mints: list[str], people: list[str]) -> st.SearchStrategy[Asked]:
    """Return what can be asked of the list of tokens."""
    bound = st.builds(
        lambda side, figure, number: {f"{side}{figure}": number},
        st.sampled_from(["min", "max"]), st.sampled_from(BOUNDS), st.sampled_from(NUMBERS),
    )  # fmt: skip
    others = st.fixed_dictionaries(
        {},
        optional={
            "stage": st.sampled_from(["bonding", "migrated", "completed,migrated"]),
            "launchpad": st.sampled_from(["believe", "pump"]),
            "hasPost": st.sampled_from(["true", "false"]),
            "creator": st.sampled_from(people),
            "q": st.sampled_from((*WORDS, mints[0][:3])),
            "sortBy": st.sampled_from(FIGURES),
            "sortOrder": st.sampled_from(["asc", "desc"]),
            "limit": st.integers(1, 15),
        },
    )
    return st.builds(lambda one, more: ("/v1/tokens", one | more), bound | st.just({}), others)


def questions(mints: list[str], people: list[str]) -> st.SearchStrategy[Asked]:
    """Return what can be asked of any route that the store answers."""
    mint, person = st.sampled_from(mints), st.sampled_from(people)
    some = st.integers(1, 40).map(lambda limit: {"limit": limit})
    parts, boards = ("trades", "holders", "events"), ("new", "graduating", "graduated", "trending")

    def under(path: str, ids: st.SearchStrategy[str], query: Any) -> st.SearchStrategy[Asked]:
        return st.builds(lambda one, asked: (path.format(one), asked), ids, query)

    return st.one_of(
        listing(mints, people),
        st.sampled_from(parts).flatmap(lambda part: under(f"/v1/tokens/{{}}/{part}", mint, some)),
        under("/v1/tokens/{}/candles", mint, st.sampled_from(CANDLES)),
        *(under(f"/v1/tokens/{{}}{part}", mint, st.just({})) for part in ("", "/posts")),
        *(under(f"/v1/wallets/{{}}{part}", person, some) for part in ("/trades", "/positions")),
        *(under(f"/v1/{noun}/{{}}", person, st.just({})) for noun in ("wallets", "creators")),
        under("/v1/boards/{}", st.sampled_from(boards), some),
        st.builds(lambda q, n: ("/v1/search", {"q": q, **n}), st.sampled_from(WORDS), some),
        st.just(("/v1/stats", {})),
    )


def test_sqlite_of_the_same_topics_answers_byte_for_byte(river: River, tmp_path: Path) -> None:
    """Whatever route, filter, sort and page is asked, both stores give the very same JSON."""
    other = f"sqlite:///{tmp_path}/other.sqlite"
    made = river.up.command_on("rebuild", "--store", other)
    assert 0 == made.returncode, made.stdout
    listed = river.up.api.get("/v1/tokens?limit=100").json()["items"]
    mints = [token["mint"] for token in listed]
    people = sorted({token["creator"] for token in listed})[:10]
    traders = river.up.api.get(f"/v1/tokens/{mints[0]}/trades?limit=20").json()["items"]
    people += sorted({trade["trader"] for trade in traders})

    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        opened = [client(url, tmp_path) for url in (other, river.server.url)]
        clients = [runner.run(stack.enter_async_context(one)) for one in opened]

        @settings(
            max_examples=300, deadline=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
        )  # fmt: skip
        @given(questions(mints, people))
        def same(asked: Asked) -> None:
            path, query = asked
            for _ in range(4):
                answers = [runner.run(one.get(path, params=query)) for one in clients]
                expected, actual = ((one.status_code, one.content) for one in answers)
                assert expected == actual, asked
                assert 200 == answers[0].status_code, asked
                following = answers[0].json().get("nextCursor")
                if following is None:
                    return
                query = {**query, "cursor": following}

        try:
            same()
        finally:
            runner.run(stack.aclose())


@asynccontextmanager
async def client(url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give the API over a store, nothing of it from memory; cursors of one are good for all."""
    views = open_views(url)
    asked = ApiSettings(data=folder, hot_tokens=0, hot_token_ms=0, head_ms=10)
    transport = httpx.ASGITransport(create_app(views, FakeFeed(), asked))
    async with httpx.AsyncClient(transport=transport, base_url="http://btracker") as http:
        yield http
    await views.close()


def test_damage_is_found_and_put_right_while_it_is_in_use(river: River) -> None:
    """A trade that is gone is named; then another generation is in place, and is called equal."""
    board = "/v1/tokens?limit=100&sortBy=trades24h"
    before = river.up.api.get(board).content
    found = river.server.ask("GET", "/btracker-trades/_search?size=1")
    assert isinstance(found, dict)
    (lost,) = found["hits"]["hits"]
    river.server.ask("DELETE", f"/{lost['_index']}/_doc/{lost['_id']}?refresh=true")
    first, second = river.up.command_on("rebuild"), river.up.command_on("rebuild")

    assert (1, 0) == (first.returncode, second.returncode), first.stdout + first.stderr
    assert f"{lost['_id']} was not there" not in second.stdout
    assert lost["_id"] in first.stdout
    assert before == river.up.api.get(board).content
