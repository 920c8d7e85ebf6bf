"""A market served by nodes that go wrong, through a whole ``btracker up``: the truth, no gap."""

from pathlib import Path

import pytest

from tests.load.solana import Plan, run
from tests.shared import MARKET

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MARKET.exists(), reason="the recorded market's truth is not here"),
]


async def test_faulty_nodes_end_in_the_truth(tmp_path: Path) -> None:
    """Drops, disconnects, lag, forks at processed, a killed collector: no figure differs.

    Nor does one in a replay of what was recorded of the killed one. ``python -m tests.load.solana``
    does it with the whole day, and without kills.
    """
    plan = Plan(count=500, speed=2_000, kills=3, replays=True)
    outcome = await run(plan, tmp_path / "data")

    assert [] == outcome.differences
    assert [] == outcome.replayed
    assert 0 == outcome.audit_code, outcome.audit
    assert 0 == outcome.status["counts"]["deadLettered"]
    assert 5 == len(outcome.status["sources"])
