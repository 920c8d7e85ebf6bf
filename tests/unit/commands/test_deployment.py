"""What ``btracker up`` tells its processes: workers keep checkpoints where that makes sense."""

from pathlib import Path

import pytest

from btracker.deployment import UpOptions, environment, river_specs
from btracker.run_folder import Addresses
from btracker.settings import unknown
from schemas.kafka import Kafka


async def answers() -> bool:
    """Say that the broker answers."""
    return True


@pytest.mark.parametrize("kafka", [None, Kafka("host:9092")])
def test_each_worker_has_its_own_tables(tmp_path: Path, kafka: Kafka | None) -> None:
    """A folder each; none with a broker that forgets, whatever the environment says."""
    options = UpOptions(
        data=tmp_path, host="h", port=1, recording=tmp_path, speed=None, as_live=False,
        head_start_hours=0, kafka=kafka, store=None, redis=None, workers=2,
    )  # fmt: skip
    addresses = Addresses("host:9092", "store", "redis", "api", embedded=kafka is None)
    specs = river_specs(environment(options, addresses), workers=2, needs=answers)
    told = {spec.name: spec.env["BTRACKER_TABLES"] for spec in specs}
    base = tmp_path / "tables"

    assert [] == unknown(specs[0].env)
    assert ["reader", "worker-0", "worker-1", "index", "collect"] == list(told)
    assert (["", "", ""] if kafka is None else [f"{base}/{name}" for name in list(told)[:3]]) == [
        told["reader"],
        told["worker-0"],
        told["worker-1"],
    ]
