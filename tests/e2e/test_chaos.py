"""Processes killed at any moment, workers by the number: every figure is the recorded truth's."""

from pathlib import Path

import pytest

from tests.load.chaos import Plan, run
from tests.shared import MARKET

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MARKET.exists(), reason="the recorded market's truth is not here"),
]


@pytest.mark.parametrize(
    "plan",
    [Plan(seed=1, blows=6), Plan(seed=2, broker="kafka", workers=3, blows=6)],
    ids=["embedded", "kafka"],
)
def test_whatever_is_killed_every_figure_is_the_truths(tmp_path: Path, plan: Plan) -> None:
    """Kill -9 and SIGSTOP in random order while a day replays; on Kafka its broker, too."""
    outcome = run(plan, tmp_path)

    assert [] == outcome.differences
    assert plan.blows == sum(outcome.blows.values())


def test_many_workers_give_the_answers_of_one(tmp_path: Path) -> None:
    """However the partitions are spread, at full speed: every figure is the truth's."""
    outcome = run(Plan(seed=3, broker="kafka", workers=4, speed=100_000, blows=0), tmp_path)

    assert [] == outcome.differences
