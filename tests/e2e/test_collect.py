"""The collector and a broker: nothing lost, nothing sent twice without need, whoever dies."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import Kafka
from schemas.topics import METADATA, PROGRESS, RAW_CHAIN, RAW_X
from streams import topics
from streams.ends import ends
from streams.sources.collect import run_collect
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings
from tests.brokers import Broker, running_broker
from tests.e2e.deployment import BTRACKER
from tests.unit.sources.recordings import demo_lines, write_recording

pytestmark = pytest.mark.slow

PARTITIONS = 3
LINES = 600


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the first hours of the demo market."""
    return write_recording(tmp_path_factory.mktemp("recordings") / "hours", demo_lines(LINES))


def create(broker: Broker) -> None:
    """Create all topics on a broker."""
    asyncio.run(topics.create(broker.kafka, partitions=PARTITIONS))


def collect(broker: Broker, data: Path, recording: Path, **told: str) -> subprocess.Popen[bytes]:
    """Start a collector."""
    settings = {
        "kafka": broker.address,
        "data": data,
        "recording": recording,
        "fetch_documents": False,
        **told,
    }
    env = {f"BTRACKER_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen([BTRACKER, "collect"], env=os.environ | env)


async def read(kafka: Kafka, topic: str) -> list[Any]:
    """Return everything that is on a topic now, partition after partition."""
    found: list[Any] = []
    async with AIOKafkaConsumer(**kafka.options, enable_auto_commit=False) as consumer:
        for partition in sorted(consumer.partitions_for_topic(topic) or ()):
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            reported = await consumer.end_offsets([place])
            end = (await ends(kafka, reported, fetch_max_wait_ms=5))[place]
            await consumer.seek_to_beginning(place)
            while await consumer.position(place) < end:
                found += (await consumer.getmany(timeout_ms=200)).get(place, [])
    return found


def records(broker: Broker, topic: str) -> list[Any]:
    """Return the records of a topic without the clocks."""
    return [one for one in asyncio.run(read(broker.kafka, topic)) if one.key != b"clock"]


def states(broker: Broker, recording: Path) -> Counter[tuple[str, str]]:
    """Return how often each kind of what a recording brings was said to be in which state."""
    told = [json.loads(one.value) for one in records(broker, PROGRESS.name)]
    name = f"recording:{recording.name}"
    return Counter((one["kind"], one["state"]) for one in told if one["source"] == name)


def until_done(
    broker: Broker, recording: Path, within_s: float = 40, *, state: str = "done", times: int = 1
) -> None:
    """Wait until everything of a recording was said to be done, or in another state, so often."""
    deadline = time.monotonic() + within_s
    kinds = ("chain", "x", "metadata")
    while any((now := states(broker, recording))[kind, state] < times for kind in kinds):
        assert time.monotonic() < deadline, now
        time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> int:
    """Stop a collector; return its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=10)


def values(broker: Broker) -> list[bytes]:
    """Return what is on the raw topic of the chain, in the order of the recording."""
    order = {line: place for place, line in enumerate(demo_lines(LINES))}
    return sorted((one.value for one in records(broker, RAW_CHAIN.name)), key=order.__getitem__)


def test_a_recording_is_on_its_topics_once(broker: Broker, tmp_path: Path, recording: Path) -> None:
    """Every line once; the last clock of every partition is complete through the last slot."""
    create(broker)
    process = collect(broker, tmp_path, recording)
    until_done(broker, recording)

    assert 0 == end(process)
    assert demo_lines(LINES) == values(broker)
    assert 28 == len(records(broker, RAW_X.name))
    last = json.loads(demo_lines(LINES)[-1])
    for topic in (RAW_CHAIN.name, RAW_X.name):
        newest = {one.partition: one for one in asyncio.run(read(broker.kafka, topic))}
        clock = {"time": last["blockTime"], "slot": last["slot"], "complete": last["slot"]}
        assert all(clock == json.loads(one.value) for one in newest.values())
        assert {(("bt_kind", b"clock"),)} == {one.headers for one in newest.values()}
        assert (PARTITIONS if topic == RAW_CHAIN.name else 1) == len(newest)
    newest_document = asyncio.run(read(broker.kafka, METADATA.name))[-1]
    assert ["source", "metadata"] == json.loads(newest_document.value)[:2]
    assert last["slot"] == json.loads(newest_document.value)[-1]


def test_another_broker_is_told_everything(tmp_path: Path, recording: Path) -> None:
    """A broker that forgot gets the journal; the recording is not even needed for what was read."""
    for _ in range(2):
        with running_broker() as broker:
            create(broker)
            process = collect(broker, tmp_path, recording)
            until_done(broker, recording)
            end(process)

            assert demo_lines(LINES) == values(broker)
            assert 28 == len(records(broker, RAW_X.name))


def test_a_killed_collector_goes_on(broker: Broker, tmp_path: Path, recording: Path) -> None:
    """Killed at any moment, everything arrives; at most what was under way arrives twice."""
    create(broker)
    for _ in range(3):
        process = collect(broker, tmp_path, recording, speed="20000")
        arrived = len(records(broker, RAW_CHAIN.name))
        deadline = time.monotonic() + 20
        while len(records(broker, RAW_CHAIN.name)) < arrived + 50 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.wait()
    process = collect(broker, tmp_path, recording)
    until_done(broker, recording)
    end(process)
    found = values(broker)

    assert demo_lines(LINES) == list(dict.fromkeys(found))
    assert len(found) - LINES <= 3 * 8 * 200


def test_an_end_is_said_again(broker: Broker, tmp_path: Path, recording: Path) -> None:
    """A collector that died before it could say that all is done says so when it starts again."""
    create(broker)
    for run in (1, 2):
        process = collect(broker, tmp_path, recording)
        until_done(broker, recording, times=run)
        assert 0 == end(process)

    assert demo_lines(LINES) == values(broker)


def test_a_collector_that_is_stopped_at_once_ends_well(
    broker: Broker, tmp_path: Path, recording: Path
) -> None:
    """Stopped before its first line it ends with exit code 0, as at any other moment."""
    create(broker)
    settings = CollectSettings(
        kafka=broker.address, data=tmp_path, recording=recording, speed="max"
    )

    async def stopped() -> bool:
        stop = asyncio.Event()
        stop.set()
        return await run_collect(settings, SolanaSettings(), XSettings(), stop)

    assert asyncio.run(stopped())


def test_half_a_file_is_no_good_end(broker: Broker, tmp_path: Path) -> None:
    """A collector whose recording is cut off ends with exit code 1."""
    create(broker)
    folder = write_recording(tmp_path / "cut", demo_lines(200), posts=[])
    packed = (folder / "chain.jsonl.zst").read_bytes()
    (folder / "chain.jsonl.zst").write_bytes(packed[:-500])
    process = collect(broker, tmp_path / "data", folder)
    until_done(broker, folder, state="stalled")

    assert 1 == end(process)


def test_a_second_recording_follows_the_first(
    broker: Broker, tmp_path: Path, recording: Path
) -> None:
    """Another recording on the same data folder is added; the first one is not sent again."""
    create(broker)
    more = write_recording(tmp_path / "more", demo_lines(LINES + 50)[LINES:], posts=[])
    for folder in (recording, more):
        process = collect(broker, tmp_path / "data", folder)
        until_done(broker, folder)
        end(process)

    found = [one.value for one in records(broker, RAW_CHAIN.name)]
    assert LINES + 50 == len(found)
    assert set(demo_lines(LINES + 50)) == set(found)


def test_no_kafka_is_one_sentence(tmp_path: Path, recording: Path) -> None:
    """Without a Kafka the collector ends with exit code 1, and its log says where it looked."""
    env = {
        "BTRACKER_KAFKA": "127.0.0.1:1",
        "BTRACKER_DATA": str(tmp_path),
        "BTRACKER_RECORDING": str(recording),
        "BTRACKER_FETCH_DOCUMENTS": "false",
    }
    ended = subprocess.run(
        [BTRACKER, "collect"], env=os.environ | env, capture_output=True, check=False, timeout=60
    )

    assert 1 == ended.returncode
    assert b"No Kafka answers at 127.0.0.1:1" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("process", ["collect", "index"])
def test_no_topics_is_one_sentence(process: str, tmp_path: Path, recording: Path) -> None:
    """On a Kafka without ours a process ends with exit code 2, names them and what makes them."""
    with running_broker() as empty:
        env = {
            "BTRACKER_KAFKA": empty.address,
            "BTRACKER_DATA": str(tmp_path),
            "BTRACKER_RECORDING": str(recording),
            "BTRACKER_STORE": f"sqlite:///{tmp_path}/store.sqlite",
        }
        ended = subprocess.run(
            [BTRACKER, process], env=os.environ | env, capture_output=True, check=False, timeout=60
        )

    assert (2, 1) == (ended.returncode, len(ended.stderr.splitlines())), ended.stderr
    assert b"; run: btracker topics create" in ended.stderr


def test_replaying_half_a_file_says_so(broker: Broker, tmp_path: Path) -> None:
    """What stands before the cut is published; exit code 1, and the sentence names the line."""
    create(broker)
    lines = demo_lines(200)
    folder = write_recording(tmp_path / "cut", [b"{", *lines], posts=[])
    packed = (folder / "chain.jsonl.zst").read_bytes()
    (folder / "chain.jsonl.zst").write_bytes(packed[:-500])
    ended = subprocess.run(
        [BTRACKER, "replay", str(folder), "--kafka", broker.address],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    whole = len(values(broker))
    letters = records(broker, RAW_CHAIN.name + ".dlq")

    assert 1 == ended.returncode
    assert f"Replayed {whole} transactions, 0 posts" in ended.stdout
    assert "Broken lines: 1, now in btracker.raw.chain.dlq." in ended.stdout
    assert f"in line {whole + 2}" in ended.stderr
    assert 1 == len(ended.stderr.splitlines())
    assert lines[:whole] == values(broker)
    assert 0 < whole < 200
    assert [b"{"] == [letter.value for letter in letters]
