"""The measurement of capture, small: every mode brings everything that was told."""

import json

import pytest
from click.testing import CliRunner

from btracker.commands.bench import command

pytestmark = pytest.mark.slow

PER_SECOND, SECONDS = 20, 1


def test_a_small_measurement_is_complete() -> None:
    """Nothing is missing in any mode; only in logs mode the node is asked for transactions."""
    options = ["capture", "--rate", str(PER_SECOND), "--seconds", str(SECONDS), "--json"]

    answer = CliRunner().invoke(command, options, catch_exceptions=False)

    laps = {lap["mode"]: lap for lap in json.loads(answer.stdout)["laps"]}
    assert 0 == answer.exit_code
    assert ["floor", "transactions", "blocks", "logs"] == list(laps)
    # A slot takes 400 ms, and only whole ones are told.
    assert all(lap["sent"] >= PER_SECOND * SECONDS for lap in laps.values())
    assert [0] * 4 == [lap["missing"] for lap in laps.values()]
    assert all(lap["raw"]["p50Ms"] <= lap["event"]["p50Ms"] for lap in laps.values())
    assert ["logs"] == [mode for mode, lap in laps.items() if lap["answer"]]
    assert ["floor"] == [mode for mode, lap in laps.items() if lap["cpuUs"] is None]
