"""``btracker rebuild``: what was damaged is named and put right, what is older is kept."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.slow


def test_a_store_that_was_damaged_is_found_out_and_rebuilt(up: Deployment) -> None:
    """Audit and rebuild name the rows; then the store is right, answers so, and is called equal."""
    before = up.api.get("/v1/tokens?limit=200").json()
    with closing(sqlite3.connect(up.data / "store.sqlite", timeout=10)) as db:
        trade, candle, token = damage(db)
        db.commit()
    audit, rebuild = up.command_on("audit"), up.command_on("rebuild")

    assert (1, 1) == (audit.returncode, rebuild.returncode)
    for said in (audit.stdout, rebuild.stdout):
        assert all(name in said for name in (trade, candle, token)), said
    assert "Wrong: 3." in audit.stdout
    again = up.command_on("rebuild", "--json")
    kinds = {one["name"]: one for one in json.loads(again.stdout)["kinds"]}
    assert 0 == again.returncode
    assert {0} == {one["different"] for one in kinds.values()}
    assert all(one["hash"] == one["hashBefore"] for one in kinds.values())
    assert by_hand(up.data / "store.sqlite") == kinds["trades"]["hash"]
    assert 0 == up.command_on("audit").returncode
    assert before == up.api.get("/v1/tokens?limit=200").json()


def damage(db: sqlite3.Connection) -> tuple[str, str, str]:
    """Delete a trade, change a candle, put a token ahead of its topic; return their keys."""
    trade = db.execute("SELECT id FROM trades ORDER BY id LIMIT 1 OFFSET 70").fetchone()[0]
    mint, start, body = db.execute("SELECT mint, start, body FROM candles LIMIT 1").fetchone()
    token = db.execute("SELECT mint FROM tokens ORDER BY mint DESC LIMIT 1").fetchone()[0]
    changed = json.dumps({**json.loads(body), "trades": 99}).encode()
    db.execute("DELETE FROM trades WHERE id = ?", (trade,))
    db.execute("UPDATE candles SET body = ? WHERE mint = ? AND start = ?", (changed, mint, start))
    db.execute("UPDATE tokens SET version = version + 1000000 WHERE mint = ?", (token,))
    return trade, f"{mint}:{start}", token


def by_hand(store: Path) -> str:
    """Return the canonical hash of a store's trades, as ``domain.canonical`` describes it."""
    with closing(sqlite3.connect(store)) as db:
        rows = db.execute("SELECT id, body FROM trades").fetchall()
    total = 0
    for key, body in rows:
        told = json.dumps(
            json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        line = f"{key}\n{told}".encode()
        total += int.from_bytes(hashlib.sha256(line).digest(), "big")
    return f"{total % 2**256:064x}"


def test_what_the_topics_no_longer_have_is_kept(up: Deployment) -> None:
    """A trade from before the topic began stays in the store, and is counted."""
    with closing(sqlite3.connect(up.data / "store.sqlite", timeout=10)) as db:
        db.execute(
            "INSERT INTO trades SELECT 'older', 5, mint, trader, time, sort, standing, priced, "
            "body FROM trades LIMIT 1"
        )
        db.execute("DELETE FROM posts")
        db.commit()
    first, second = up.command_on("rebuild"), up.command_on("rebuild")

    assert (1, 0) == (first.returncode, second.returncode)
    assert "Kept 1 documents" in first.stdout
    assert "Kept 1 documents" in second.stdout


def test_a_store_that_is_gone_is_made(up: Deployment, tmp_path: Path) -> None:
    """With nothing to compare it is filled, and then equal."""
    url = f"sqlite:///{tmp_path}/new.sqlite"
    made, again = up.command_on("rebuild", "--store", url), up.command_on("rebuild", "--store", url)
    missing = up.command_on("audit", "--store", f"sqlite:///{tmp_path}/none.sqlite")

    assert (0, 0, 2) == (made.returncode, again.returncode, missing.returncode)
    assert "There was no store; now there is one." in made.stdout
    assert "Equal" in again.stdout
    assert not list(tmp_path.glob("*.rebuild"))


def test_a_store_that_is_damaged_is_set_aside(up: Deployment) -> None:
    """It is kept and named, a new one answers as before, and all that runs goes on with that."""
    before = up.api.get("/v1/tokens?limit=200").json()
    with (up.data / "store.sqlite").open("r+b") as file:
        file.write(b"no database " * 300)
    audit, rebuild = up.command_on("audit"), up.command_on("rebuild")
    kept = [path.name for path in up.data.glob("store.sqlite.unusable-*Z")]

    assert (2, 1) == (audit.returncode, rebuild.returncode)
    assert (1, "") == (len(audit.stderr.splitlines()), audit.stdout)
    assert audit.stderr.endswith("btracker rebuild\n")
    assert 1 == len(kept)
    assert kept[0] in rebuild.stdout
    assert before == up.api.get("/v1/tokens?limit=200").json()
    assert 0 == up.command_on("rebuild").returncode
    assert 0 == up.command_on("audit").returncode
