"""A whole ``btracker up`` with live posts: the same links, and nothing left of a deleted post."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.deployment import Deployment
from tests.ports import free_port
from tests.shared import MARKET
from tests.unit.sources.recordings import demo_lines, write_recording
from tests.workers import until
from tests.xserver.server import TOKEN, recorded

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MARKET.exists(), reason="the recorded market is not on this machine"),
]

ROOT = Path(__file__).parents[2]
LINES = 400
"""The first hours of the market, with a few launches that were asked for."""


@contextmanager
def x_server() -> Iterator[str]:
    """Run the server as one does by hand; give its address."""
    port = free_port()
    options = ["--port", str(port), "--speed", "max", "--compliance", "--recording", str(MARKET)]
    with subprocess.Popen([sys.executable, "-m", "tests.xserver", *options], cwd=ROOT) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_posts_come_live_and_go_when_they_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The truth's links; then no answer has a deleted post, and its token keeps its id alone."""
    lines = demo_lines(LINES)
    last = json.loads(lines[-1])["slot"]
    tokens = json.loads((MARKET / "truth.json").read_text())["tokens"]
    truth = {mint: one for mint, one in tokens.items() if one["launch_slot"] < last}
    expected = {mint: one["post_id"] for mint, one in truth.items() if one["post_id"]}
    text = {one["data"]["id"]: one["data"]["text"] for one in recorded(MARKET / "posts.jsonl")}
    monkeypatch.setenv("BTRACKER_X_BEARER_TOKEN", TOKEN)
    monkeypatch.setenv("BTRACKER_X_COMPLIANCE", "true")
    recording = write_recording(tmp_path / "chain", lines, posts=[])
    with x_server() as x:
        monkeypatch.setenv("BTRACKER_X", x)
        options = ("--recording", str(recording), "--speed", "max")
        with Deployment(tmp_path / "data", *options, env=os.environ) as up:
            up.reach(last)

            def linked() -> dict[str, dict[str, Any]]:
                tokens = up.api.post("/v1/tokens/batch", json={"mints": list(truth)}).json()
                posts = {token["mint"]: token["post"] for token in tokens["items"]}
                return {mint: one for mint, one in posts.items() if one["status"] == "matched"}

            until(lambda: expected == {mint: one["id"] for mint, one in linked().items()})
            doctor = up.command_on("doctor", "--port", str(up.port))
            gone = dict(list(expected.items())[:2])
            by_x, by_hand = gone.values()
            httpx.post(f"{x}/control/delete", json={"post_id": by_x})
            deleted = up.command_on("x", "delete", by_hand)
            until(
                lambda: (
                    {404} == {up.api.get(f"/v1/posts/{one}").status_code for one in gone.values()}
                )
            )
            until(lambda: {None} == {linked()[mint]["text"] for mint in gone})
            after = linked()
            words = [" ".join(text[one].split()[-6:-1]) for one in gone.values()]
            found = [up.api.get("/v1/search", params={"q": word}).json() for word in words]

    assert (0, "Deleted 1") == (deleted.returncode, deleted.stdout[:9])
    assert "ok    X at" in doctor.stdout
    assert expected == {mint: one["id"] for mint, one in after.items()}
    assert not {one["id"] for answer in found for one in answer["items"]} & set(gone.values())
