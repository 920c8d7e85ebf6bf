"""An API over every store, filled with the same market."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.feed import FakeFeed
from tests.contract.api.market import Market, make_market
from views.contract import Views
from views.memory import MemoryViews
from views.sqlite.store import SQLiteViews


@pytest.fixture(scope="session")
def market() -> Market:
    """The market that every store is filled with."""
    return make_market()


@pytest.fixture(params=["memory", "sqlite"])
async def views(
    request: pytest.FixtureRequest, tmp_path: Path, market: Market
) -> AsyncIterator[Views]:
    """A store with the market in it."""
    store = MemoryViews() if request.param == "memory" else SQLiteViews(tmp_path / "store.sqlite")
    await market.put(store)
    yield store
    await store.close()


@pytest.fixture
def settings(tmp_path: Path) -> ApiSettings:
    """Settings under which nothing is answered from memory."""
    return ApiSettings(data=tmp_path, hot_tokens=0, hot_token_ms=0, head_ms=10)


@pytest.fixture
def feed() -> FakeFeed:
    """A live feed."""
    return FakeFeed()


@pytest.fixture
def app(views: Views, feed: FakeFeed, settings: ApiSettings) -> FastAPI:
    """The app under test."""
    return create_app(views, feed, settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client on this machine."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://btracker") as http:
        yield http
