"""The decoder of a raw partition: what comes again changes nothing, and all is counted."""

import io
import json
from typing import Any

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decode.chunk import DecodedChunk
from domain.decode.decoding import decode
from domain.decode.partition import PartitionDecoder
from domain.decode.raw import RawDelivery
from schemas.chain_events import Launch, Trade
from schemas.event import Clock, OnChain, Op
from schemas.limits import CHUNKS_IN_FLIGHT
from tests.shared import MARKET as RECORDING

pytestmark = pytest.mark.skipif(not RECORDING.exists(), reason="the recorded market is not here")

HOUR_S = 3_600
EXACT = (("bt_kind", b"confirmed"), ("bt_index", b"0"), ("bt_exact", b"1"))


def lines(count: int) -> list[bytes]:
    """Return the first lines of the recorded market."""
    with (RECORDING / "chain.jsonl.zst").open("rb") as packed:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(packed))
        return [line.encode() for line, _ in zip(text, range(count), strict=False)]


@pytest.fixture(scope="module")
def market() -> list[bytes]:
    """The first 300 transactions of the recorded market."""
    return lines(300)


def delivered(values: list[bytes], start: int = 0) -> list[RawDelivery]:
    """Return transactions as they lie in a partition, under their signatures."""
    return [
        RawDelivery(offset, decode(value).signature.encode(), value, EXACT)
        for offset, value in enumerate(values, start)
    ]


def clock(offset: int, time: int, slot: int = 0) -> RawDelivery:
    """Return a source's clock."""
    value = json.dumps({"time": time, "slot": slot, "complete": slot}).encode()
    return RawDelivery(offset, b"clock", value, (("bt_kind", b"clock"),))


class Partition:
    """A decoder with tables that are written as the worker writes them."""

    def __init__(self) -> None:
        self.signatures: dict[str, Any] = {}
        self.rows: dict[str, Any] = {}
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not in the tables."""
        self.decoder = PartitionDecoder(
            self.signatures, self.rows, partition=0, epoch=7, retention_s=48 * HOUR_S
        )

    def take(self, records: list[RawDelivery]) -> DecodedChunk:
        """Decode a chunk and store its rows."""
        chunk = self.decoder.take(records)
        for signature, row in chunk.signatures.items():
            self.signatures.pop(signature, None) if row is None else self.signatures.update(
                {signature: row}
            )
        self.rows["0"] = chunk.row
        return chunk


def emitted(chunk: DecodedChunk) -> list[bytes]:
    """Return the events of a chunk as bytes."""
    return [msgspec.json.encode(event) for _, event in chunk.events]


def test_every_copy_after_the_first_is_a_duplicate(market: list[bytes]) -> None:
    """A second delivery of the raw input emits nothing and is counted as duplicate."""
    partition = Partition()
    partition.take(delivered(market))
    again = partition.take(delivered(market, start=len(market)))

    assert [] == again.events
    counts = again.progress.counts
    assert (600, 300, 300) == (counts.seen, counts.applied, counts.duplicate)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 120), min_size=1, max_size=4),
    back=st.integers(0, 299),
    restarted=st.booleans(),
)
def test_what_is_delivered_again_emits_the_same(
    market: list[bytes], *, sizes: list[int], back: int, restarted: bool
) -> None:
    """Redelivered from any offset, in other chunks, after a crash or not: the same."""
    records = delivered(market)
    partition = Partition()
    first = emitted(partition.take(records))
    if restarted:
        partition.restart()
    tail = [e for _, e in Partition().take(records).events if e.raw.offset >= back]
    again: list[bytes] = []
    while back < len(records):
        size = sizes[back % len(sizes)]
        again += emitted(partition.take(records[back : back + size]))
        back += size

    assert [msgspec.json.encode(event) for event in tail] == again
    assert first[len(first) - len(again) :] == again
    assert 300 == partition.rows["0"].seen == partition.rows["0"].applied


def test_ordinals_tell_the_events_of_a_record_apart(market: list[bytes]) -> None:
    """No two events of a partition have the same raw position, and positions grow."""
    chunk = Partition().take(delivered(market))
    positions = [event.raw for _, event in chunk.events]

    assert sorted(set(positions)) == positions


def test_a_record_under_another_key_is_sent_where_it_belongs(market: list[bytes]) -> None:
    """An outsider may produce without a key: the record is readdressed, not counted twice."""
    bare = [RawDelivery(offset, None, value, ()) for offset, value in enumerate(market)]
    chunk = Partition().take(bare)

    assert [] == chunk.events
    assert [decode(value).signature for value in market] == [r.signature for r in chunk.readdressed]
    assert 300 == chunk.progress.counts.not_ours


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (b"", ()),
        (b"{", ()),
        (b"[]", ()),
        (b"null", ()),
        (b"\xff\xfe", ()),
        (b"{}", (("bt_kind", b"clock"),)),
        (b"{}", (("bt_kind", b"wrong"),)),
        (b"{}", (("bt_index", b"-1"),)),
        (b'{"time":"x"}', (("bt_kind", b"clock"),)),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    market: list[bytes], value: bytes, headers: tuple[tuple[str, bytes], ...]
) -> None:
    """Unreadable bytes stop nothing: they are refused, counted, and the rest is decoded."""
    good = delivered(market[:50], start=1)
    chunk = Partition().take([RawDelivery(0, b"k", value, headers), *good])

    assert [0] == [refused.offset for refused in chunk.refused]
    assert "" != chunk.refused[0].reason
    assert 50 == chunk.progress.counts.applied


def test_clocks_pass_on_and_are_no_transactions(market: list[bytes]) -> None:
    """A clock is emitted for every partition where it stands, and is not counted as seen."""
    records = delivered(market[:2])
    chunk = Partition().take([records[0], clock(5, 1_790_000_100, 9), *delivered(market[1:2], 6)])
    clocks = [event for _, event in chunk.events if isinstance(event, Clock)]

    assert [(1_790_000_100, 9, 5)] == [(c.time, c.slot, c.raw.offset) for c in clocks]
    assert 2 == chunk.progress.counts.seen
    assert 9 == chunk.progress.complete_through_slot


def test_old_copies_go_to_the_log_and_old_signatures_are_forgotten(market: list[bytes]) -> None:
    """Past the retention a copy is logged by its id, and memory of signatures is given back."""
    partition, late = Partition(), 1_790_000_000 + 60 * HOUR_S
    partition.take(delivered(market))
    again = partition.take([clock(300, late), *delivered(market, start=301)])
    logged = [e for _, e in again.events if isinstance(e, OnChain)]

    assert {Op.LOG} == {event.op for event in logged}
    assert any(isinstance(event.event, Trade) for event in logged)
    assert [] == again.launches
    assert 300 == again.progress.counts.archived
    assert partition.signatures
    for call in range(CHUNKS_IN_FLIGHT - 1):
        assert partition.signatures
        far = partition.take([clock(1_000 + call, late + HOUR_S)])
    assert {None} == set(far.signatures.values())
    assert {} == partition.signatures


def test_what_was_forgotten_and_comes_again_does_nothing(market: list[bytes]) -> None:
    """A record below what is durable, whose signature is gone, is not taken for a new one."""
    partition = Partition()
    partition.take(delivered(market))
    partition.signatures.clear()
    partition.restart()
    again = partition.take(delivered(market))

    assert [] == again.events
    assert 300 == again.row.seen


def test_launches_are_claimed_with_what_they_say(market: list[bytes]) -> None:
    """Each launch goes to the matcher once, as it stands in the events."""
    chunk = Partition().take(delivered(market))
    launches = [e.event for _, e in chunk.events if isinstance(getattr(e, "event", None), Launch)]

    assert launches == [claim.launch for claim in chunk.launches]
    assert launches != []
