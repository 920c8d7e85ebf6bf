"""Hostile clients of a real server process: no 5xx, and nothing of them is left behind."""

from pathlib import Path

import pytest

from tests.load.hostile.run import run, wrong

pytestmark = pytest.mark.slow
NUMBER = 1500


async def test_nothing_is_left_of_hostile_clients(tmp_path: Path) -> None:
    """Whatever they send, all of it is refused; tasks, files and clients are as before."""
    figures = await run(tmp_path, number=NUMBER, seed=1)

    assert [] == wrong(figures), figures
    assert {101, 200, 400, 405} <= set(figures["statuses"])
    assert figures["closed"]
