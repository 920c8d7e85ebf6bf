"""Chunks and what belongs to them, without a broker."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from schemas.topics import LIFECYCLE, PROGRESS, TOKENS, TRADES
from streams.attempts import MOST_BAD_RECORDS, attempt, dead, unread
from streams.chunks import CHUNK_RECORDS, Chunk, DeadLetter, Kept, read
from streams.cloud_events import noun
from streams.dead_letters import dead_letter
from streams.outputs import internal, public
from streams.partitioner import partition_of
from streams.transport import CHUNK_BYTES, cut


def record(offset: int, value: bytes | None = b"1", **fields: Any) -> Any:
    """Return a record as Kafka would give it."""
    return SimpleNamespace(**({"key": b"k", "headers": (), "timestamp": 0} | fields),
                           offset=offset, value=value)  # fmt: skip


def chunk(*records: Any, generation: int = 1, partition: int = 0) -> Chunk:
    """Return a chunk that nobody finishes."""
    return Chunk(
        topic="t", partition=partition, epoch=1, generation=generation, number=1,
        records=records, on_finish=None,
    )  # fmt: skip


@given(st.binary(max_size=60), st.integers(1, 40))
def test_keys_go_where_the_default_partitioner_sends_them(key: bytes, count: int) -> None:
    """Any producer with Kafka's default partitioner agrees with us."""
    everywhere = list(range(count))

    assert DefaultPartitioner()(key, everywhere, everywhere) == partition_of(key, count)


@given(st.lists(st.integers(0, CHUNK_BYTES + 10), max_size=12), st.integers(0, 3 * CHUNK_RECORDS))
def test_cutting_loses_nothing_and_keeps_both_limits(sizes: list[int], small: int) -> None:
    """Chunks in a row are the records in order; only a single record may be too large."""
    records = [record(i, bytes(size)) for i, size in enumerate([*sizes, *[1] * small])]
    chunks = list(cut(records))

    assert records == [one for some in chunks for one in some]
    assert all(len(some) <= CHUNK_RECORDS for some in chunks)
    assert all(len(c) == 1 or sum(len(r.value) for r in c) <= CHUNK_BYTES for c in chunks)


def test_reading_pairs_values_with_offsets_and_names_the_unreadable() -> None:
    """What cannot be read is set aside with its record, in place of nothing."""
    bad = record(5, b"{")
    values, unreadable = read(chunk(record(3, b"30"), bad, record(9, b"90")), int)

    assert [(3, 30), (9, 90)] == values
    assert [bad] == [letter.record for letter in unreadable]


def test_what_is_kept_lasts_a_generation() -> None:
    """A partition that is assigned anew gets a new one, and so does one that was forgotten."""
    kept = Kept(lambda chunk: [chunk.generation])
    first = kept.of(chunk(record(1), generation=1))

    assert first is kept.of(chunk(record(2), generation=1))
    assert first is not kept.of(chunk(record(2), generation=2))
    kept.forget(chunk(record(2), generation=2))
    kept.of(chunk(record(3), generation=2)).append(9)

    assert [2, 9] == kept.of(chunk(record(4), generation=2))
    assert [2] == kept.of(chunk(record(4), generation=2, partition=1))


@given(st.lists(st.booleans(), max_size=40), st.data())
def test_errors_are_pinned_on_the_records_that_cause_them(good: list[bool], data: Any) -> None:
    """Exactly the bad ones are left out, and state is put back before every try."""
    bad = [i for i, is_good in enumerate(good) if not is_good][:MOST_BAD_RECORDS]
    items = [(i, i) for i in range(len(good)) if good[i] or i in bad]
    state: list[int] = []

    def work(some: Any) -> list[int]:
        for offset, _ in some:
            if offset in bad:
                raise ValueError(offset)
            state.append(offset)
        return list(state)

    done, failed = attempt(work, items, again=state.clear)

    assert [i for i, _ in items if i not in bad] == done == state
    assert bad == sorted(one.item[0] for one in failed)


def test_what_fails_is_replaced_where_it_is_to_be_counted() -> None:
    """In place of a bad item the work sees that one could not be read."""
    done, failed = attempt(
        lambda some: [item for item in some if 1 // (item[1] != 0)],
        [(3, 1), (5, 0), (8, 1)],
        again=lambda: None,
        instead=unread,
    )

    assert [(3, 1), (5, None), (8, 1)] == done
    assert [(5, 0)] == [one.item for one in failed]


def test_a_fault_that_no_record_causes_is_raised() -> None:
    """What fails without any record, or with too many, is ours to mend."""

    def always(_: object) -> None:
        raise ValueError("always")

    def with_any(some: Any) -> None:
        if some:
            raise ValueError("with any")

    with pytest.raises(ValueError, match="always"):
        attempt(always, [1, 2], again=lambda: None)
    with pytest.raises(ValueError, match="with any"):
        attempt(with_any, list(range(MOST_BAD_RECORDS + 1)), again=lambda: None)


def test_dead_letters_carry_the_bytes_and_where_they_came_from() -> None:
    """Key, value and headers as they came; partition, offset and reason beside them."""
    poison = record(7, b"\xff", key=None, headers=(("bt_kind", b"clock"),))
    output = dead_letter(chunk(poison, partition=2), DeadLetter(poison, "no JSON"))

    assert ("t.dlq", 2, None, b"\xff") == astuple(output)[:4]
    assert (
        ("bt_kind", b"clock"),
        ("error", b"no JSON"),
        ("source_partition", b"2"),
        ("source_offset", b"7"),
    ) == output.headers


def test_dead_letters_of_failed_items_are_those_of_their_offsets() -> None:
    """An item of ``read`` finds its record again."""
    records = [record(3), record(8)]
    _, bad = attempt(lambda some: 1 // (8 not in dict(some)), [(3, 0), (8, 0)],
                     again=lambda: None)  # fmt: skip

    assert [records[1]] == [letter.record for letter in dead(chunk(*records), bad)]


def test_public_records_are_cloud_events() -> None:
    """Headers of CloudEvents 1.0 in binary mode, and two of our own; no time where none is."""
    options = {"event_id": "9:s:2", "subject": "m", "slot": 9, "op": "c"}
    output = public(TRADES, key="m", value=[1], partition=3, time="2026-01-01T00:00:00Z", **options)

    assert ("btracker.trades", 3, b"m", b"[1]") == astuple(output)[:4]
    assert {
        "ce_specversion": b"1.0", "ce_source": b"btracker", "content-type": b"application/json",
        "ce_id": b"9:s:2", "ce_type": b"btracker.trade", "ce_time": b"2026-01-01T00:00:00Z",
        "ce_subject": b"m", "bt_slot": b"9", "bt_op": b"c",
    } == dict(output.headers)  # fmt: skip
    gone = public(TOKENS, key="m", value=None, partition=3, time=None, **options)

    assert gone.value is None
    assert "ce_time" not in dict(gone.headers)


def test_types_of_events_are_singular_nouns() -> None:
    """``btracker.tokens`` holds tokens; two names have no plural."""
    assert ["token", "trade", "lifecycle", "progress"] == [
        noun(topic) for topic in (TOKENS, TRADES, LIFECYCLE, PROGRESS)
    ]


def test_internal_records_have_no_headers() -> None:
    """They are read by us alone."""
    output = internal(TOKENS, key="m", value=[1], partition=1)

    assert ("btracker.tokens", 1, b"m", b"[1]", ()) == astuple(output)
