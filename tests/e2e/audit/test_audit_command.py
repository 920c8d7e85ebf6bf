"""``btracker audit`` on a deployment and on a copy of its topics: what scripts rely on."""

import asyncio
import json
import subprocess
from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaProducer

from schemas.kafka import Kafka
from schemas.topics import TRADES
from streams import topics
from tests.brokers import running_broker
from tests.e2e.audit.conftest import LINES
from tests.e2e.deployment import BTRACKER, Deployment
from tests.logs import Kept, MemoryLog

pytestmark = pytest.mark.slow


def test_the_audit_of_a_deployment_is_clean(up: Deployment) -> None:
    """Exit 0, and the counts of every stage and partition, for people and for programs."""
    told, read = up.command_on("audit"), up.command_on("audit", "--json")
    report = json.loads(read.stdout)
    stages = [(one["stage"], one["partition"]) for one in report["stages"]]
    store = [one["counts"] for one in report["stages"] if one["stage"] == "store"]

    assert (0, 0, "", "") == (told.returncode, read.returncode, told.stderr, read.stderr)
    assert told.stdout.endswith("Nothing is missing.\n")
    assert ([], 0) == (report["findings"], report["wrong"])
    assert [("read x", 0), ("read metadata", 0)] == stages[:2]
    parts = [("match", 0), *(("fold", n) for n in range(4)), *(("store", n) for n in range(4))]
    assert [*(("decode", n) for n in range(4)), *parts] == stages[2:]
    assert sum(one["seen"] for one in store) > LINES
    for one in report["stages"]:
        of = one["counts"]
        parts = of["applied"] + of["duplicate"] + of["notOurs"] + of["deadLettered"]
        assert of["seen"] == parts, one


def test_another_broker_with_one_trade_less_is_not_clean(log: MemoryLog) -> None:
    """The command reads what a broker has: the same log elsewhere, but for one trade, is wrong."""
    first, *_, last = log.records[TRADES.name, 3]
    with running_broker() as broker:
        asyncio.run(load(broker.kafka, log.changed((TRADES.name, 3), instead(first, last))))
        done = command("audit", "--kafka", broker.address, "--wait", "5")

    assert 1 == done.returncode
    assert [json.loads(first.value)["id"]] == [
        line.split()[3] for line in done.stdout.splitlines() if line.startswith("WRONG")
    ]
    assert "The store was not looked at" in done.stdout


def instead(lost: Kept, other: Kept) -> Callable[[list[Kept]], list[Kept]]:
    """Return what puts a record into the place of another one and of its copies."""
    return lambda records: [
        other._replace(offset=r.offset) if r.value == lost.value else r for r in records
    ]


async def load(kafka: Kafka, log: MemoryLog) -> None:
    """Put a log on a fresh broker, with the epochs of its topics."""
    await topics.create(kafka, partitions=4)
    async with AIOKafkaProducer(**kafka.options, linger_ms=5) as producer:
        for (topic, partition), records in log.records.items():
            for r in records:
                await producer.send(
                    topic, r.value, key=r.key, partition=partition, headers=list(r.headers)
                )


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours."""
    return subprocess.run(
        [BTRACKER, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
