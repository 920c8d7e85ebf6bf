"""Fixtures that many tests share."""

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.brokers import Broker, running_broker
from tests.elastic.server import ElasticServer
from tests.stores import EACH, empty_store, running_elastic
from views.contract import Views


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Give a Kafka without any topic of ours, for this test alone."""
    with running_broker(getattr(request, "param", "embedded")) as running:
        yield running


@pytest.fixture(scope="session")
def elastic() -> Iterator[ElasticServer]:
    """Give an Elasticsearch that all tests share; each uses names of its own, or empties it."""
    with running_elastic() as server:
        yield server


@pytest_asyncio.fixture(params=EACH)
async def views(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Views]:
    """Each store in turn, empty."""
    wanted = request.param == "elasticsearch"
    server = request.getfixturevalue("elastic") if wanted else None
    async with empty_store(request.param, tmp_path, server) as store:
        yield store


@pytest.fixture(autouse=True, scope="module")
def _nothing_left_open() -> Iterator[None]:
    """Find connections and files that tests left open here, not in whichever test comes later."""
    yield
    gc.collect()
