"""``btracker redecode``: what an older decoder could not read is sent, and counts once."""

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from btracker.deployment import DEMO
from domain.audit.decoding import RawRecount
from domain.decode import decode, decoding
from domain.decode.again import withheld_by
from domain.decode.chunk import DecodedChunk
from domain.decode.dbc import DBC
from domain.decode.partition import PartitionDecoder
from domain.decode.program import Found, Reading
from domain.decode.raw import RawDelivery
from domain.decode.transaction import Transaction
from schemas.chain_events import Other, Trade
from schemas.event import OnChain
from schemas.topics import EVENTS, RAW_CHAIN
from streams import epochs, topics
from streams.redecode import Count, Wanted, again_in, run_redecode
from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines
from streams.wire import codec
from tests.brokers import Broker
from tests.e2e.test_collect import read

pytestmark = pytest.mark.slow

COUNT, EVERY = 200, 7
RETENTION_S = 48 * 3_600
CLOCK = b'{"time":1790000000,"slot":1,"complete":0}'
ALL = Wanted(0, 1 << 62, None)


class OlderDBC:
    """A decoder to which the swaps of every seventh transaction are unknown."""

    program, vault_owners = DBC().program, DBC().vault_owners

    def decode(self, tx: Transaction) -> Reading:
        """Return what it knows."""
        reading = DBC().decode(tx)
        if sum(tx.signature.encode()) % EVERY:
            return reading
        return reading._replace(found=tuple(map(unknown, reading.found)))


def unknown(found: Found) -> Found:
    """Return an event as somebody sees it who does not know its layout."""
    if not isinstance(found.event, Trade):
        return found
    return found._replace(event=Other(OlderDBC.program, "meteora-dbc", "unknown:00"))


class Site:
    """A Kafka with one partition of everything, and the tables of its decoder."""

    def __init__(self, broker: Broker, epoch: int) -> None:
        self.kafka, self.epoch = broker.kafka, epoch
        self.signatures: dict[str, Any] = {}
        self.rows: dict[str, Any] = {}
        self.decoded = 0

    async def put(self, values: Iterable[tuple[bytes, bytes, Sequence[tuple[str, bytes]]]]) -> None:
        """Put records on the raw topic."""
        async with AIOKafkaProducer(**self.kafka.options, acks="all") as producer:
            for key, value, headers in values:
                await producer.send_and_wait(
                    RAW_CHAIN.name, value, key=key, headers=list(headers), partition=0
                )

    async def decode(self) -> DecodedChunk:
        """Decode what is new, as the worker does."""
        records = [delivery(one) for one in await read(self.kafka, RAW_CHAIN.name)]
        decoder = PartitionDecoder(
            self.signatures, self.rows, partition=0, epoch=self.epoch, retention_s=RETENTION_S
        )
        chunk = decoder.take(records[self.decoded :])
        self.decoded = len(records)
        self.signatures.update(chunk.signatures)
        self.rows["0"] = chunk.row
        async with AIOKafkaProducer(**self.kafka.options, acks="all") as producer:
            for mint, event in chunk.events:
                key, value = (mint or "clock").encode(), codec(type(event)).encode(event)
                await producer.send_and_wait(EVENTS.name, value, key=key, partition=0)
        return chunk

    async def redecode(self, wanted: Wanted = ALL) -> Count:
        """Run the command."""
        return await run_redecode(self.kafka, wanted, stop=asyncio.Event(), hear=lambda _: None)


def delivery(record: Any) -> RawDelivery:
    """Return a record as the decoder takes it."""
    return RawDelivery(record.offset, record.key, record.value, tuple(record.headers))


def ids(chunks: Iterable[DecodedChunk]) -> list[str]:
    """Return the ids of all events, with their kinds, as often as they came."""
    return sorted(
        f"{type(event.event).__name__}:{event.place.event_id}"
        for chunk in chunks
        for _, event in chunk.events
        if isinstance(event, OnChain) and isinstance(event.event, Trade)
    )


async def test_what_an_older_decoder_did_not_know_counts_once(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what it did not know is sent, once however often; a recount says the same."""
    await topics.create(broker.kafka, partitions=1)
    site = Site(broker, (await epochs.known(broker.kafka))[RAW_CHAIN.name])
    lines = list(islice(zst_lines(DEMO / CHAIN), COUNT))
    keys = [decode(line).signature.encode() for line in lines]
    with monkeypatch.context() as older:
        others = [one for one in decoding.PROGRAMS if one.program != OlderDBC.program]
        older.setattr(decoding, "PROGRAMS", (OlderDBC(), *others))
        await site.put((key, line, ()) for key, line in zip(keys, lines, strict=True))
        await site.put([(b"clock", CLOCK, [("bt_kind", b"clock")])])
        before = await site.decode()
    expected = ids([today(lines, keys, site.epoch)])
    missing = len(expected) - len(ids([before]))

    first, again = await site.redecode(), await site.redecode()
    after = await site.decode()
    last = await site.redecode()
    records = await read(broker.kafka, RAW_CHAIN.name)

    assert missing > COUNT / EVERY / 2
    assert (missing, missing, 0) == (first.sent, again.sent, last.sent)
    assert expected == ids([before, after])
    assert missing == after.row.duplicate
    assert [event for chunk in (before, after) for event in chunk.events] == recounted(
        records, site.epoch
    )


async def test_only_what_is_named_is_sent(broker: Broker) -> None:
    """Nothing is known of a slot beyond those that are named, or of another program."""
    await topics.create(broker.kafka, partitions=1)
    site = Site(broker, (await epochs.known(broker.kafka))[RAW_CHAIN.name])
    lines = list(islice(zst_lines(DEMO / CHAIN), 20))
    await site.put((decode(line).signature.encode(), line, ()) for line in lines)
    nothing_decoded = await site.redecode()
    await site.put([(b"clock", CLOCK, [("bt_kind", b"clock")])])
    await site.decode()

    assert (0, 0) == nothing_decoded
    assert 0 == (await site.redecode(ALL._replace(program="1" * 32))).sent
    assert 0 == (await site.redecode(Wanted(0, 1, None))).sent


def today(lines: Sequence[bytes], keys: Sequence[bytes], epoch: int) -> DecodedChunk:
    """Return what today's decoder makes of all of it at once."""
    decoder = PartitionDecoder({}, {}, partition=0, epoch=epoch, retention_s=RETENTION_S)
    pairs = enumerate(zip(keys, lines, strict=True))
    return decoder.take([RawDelivery(n, key, line, ()) for n, (key, line) in pairs])


def recounted(records: Sequence[Any], epoch: int) -> list[Any]:
    """Return the events that an audit expects."""
    withheld = withheld_by((one.key, one.offset, again_in(one)) for one in records)
    recount = RawRecount(
        partition=0, epoch=epoch, retention_s=RETENTION_S, set_aside=frozenset(), withheld=withheld
    )
    chunks = [recount.take(delivery(record)) for record in records]
    return [event for chunk in chunks if chunk for event in chunk.events]
