"""What an earlier collector said of slots that were not complete: read back from the raw topic."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from domain.decode.raw import stamp_of
from domain.errors import UnreadableError
from domain.signatures import Kind
from schemas.fields import Signature, Slot
from schemas.kafka import Kafka
from schemas.topics import RAW_CHAIN
from streams.ends import ends
from streams.sources.lines import chain_head
from streams.sources.solana.desk import Desk
from streams.sources.solana.sent import Copy
from streams.topics import counted

FETCH_MAX_WAIT_MS, POLL_MS = 10, 200

Outstanding = dict[tuple[Slot, Signature], Copy]


async def recall(kafka: Kafka, desk: Desk, offsets: Mapping[int, int]) -> int:
    """Tell a desk of each processed transaction that is neither confirmed nor taken back.

    *offsets*: where to begin in each partition, else at its beginning. Returns how many.

    Raises:
        KafkaError: Kafka does not answer.
    """
    outstanding: Outstanding = {}
    async with AIOKafkaConsumer(
        **kafka.options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
    ) as consumer:
        count = (await counted(kafka))[RAW_CHAIN.name]
        places = [TopicPartition(RAW_CHAIN.name, one) for one in range(count)]
        consumer.assign(places)
        starts = await consumer.beginning_offsets(places)
        reported = await consumer.end_offsets(places)
        until = await ends(kafka, reported, fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
        for place in places:
            consumer.seek(place, max(starts[place], offsets.get(place.partition, 0)))
        while waiting := [p for p in places if await consumer.position(p) < until[p]]:
            for records in (await consumer.getmany(*waiting, timeout_ms=POLL_MS)).values():
                for record in records:
                    note(outstanding, record)
    for (slot, signature), copy in outstanding.items():
        desk.recall(slot, signature, copy)
    return len(outstanding)


def note(outstanding: Outstanding, record: ConsumerRecord) -> None:
    """Take note of one raw record: a processed copy, or what settles one."""
    try:
        stamp = stamp_of(record.headers)
        if stamp is None or record.key is None or record.value is None:
            return
        at = chain_head(record.value).slot, record.key.decode("ascii", "replace")
    except UnreadableError:
        return  # It was a dead letter to whoever read it, too.
    if stamp.kind is not Kind.PROCESSED:
        outstanding.pop(at, None)
    elif at not in outstanding:
        outstanding[at] = Copy(stamp.index or 0, stamp.exact, record.value)
