"""A store whose file cannot be used: one sentence with the remedy, and another one in its place."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from btracker.rebuild.workplace import set_aside
from domain.errors import UnusableStoreError
from tests import samples
from tests.samples import batch
from views.sqlite.store import SQLiteViews

PAGE = 4_096


def overwrite_header(path: Path) -> None:
    """Write over the beginning."""
    with path.open("r+b") as file:
        file.write(b"no database " * 20)


def raise_version(path: Path) -> None:
    """Have it made by another version."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 999")


def overwrite_pages(path: Path) -> None:
    """Write over all but the first page."""
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xff" * (path.stat().st_size - PAGE))


async def made(path: Path) -> None:
    """Make a store with a token."""
    views = SQLiteViews(path)
    await views.write(batch(samples.token("a")))
    await views.close()


@pytest.mark.parametrize("damage", [overwrite_header, raise_version, overwrite_pages])
async def test_a_file_that_cannot_be_used_names_the_remedy(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Opening it, or the check of a rebuild, says which file it is and what makes it anew."""
    path = tmp_path / "store.sqlite"
    await made(path)
    damage(path)
    with pytest.raises(UnusableStoreError) as said:
        await checked(path)

    assert str(path) in str(said.value)
    assert str(said.value).endswith("btracker rebuild")


async def test_a_store_is_opened_while_somebody_writes(tmp_path: Path) -> None:
    """Whoever only asks is not held up by one who writes, not even by one who stands still."""
    path = tmp_path / "store.sqlite"
    await made(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE totals SET total = total + 1")
        await checked(path)


async def checked(path: Path) -> None:
    """Open a store and read through it."""
    views = SQLiteViews(path)
    try:
        await views.check()
    finally:
        await views.close()


async def test_whoever_has_it_open_goes_on_with_the_one_in_its_place(tmp_path: Path) -> None:
    """Reading and writing go to the new file, and the old one is kept with what it had."""
    path = tmp_path / "store.sqlite"
    await made(path)
    open_before = SQLiteViews(path)
    assert await open_before.token("a") is not None
    await open_before.write(batch(samples.token("b")))

    aside = set_aside(path, at=datetime.now(UTC))
    assert await open_before.token("a") is not None  # Until there is another.
    fresh = SQLiteViews(path)
    await fresh.write(batch(samples.token("c")))

    assert [None, None] == [await open_before.token(mint) for mint in "ab"]
    await open_before.write(batch(samples.token("d")))
    assert [True, True] == [await fresh.token(mint) is not None for mint in "cd"]
    await open_before.close()
    await fresh.close()
    kept = SQLiteViews(aside)
    found = [await kept.token(mint) is not None for mint in "abcd"]
    await kept.close()
    assert [True, True, False, False] == found
