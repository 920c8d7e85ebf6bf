"""What an earlier collector said of slots that were not complete: read back from the raw topic."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from domain.decode.raw import stamp_of
from domain.errors import UnreadableError
from domain.signatures import FINAL, TAKES_BACK, Kind
from schemas.fields import Signature, Slot
from schemas.kafka import Kafka
from schemas.topics import RAW_CHAIN
from streams.ends import ends
from streams.sources.lines import chain_head
from streams.sources.solana.desk import Desk
from streams.sources.solana.sent import Copy
from streams.topics import counted

FETCH_MAX_WAIT_MS, POLL_MS = 10, 200

FINAL_MAX = 10_000
"""Most confirmed copies whose bytes are kept: none of them ever had to be taken back so far."""

Outstanding = dict[tuple[Slot, Signature], Copy]


async def recall(kafka: Kafka, desk: Desk, offsets: Mapping[int, int]) -> int:
    """Tell a desk of each transaction that was told of, and neither taken back nor placed.

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
                    note(outstanding, record, through=desk.walk.through)
    for (slot, signature), copy in outstanding.items():
        desk.recall(slot, signature, copy)
    return len(outstanding)


def note(outstanding: Outstanding, record: ConsumerRecord, *, through: Slot) -> None:
    """Take note of a raw record of a slot behind *through*: a copy, or what takes one back."""
    try:
        stamp = stamp_of(record.headers)
        if stamp is None or record.key is None or record.value is None:
            return
        at = chain_head(record.value).slot, record.key.decode("ascii", "replace")
    except UnreadableError:
        return  # It was a dead letter to whoever read it, too.
    if at[0] <= through:
        return
    known, is_final = outstanding.get(at), stamp.kind in FINAL
    if stamp.kind in TAKES_BACK:
        if known and (stamp.kind is Kind.WITHDRAWN or not known.final):
            del outstanding[at]
    elif known is None or (is_final and not (known.final and known.exact)):
        has_room = not is_final or len(outstanding) < FINAL_MAX
        value = record.value if has_room else None
        outstanding[at] = Copy(stamp.index or 0, stamp.exact, is_final, value)
