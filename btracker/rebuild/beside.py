"""A fresh store beside the old one, whatever kind they are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from btracker.rebuild.workplace import set_aside, workplace
from domain.errors import UsageError
from views.elastic.store import ElasticViews
from views.elastic.takeover import fresh_generation
from views.open import open_views, path_of
from views.replacing import Replaceable
from views.sqlite.store import SQLiteViews


class Beside(NamedTuple):
    """A *fresh* store; ``old`` opens the one that it may replace, new if none ``was_there``.

    ``set_aside`` puts that out of the way, where it could be read by nobody any more.
    """

    fresh: Replaceable
    was_there: bool
    old: Callable[[], AbstractAsyncContextManager[Replaceable]]
    set_aside: Callable[[], Path] | None


@asynccontextmanager
async def beside(url: str, *, trade_days: int) -> AsyncIterator[Beside]:
    """Give a fresh store beside the one at *url*; it is gone afterwards.

    Raises:
        UsageError: no store can be replaced there, or somebody else does so already.
        StoreError: the store cannot be opened.
    """
    path = path_of(url)
    opened = _beside_file(path) if path else _beside_generation(url, trade_days)
    async with opened as found:
        yield found


@asynccontextmanager
async def _beside_file(path: Path) -> AsyncIterator[Beside]:
    was_there = await asyncio.to_thread(path.exists)
    with workplace(path) as file:
        async with _file(file) as fresh:
            yield Beside(
                fresh,
                was_there,
                partial(_file, path),
                lambda: set_aside(path, at=datetime.now(UTC)),
            )


@asynccontextmanager
async def _file(path: Path) -> AsyncIterator[Replaceable]:
    views = SQLiteViews(path)
    try:
        yield views
    finally:
        await views.close()


@asynccontextmanager
async def _beside_generation(url: str, trade_days: int) -> AsyncIterator[Beside]:
    views = open_views(url, trade_days=trade_days)
    try:
        if not isinstance(views, ElasticViews):
            raise UsageError("A store in memory cannot be rebuilt; give sqlite:///PATH.")
        async with fresh_generation(views.layout) as (names, was_there):
            fresh = ElasticViews(views.elastic, names, keep_days=trade_days)
            yield Beside(fresh, was_there, partial(_opened, views), None)
    finally:
        await views.close()


@asynccontextmanager
async def _opened(views: Replaceable) -> AsyncIterator[Replaceable]:
    yield views
