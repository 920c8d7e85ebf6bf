"""A changelog of made-up rows: one curve per token, each written once."""

from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec
from aiokafka import AIOKafkaProducer
from solders.pubkey import Pubkey
from solders.signature import Signature as Signed

from schemas.kafka import Kafka
from schemas.place import Place
from schemas.rows import CurveRow, Spot
from schemas.topics import EVENTS
from streams.partitioner import partition_of
from streams.topics import changelog_of

CURVES: Final = changelog_of("curves", EVENTS, CurveRow)
SEED: Final = 20260104
BATCH_BYTES: Final = 500_000
SIGNATURES: Final = 1_000
SOL: Final = "So11111111111111111111111111111111111111112"
BEGAN: Final = 1_790_000_000


def rows(count: int, partitions: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and rows as the fold writes them; equal numbers give equal rows."""
    rng = Random(SEED)  # noqa: S311  # Made up, to be repeatable.
    signatures = [str(Signed(rng.randbytes(64))) for _ in range(SIGNATURES)]
    for number in range(count):
        fence = tuple((1, number, at) if at != 1 else None for at in range(partitions))
        place = Place(350_000_000 + number, number % 1_000, 2, 1, signatures[number % SIGNATURES])
        spot = Spot(place, BEGAN + number // 50, rng.getrandbits(70), rng.getrandbits(36), 10**11)
        row = CurveRow(fence, rng.randrange(1_000), -rng.getrandbits(50), spot, (), 6, 9, SOL)
        yield str(Pubkey(rng.randbytes(32))).encode(), msgspec.json.encode(row)


async def write(kafka: Kafka, *, count: int, partitions: int) -> int:
    """Write so many rows to their changelog; return how many bytes their keys and values have."""
    size = 0
    async with AIOKafkaProducer(
        **kafka.options, acks="all", max_batch_size=BATCH_BYTES
    ) as producer:
        batches = [producer.create_batch() for _ in range(partitions)]
        for key, value in rows(count, partitions):
            size += len(key) + len(value)
            at = partition_of(key, partitions)
            if batches[at].append(key=key, value=value, timestamp=None) is None:
                await (await producer.send_batch(batches[at], CURVES.name, partition=at))
                batches[at] = producer.create_batch()
                batches[at].append(key=key, value=value, timestamp=None)
        for at, batch in enumerate(batches):
            if batch.record_count():
                await (await producer.send_batch(batch, CURVES.name, partition=at))
    return size
