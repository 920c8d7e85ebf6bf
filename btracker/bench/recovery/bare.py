"""The floor: a bare aiokafka consumer reads the changelog into a dictionary of decoded rows.

Run as a module, with a worker's settings in its environment; prints the seconds it took.
"""

import time
from typing import Any

import click
import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from btracker.bench.recovery.rows import CURVES
from schemas.rows import CurveRow
from streams.settings import StreamSettings


async def main() -> None:
    """Read all there is."""
    settings = StreamSettings()
    places = [TopicPartition(CURVES.name, number) for number in range(settings.partitions)]
    rows: dict[str, Any] = {}
    decode = msgspec.json.Decoder(CurveRow).decode
    consumer = AIOKafkaConsumer(**settings.cluster.options, enable_auto_commit=False)
    async with consumer:
        consumer.assign(places)
        began = time.perf_counter()
        for place in places:
            consumer.seek(place, 0)
        left = await consumer.end_offsets(places)
        while left := {p: end for p, end in left.items() if await consumer.position(p) < end}:
            for some in (await consumer.getmany(timeout_ms=200)).values():
                for record in some:
                    rows[record.key.decode()] = decode(record.value)
        click.echo(time.perf_counter() - began)


if __name__ == "__main__":
    uvloop.run(main())
