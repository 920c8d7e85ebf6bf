"""The measurement of recovery, small: every kind of start has all rows, from where it should."""

import json

import pytest
from click.testing import CliRunner

from btracker.bench.recovery.run import Start, _complete
from btracker.commands.bench import command
from domain.errors import BtrackerError
from tests.brokers import Broker, on_both_brokers

pytestmark = pytest.mark.slow

KEYS = 600


@on_both_brokers
def test_a_small_measurement_is_complete(broker: Broker) -> None:
    """Cold from the changelog, warm from the checkpoint; who takes over reads next to nothing."""
    kafka = ["--kafka", broker.address] if broker.kind == "kafka" else []
    options = ["recovery", "--keys", str(KEYS), "--json", *kafka]

    answer = CliRunner().invoke(command, options, catch_exceptions=False)

    result = json.loads(answer.stdout)
    cold, warm, takeover = result["cold"], result["warm"], result["takeover"]
    assert 0 == answer.exit_code
    assert (0, KEYS) == (cold["fromCheckpoint"], cold["fromChangelog"])
    assert KEYS <= warm["fromCheckpoint"]
    assert 0 == warm["fromChangelog"]
    assert result["floorS"] > 0
    if broker.kind == "kafka":
        assert 0 == takeover["fromCheckpoint"]
        assert takeover["fromChangelog"] < KEYS // 10
    else:
        assert takeover is None


def test_a_start_without_all_rows_has_no_figures() -> None:
    """What is missing makes any start quick."""
    start = Start(
        from_checkpoint=400, from_changelog=100, recovery_s=1.0, until_work_s=2.0,
        cpu_us_per_row=1.0, memory=1, peak_memory_mib=1,
    )  # fmt: skip

    with pytest.raises(BtrackerError, match="500 of 600 rows"):
        _complete(start, KEYS)
