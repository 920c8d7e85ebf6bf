"""The pipeline's measurement, small: it runs to its end, and notices a wrong state."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from btracker.bench.pipeline import race, watch
from btracker.bench.pipeline.contestants import BARE, FIELD
from btracker.bench.pipeline.course import backlog
from btracker.bench.pipeline.machinery import Cores
from btracker.bench.pipeline.market import Plan
from btracker.bench.pipeline.race import PARTITIONS, lap
from btracker.bench.pipeline.truth import State
from btracker.commands.bench import command
from domain.errors import BtrackerError

pytestmark = pytest.mark.slow

ANYWHERE = Cores(None, None)


def test_a_small_measurement_is_complete() -> None:
    """All contestants fold everything, and every trade sent shows as trade and in a token."""
    options = ["--tokens", "20", "--trades", "400", "--plain-trades", "100", "--runs", "1"]
    options += ["--seconds", "1", "--rates", "20", "--json"]

    answer = CliRunner().invoke(command, ["pipeline", *options], catch_exceptions=False)

    result = json.loads(answer.stdout)
    assert 0 == answer.exit_code
    contestants = result["contestants"]
    assert {who.name for who in FIELD} == contestants.keys() | result["absent"].keys()
    assert {"worker", "floor", "plain"} <= contestants.keys()
    # Of each trade there are two events; the clocks are told once in each partition.
    assert all(
        one["events"] == (216 if name == "plain" else 816) for name, one in contestants.items()
    )
    assert all(one["eventsPerSecond"] > 0 < one["cpuUsPerEvent"] for one in contestants.values())
    assert all(one["peakMemoryMib"] > 0 for one in contestants.values())
    assert [(20, 0, 20, 20)] == [
        (lap["sent"], lap["lost"], lap["trade"]["received"], lap["token"]["received"])
        for lap in result["latency"]["laps"]
    ]


def test_a_wrong_state_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A contestant whose rows are not what brute force expects has no figures."""
    monkeypatch.setattr(watch, "SETTLE_S", 0.0)
    monkeypatch.setattr(race, "LONGEST_FETCH_S", 0.0)
    waiting = backlog(Plan(seed=1, tokens=5, trades=50, partitions=PARTITIONS))
    mint, facts = next(iter(waiting.state.curves.items()))
    wrong = State(
        {**waiting.state.curves, mint: facts._replace(trades=facts.trades + 1)},
        waiting.state.candles,
    )

    with pytest.raises(BtrackerError, match="its figures mean nothing"):
        asyncio.run(lap(BARE, waiting._replace(state=wrong), kafka=None, cores=ANYWHERE))
