"""Every store behind the contract, for tests: in memory, in a file, in an Elasticsearch."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.elastic.server import ElasticServer, lacking
from views.contract import Views
from views.elastic.address import address_of
from views.elastic.client import Elastic
from views.elastic.names import Names
from views.elastic.store import ElasticViews
from views.memory import MemoryViews
from views.sqlite.store import SQLiteViews

ELASTIC = pytest.param("elasticsearch", marks=pytest.mark.slow)
EACH = ["memory", "sqlite", ELASTIC]
"""Parameters of tests that hold whichever store it is."""

MEMORY = Path("/dev/shm")  # noqa: S108
"""Each index that is made waits for the disk a dozen times; in memory it does not."""


@contextmanager
def running_elastic() -> Iterator[ElasticServer]:
    """Give an Elasticsearch with nothing in it; skip the test where there can be none."""
    if reason := lacking():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.exists() else None) as folder:
        server = ElasticServer(Path(folder) / "elastic")
        try:
            server.start()
            yield server
        finally:
            server.kill()


@asynccontextmanager
async def empty_store(
    kind: str, folder: Path, server: ElasticServer | None
) -> AsyncIterator[Views]:
    """Give a store with nothing in it."""
    store = _opened(kind, folder, server)
    if isinstance(store, ElasticViews):
        await emptied(store)
    try:
        yield store
    finally:
        await store.close()


async def emptied(store: ElasticViews) -> None:
    """Delete the indices that have anything in them; making all of them takes a second."""
    if not (there := (await store.layout.state()).aliases):
        return
    ours = ",".join(there)
    await store.elastic.ask("POST", f"/{ours}/_refresh")
    found = await store.elastic.ask("POST", f"/{ours}/_search", {"size": 9_999, "_source": False})
    await store.layout.drop({one["_index"] for one in json.loads(found)["hits"]["hits"]})


def elastic_store(server: ElasticServer, *, prefix: str = "tests") -> ElasticViews:
    """Return a store in an Elasticsearch; what is written is found at once."""
    address = address_of(f"{server.url}/{prefix}")
    return ElasticViews(Elastic(address), Names(address.prefix), at_once=True)


def _opened(kind: str, folder: Path, server: ElasticServer | None) -> Views:
    if kind == "memory":
        return MemoryViews()
    if kind == "sqlite":
        return SQLiteViews(folder / "store.sqlite")
    assert server is not None
    return elastic_store(server)
