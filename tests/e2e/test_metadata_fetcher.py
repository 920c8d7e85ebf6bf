"""launches, accounts -> metadata against a broker and a local server."""

import asyncio
import random
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import web

from domain.accounts.addresses import metadata_of
from schemas.accounts import Account, AccountsRead, Wanted
from schemas.topics import ACCOUNTS, LAUNCHES, METADATA
from streams import topics
from streams.sources.metadata import run_metadata_fetcher
from streams.sources.metadata_settings import MetadataSettings
from tests.brokers import Broker
from tests.unit.accounts.written import DBC, METAPLEX, metadata_bytes
from tests.unit.decode.scene import fresh
from tests.unit.match.claims import launch
from tests.workers import Reader, send

pytestmark = pytest.mark.slow


class Server:
    """Answers each path as told, one answer after the other; the last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, bytes]]] = {}
        self.asked: Counter[str] = Counter()
        self.base = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        path = request.path
        answers = self.answers[path]
        status, body = answers[min(self.asked[path], len(answers) - 1)]
        self.asked[path] += 1
        return web.Response(status=status, body=body)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Give a running server."""
    made, app = Server(), web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@asynccontextmanager
async def running(river: Broker, **changes: Any) -> AsyncIterator[None]:
    """Run the fetcher; it stops cleanly."""
    settings = MetadataSettings(
        kafka=river.address, fetch_allow=("127.0.0.1/32",), fetch_first_retry_s=0.05, **changes
    )
    stop = asyncio.Event()
    task = asyncio.create_task(run_metadata_fetcher(settings, stop))
    try:
        yield
        assert not task.done()
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


def launched(server: Server, *paths: str) -> list[tuple[str, bytes]]:
    """Return launches whose uris are *paths* of the server."""
    claims = {path: launch(path.strip("/")) for path in paths}
    return [
        (path, msgspec.json.encode(msgspec.structs.replace(
            claim, launch=msgspec.structs.replace(claim.launch, uri=server.base + path))))
        for path, claim in claims.items()
    ]  # fmt: skip


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with the topics."""
    await topics.create(broker.kafka, partitions=2, topics=(LAUNCHES, ACCOUNTS, METADATA))
    return broker


def completed(mint: str, uri: str | None) -> tuple[str, bytes]:
    """Return the accounts of a token from before; without *uri* it has no metadata."""
    data = None if uri is None else b64encode(metadata_bytes(mint, "old", "OLD", uri)).decode()
    account = None if data is None else Account(METAPLEX, data)
    wanted = Wanted(mint, mint, DBC, None, 1)
    found = AccountsRead(wanted, 2, {mint: None, metadata_of(mint): account})
    return mint, msgspec.json.encode(found)


def read(reader: Reader) -> dict[str, tuple[str | None, str | None]]:
    """Return name and error of each document that was published, by mint."""
    rows = {mint: msgspec.convert(row, METADATA.value) for mint, row in reader.newest().items()}
    return {mint: (row.name, row.error) for mint, row in rows.items()}


async def test_documents_and_the_errors_that_stand_for_them(river: Broker, server: Server) -> None:
    """What is found late is found; what is none after all, or forbidden, says so in a record."""
    server.answers = {
        "/here": [(200, b'{"name":"here"}')],
        "/late": [(404, b""), (404, b""), (503, b""), (200, b'{"name":"late"}')],
        "/page": [(200, b"<html>")],
        "/gone": [(404, b"")],
    }
    await send(river, LAUNCHES.name, [("broken", b"{")])
    await send(river, LAUNCHES.name, launched(server, *server.answers))
    private = launch("private")
    hidden = msgspec.structs.replace(private.launch, uri="http://127.0.0.2/")
    record = msgspec.json.encode(msgspec.structs.replace(private, launch=hidden))
    await send(river, LAUNCHES.name, [("private", record)])
    async with Reader(river, METADATA.name) as reader, running(river, fetch_retry_hours=1 / 3600):
        await reader.until_count(5)

    assert {
        "here": ("here", None),
        "late": ("late", None),
        "page": (None, "content: not a JSON object"),
        "gone": (None, "missing: HTTP 404"),
        "private": (None, "forbidden: 127.0.0.2 is not a public address"),
    } == read(reader)


async def test_a_restart_fetches_nothing_twice_and_forgets_nothing(
    river: Broker, server: Server
) -> None:
    """What was waiting for another attempt is tried again; what was published is not."""
    server.answers = {"/wait": [(404, b"")], "/here": [(200, b'{"name":"here"}')]}
    await send(river, LAUNCHES.name, launched(server, *server.answers))
    async with Reader(river, METADATA.name) as reader:
        async with running(river):
            await reader.until_count(1)
        server.answers["/wait"] = [(200, b'{"name":"wait"}')]
        async with running(river):
            await reader.until_count(2)

    assert {"here": ("here", None), "wait": ("wait", None)} == read(reader)
    assert 1 == server.asked["/here"]


async def test_documents_of_tokens_from_before(river: Broker, server: Server) -> None:
    """The uri is in their metadata; each is fetched once, and those without one are passed over."""
    first, bare, last = (fresh(random.Random(seed)) for seed in (31, 32, 33))
    server.answers = {"/old": [(200, b'{"name":"old"}')], "/last": [(200, b'{"name":"last"}')]}
    known = completed(first, server.base + "/old")
    told = [
        known,
        completed(bare, None),
        ("broken", b"{"),
        known,
        completed(last, server.base + "/last"),
    ]
    await send(river, ACCOUNTS.name, told)
    async with Reader(river, METADATA.name) as reader, running(river):
        await reader.until_count(2)

    assert {first: ("old", None), last: ("last", None)} == read(reader)
    assert 1 == server.asked["/old"]
