"""raw.chain -> events, launches, claims: what each transaction did."""

from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial

from domain.decode.chunk import DecodedChunk
from domain.decode.partition import PartitionDecoder
from domain.decode.raw import RawDelivery
from schemas.topics import CLAIMS, EVENTS, LAUNCHES, RAW_CHAIN
from streams.app import app
from streams.attempts import Bad, attempt
from streams.chunks import Chunk, DeadLetter, Kept
from streams.metrics import UNKNOWN
from streams.outputs import Output, internal
from streams.partitioner import partition_of
from tables.decoders import decoders
from tables.signatures import signatures

CLOCK = "clock"


def open_decoder(chunk: Chunk) -> PartitionDecoder:
    """Return the decoder of a chunk's partition, from its rows."""
    return PartitionDecoder(
        signatures.of(chunk.partition),
        decoders.of(chunk.partition),
        partition=chunk.partition,
        epoch=chunk.epoch,
        retention_s=app.settings.retention_hours * 3_600,
    )


opened = Kept(open_decoder)


@app.arrow(RAW_CHAIN, to=(RAW_CHAIN, EVENTS, LAUNCHES, CLAIMS))
async def decode_transactions(chunks: AsyncIterator[Chunk]) -> None:
    """Decode chunks; what cannot be read is dead-lettered, the rest goes on."""
    async for chunk in chunks:
        decoded, bad = attempt(
            partial(decode, chunk),
            deliveries(chunk),
            again=partial(opened.forget, chunk),
            instead=unreadable,
        )
        for protocol, count in decoded.unknown.items():
            UNKNOWN.labels(protocol).inc(count)
        await chunk.finish(
            rows={signatures: decoded.signatures},
            outputs=[*readdressed(chunk, decoded), *outputs(decoded)],
            last_rows={decoders: {str(chunk.partition): decoded.row}},
            dead_letters=dead_letters(chunk, decoded, bad),
            progress=decoded.progress,
        )


def decode(chunk: Chunk, records: Sequence[RawDelivery]) -> DecodedChunk:
    """Decode records into the state of the chunk's partition."""
    return opened.of(chunk).take(records)


def deliveries(chunk: Chunk) -> list[RawDelivery]:
    """Return the records of a chunk as the domain takes them."""
    return [RawDelivery(r.offset, r.key, r.value or b"", r.headers) for r in chunk.records]


def unreadable(record: RawDelivery) -> RawDelivery:
    """Return what is counted in the place of a record that made us fail: one with nothing in it."""
    return RawDelivery(record.offset, record.key, b"", ())


def outputs(decoded: DecodedChunk) -> Iterator[Output]:
    """Yield what a chunk says: events by mint, clocks everywhere, and claims to be joined."""
    partitions = range(app.partitions_of(EVENTS))
    for mint, event in decoded.events:
        if mint is None:
            for partition in partitions:
                yield internal(EVENTS, key=CLOCK, value=event, partition=partition)
        else:
            partition = partition_of(mint.encode(), len(partitions))
            yield internal(EVENTS, key=mint, value=event, partition=partition)
    for config in decoded.configs:
        yield internal(CLAIMS, key=config.config, value=config, partition=0)
    for claim in decoded.launches:
        yield internal(LAUNCHES, key=claim.launch.mint, value=claim, partition=0)
        yield internal(CLAIMS, key=claim.launch.mint, value=claim, partition=0)
    for mint, event in decoded.events:
        if mint is None:
            yield internal(CLAIMS, key=CLOCK, value=event, partition=0)


def readdressed(chunk: Chunk, decoded: DecodedChunk) -> Iterator[Output]:
    """Yield the records that lie under another key again, under their signature."""
    by_offset = {record.offset: record for record in chunk.records} if decoded.readdressed else {}
    count = app.partitions_of(RAW_CHAIN)
    for offset, signature in decoded.readdressed:
        record, key = by_offset[offset], signature.encode()
        partition = partition_of(key, count)
        yield Output(RAW_CHAIN.name, partition, key, record.value, record.headers)


def dead_letters(chunk: Chunk, decoded: DecodedChunk, bad: Sequence[Bad]) -> list[DeadLetter]:
    """Return a dead letter for each record that could not be read, or made us fail."""
    by_offset = {record.offset: record for record in chunk.records}
    failed = {item.offset: DeadLetter(by_offset[item.offset], f"{error!r}") for item, error in bad}
    refused = [
        DeadLetter(by_offset[offset], reason)
        for offset, reason in decoded.refused
        if offset not in failed
    ]
    return [*refused, *failed.values()]
