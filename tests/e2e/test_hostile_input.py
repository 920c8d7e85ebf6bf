"""Whatever is put on the raw topics: nothing stops, and every record is counted."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.kafka import Kafka
from schemas.progress import Progress
from schemas.topics import PROGRESS, RAW_CHAIN, RAW_X
from streams.ends import ends
from tests.e2e.deployment import Deployment
from tests.recordings import lines_of, write
from tests.shared import MARKET as RECORDING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not RECORDING.exists(), reason="the recorded market is not here"),
]

HOSTILE = 20_000
SEED = 20_261_121


def hostile(lines: list[bytes], posts: list[bytes]) -> Iterator[tuple[str, bytes | None, bytes]]:
    """Yield (topic, key, value): mutated and random records, the same ones each time."""
    rng = random.Random(SEED)
    for _ in range(HOSTILE):
        topic, source = rng.choice(((RAW_CHAIN.name, lines), (RAW_X.name, posts)))
        key = rng.choice((None, b"", b"key", rng.randbytes(64)))
        yield topic, key, mutated(rng, rng.choice(source))
    yield RAW_CHAIN.name, b"huge", b'{"transaction":"' + b"A" * 900_000 + b'"}'


def mutated(rng: random.Random, value: bytes) -> bytes:
    """Return something that was once a record."""
    match rng.randrange(6):
        case 0:
            return value[: rng.randrange(len(value))]
        case 1:
            spot = rng.randrange(len(value))
            return value[:spot] + bytes([value[spot] ^ 1 << rng.randrange(8)]) + value[spot + 1 :]
        case 2:
            return rng.randbytes(rng.randrange(300))
        case 3:
            return value.replace(b"dbcij3LW", b"dbcij3LX").replace(b"null", b"[]")
        case 4:
            return b"[" * rng.randrange(3_000)
        case _:
            return rng.choice((b"", b"{}", b"[]", b"1", b"null", b'{"meta":5}', b'{"data":{}}'))


async def produce(kafka: Kafka, records: Iterator[tuple[str, bytes | None, bytes]]) -> None:
    """Put records on their topics."""
    async with AIOKafkaProducer(**kafka.options, linger_ms=5) as producer:
        for topic, key, value in records:
            await producer.send(topic, value, key=key)


async def raw_ends(kafka: Kafka) -> dict[tuple[str, int], int]:
    """Return the next offset of each partition of the raw topics."""
    async with AIOKafkaConsumer(**kafka.options) as consumer:
        await consumer.topics()
        places = [
            TopicPartition(topic.name, partition)
            for topic in (RAW_CHAIN, RAW_X)
            for partition in consumer.partitions_for_topic(topic.name) or ()
        ]
        found = await ends(kafka, await consumer.end_offsets(places), fetch_max_wait_ms=5)
        return {(place.topic, place.partition): end for place, end in found.items()}


async def progress_through(kafka: Kafka, wanted: dict[tuple[str, int], int]) -> list[Progress]:
    """Return each stage's progress once it has taken everything up to *wanted*."""
    stages = {("decode", None): RAW_CHAIN.name, ("read", "x"): RAW_X.name}
    newest: dict[tuple[str, int], Progress] = {}
    decoder, deadline = msgspec.json.Decoder(Progress), time.monotonic() + 120
    async with AIOKafkaConsumer(
        PROGRESS.name, **kafka.options, auto_offset_reset="earliest"
    ) as consumer:
        while any(end > through(newest.get(place)) for place, end in wanted.items()):
            assert time.monotonic() < deadline, (wanted, newest)
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in map(decoder.decode, (r.value for r in records)):
                    if topic := stages.get((record.stage, record.source)):
                        newest[topic, record.partition] = record
    return list(newest.values())


def through(progress: Progress | None) -> int:
    """Return the next offset that a stage will take."""
    return progress.offset + 1 if progress else 0


async def test_hostile_records_stop_nothing_and_are_all_counted(tmp_path: Path) -> None:
    """Seen = applied + duplicate + not ours + dead-lettered, and seen is all that was put there."""
    lines, posts = lines_of(RECORDING), (RECORDING / "posts.jsonl").read_bytes().splitlines()
    recording = write(tmp_path / "short", lines[:200], like=RECORDING)
    with Deployment(tmp_path / "data", "--recording", str(recording), "--speed", "max") as up:
        up.wait(json.loads(lines[199])["slot"])
        kafka = Kafka(up.kafka())
        await produce(kafka, hostile(lines, posts))
        stages = await progress_through(kafka, await raw_ends(kafka))
        status = up.status()

        assert status is not None
        for stage in stages:
            counts = stage.counts
            parts = (counts.applied, counts.duplicate, counts.not_ours, counts.dead_lettered)
            assert counts.seen == sum(parts), stage
        assert sum(stage.counts.seen for stage in stages) >= HOSTILE + 1 + 200
        assert sum(stage.counts.dead_lettered for stage in stages) > HOSTILE // 4
        assert {"done"} == {source["state"] for source in status["sources"]}
