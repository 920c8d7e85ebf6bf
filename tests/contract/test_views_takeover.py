"""A store that takes over all of another one: at once, and nobody writes in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from domain.errors import StoreError
from tests import samples
from tests.samples import batch, put
from views.sqlite import store as store_module
from views.sqlite.store import SQLiteViews


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SQLiteViews]:
    """Give a store, closed at the end."""
    views = SQLiteViews(path)
    try:
        yield views
    finally:
        await views.close()


@pytest_asyncio.fixture
async def old(tmp_path: Path) -> AsyncIterator[SQLiteViews]:
    """A store with a token and a post that the fresh one lacks."""
    async with opened(tmp_path / "store.sqlite") as views:
        await views.write(batch(put(samples.token("a", name="Old"), 9), samples.post("1", "kiwi")))
        yield views


@pytest_asyncio.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[SQLiteViews]:
    """A store with the same token at a smaller version, and another one."""
    async with opened(tmp_path / "fresh.sqlite") as views:
        await views.write(batch(put(samples.token("a", name="New"), 3), samples.token("b")))
        yield views


async def test_whoever_has_it_open_sees_the_other(
    tmp_path: Path, old: SQLiteViews, fresh: SQLiteViews
) -> None:
    """Documents, search, counts: all is the other's, also for who opened the file before."""
    async with opened(tmp_path / "store.sqlite") as reader:
        assert (await reader.counts()).posts == 1
        async with old.alone():
            await old.become(fresh)

        found = await reader.token("a")
        assert found is not None
        assert (3, b'"name":"New"' in bytes(found.body)) == (found.version, True)
        assert [hit.id for hit in await reader.search("new", limit=9)] == ["a"]
        assert await reader.search("kiwi", limit=9) == ()
        assert (2, 0) == ((await reader.counts()).tokens, (await reader.counts()).posts)
        await reader.write(batch(put(samples.token("a", name="Newer"), 4)))
        newest = await old.token("a")
        assert newest is not None
        assert 4 == newest.version


async def test_nobody_else_writes_meanwhile(
    tmp_path: Path, old: SQLiteViews, fresh: SQLiteViews
) -> None:
    """A write of another process waits until all is taken over, and has the last word."""
    async with opened(tmp_path / "store.sqlite") as writer:
        async with old.alone():
            writing = asyncio.create_task(writer.write(batch(put(samples.token("c"), 1))))
            await old.write(batch(samples.token("d")))
            await old.become(fresh)
            assert not writing.done()
        await writing

    kept = {mint for mint in "abcd" if await old.token(mint)}
    assert {"a", "b", "c"} == kept


async def test_who_waits_too_long_is_told(
    tmp_path: Path, old: SQLiteViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be better later, so the index process tries again; reading goes on."""
    monkeypatch.setattr(store_module, "BUSY_S", 0.05)
    async with opened(tmp_path / "store.sqlite") as writer, old.alone():
        with pytest.raises(StoreError, match="rebuilt"):
            await writer.write(batch(samples.token("c")))
        assert await writer.token("a") is not None
    await old.write(batch(samples.token("c")))

    assert await old.token("c") is not None
