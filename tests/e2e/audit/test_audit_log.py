"""What is gone from a log is named by the audit, exactly; what only came twice is no fault."""

import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from domain.decode import decoding
from schemas.event import About, Clock, Event, OnChain
from schemas.place import RawPosition
from schemas.topics import (
    CANDLES,
    CLAIMS,
    EVENTS,
    HOLDERS,
    LAUNCHES,
    LIFECYCLE,
    LINKS,
    POSTS,
    PROGRESS,
    RAW_CHAIN,
    RAW_X,
    TOKENS,
    TRADES,
)
from tests.e2e.audit.conftest import GARBAGE
from tests.logs import Kept, MemoryLog, audited

pytestmark = pytest.mark.slow


async def test_a_run_with_a_crash_is_clean(log: MemoryLog) -> None:
    """What a killed worker left, and its successor said again, is neither missing nor too much."""
    report = await audited(log)
    again = [stage.counts.duplicate for stage in report.stages if stage.stage == "fold"]
    letters = [stage.counts.dead_lettered for stage in report.stages]

    assert () == report.findings
    assert len(GARBAGE) == sum(letters)
    assert sum(again) > 0


def event_of(record: Kept) -> Event:
    """Return the event that a record is."""
    return msgspec.json.decode(record.value, type=Event)


@pytest.mark.parametrize("seed", range(3))
async def test_an_event_that_is_gone_is_named(log: MemoryLog, seed: int) -> None:
    """Its raw record is named with partition, offset and slot; nothing else is wrong upstream.

    Of what the fold made of it, only what is about its token is named.
    """
    lost = log.some(EVENTS.name, random.Random(seed), lambda r: isinstance(event_of(r), OnChain))
    event = event_of(lost)
    report = await audited(log.without(lost))
    decode = [finding for finding in report.findings if finding.stage == "decode"]
    others = [finding for finding in report.findings if finding.stage != "decode"]

    assert [where(event.raw, event.place.slot)] == [
        (one.kind, one.partition, one.offsets, one.slots) for one in decode
    ]
    assert {("fold", lost.partition)} == {(one.stage, one.partition) for one in others}
    about = (event.event.mint, event.place.event_id)
    assert all(one.kind == "counts" or any(m in one.what for m in about) for one in others)


def where(raw: RawPosition, slot: int) -> tuple[Any, ...]:
    """Return how the loss of an event of a raw record is named."""
    return "missing", raw.partition, (raw.offset, raw.offset), (slot, slot)


@pytest.mark.parametrize("topic", [TRADES, LIFECYCLE], ids=lambda t: t.name)
async def test_a_trade_or_milestone_that_is_gone_is_named(log: MemoryLog, topic: Any) -> None:
    """It is named by its id, and it alone."""
    lost = log.some(topic.name, random.Random(7), lambda _: True)
    record = json.loads(lost.value)
    report = await audited(log.without(lost))

    assert [("missing", "fold", lost.partition, topic.name, (record["slot"],) * 2)] == [
        (one.kind, one.stage, one.partition, one.topic, one.slots) for one in report.findings
    ]
    assert record["id"] in report.findings[0].what


@pytest.mark.parametrize(
    ("topic", "figure"), [(TOKENS, "trades"), (CANDLES, "trades"), (HOLDERS, "baseUnits")]
)
async def test_a_state_that_is_older_than_it_should_be_is_named(
    log: MemoryLog, topic: Any, figure: str
) -> None:
    """Of a token, a minute, a balance the newest figure is gone: its key is named, and it alone."""
    by_key: dict[Any, list[Kept]] = {}
    for record in log.all(topic.name):
        by_key.setdefault(record.key, []).append(record)
    figures = {key: [json.loads(r.value)[figure] for r in rs] for key, rs in by_key.items()}
    key = random.Random(7).choice([key for key, told in figures.items() if told[0] != told[-1]])
    lost = [r for r in by_key[key] if json.loads(r.value)[figure] == figures[key][-1]]
    report = await audited(log.without(*lost))

    assert [("different", "fold", lost[0].partition, topic.name)] == [
        (one.kind, one.stage, one.partition, one.topic) for one in report.findings
    ]
    assert key.decode() in report.findings[0].what


@pytest.mark.parametrize("topic", [LAUNCHES, CLAIMS], ids=lambda t: t.name)
async def test_a_claim_that_is_gone_is_named(log: MemoryLog, topic: Any) -> None:
    """By the raw record that made it, and by who should have taken it in."""
    lost = log.some(topic.name, random.Random(1), lambda r: b'["launched"' in r.value)
    slot = json.loads(lost.value)[2][0]
    report = await audited(log.without(lost))
    decode = [one for one in report.findings if one.stage == "decode"]

    assert [("missing", topic.name, (slot, slot))] == [(f.kind, f.topic, f.slots) for f in decode]
    assert {one.stage for one in report.findings} <= {"decode", "match", "fold"}


@pytest.mark.parametrize(("topic", "stage"), [(POSTS, "read x"), (LINKS, "match")])
async def test_a_post_or_link_that_is_gone_is_named(log: MemoryLog, topic: Any, stage: str) -> None:
    """All that was said of its key is gone: it is missed, by key."""
    key = log.some(topic.name, random.Random(3), lambda r: r.value is not None).key
    report = await audited(log.without(*(r for r in log.all(topic.name) if r.key == key)))

    assert [("missing", stage)] == [(one.kind, one.stage) for one in report.findings]
    assert key.decode() in report.findings[0].what


async def test_what_the_fold_was_not_told_of_a_token_is_named(log: MemoryLog) -> None:
    """A fact from elsewhere that did not return into the events is missed at the matcher."""
    told = [r for r in log.all(EVENTS.name) if isinstance(event_of(r), About)]
    about = event_of(random.Random(2).choice(told))
    same = [r for r in told if subject(event_of(r)) == subject(about)]
    report = await audited(log.without(*same))
    match = [one for one in report.findings if one.stage == "match"]

    assert [("missing", EVENTS.name)] == [(one.kind, one.topic) for one in match]
    assert about.mint in match[0].what


def subject(about: About) -> tuple[str, type]:
    """Return what a fact is about."""
    return about.mint, type(about.fact)


async def test_a_clock_that_is_gone_is_named(log: MemoryLog) -> None:
    """Completeness rests on clocks, so they count like anything else."""
    lost = log.some(EVENTS.name, random.Random(4), lambda r: isinstance(event_of(r), Clock))
    clock = event_of(lost)
    report = await audited(log.without(lost))
    decode = [one for one in report.findings if one.stage == "decode"]

    assert [where(clock.raw, clock.slot)] == [
        (one.kind, one.partition, one.offsets, one.slots) for one in decode
    ]


async def test_a_dead_letter_that_is_gone_is_named(log: MemoryLog) -> None:
    """What could not be read must lie somewhere."""
    for topic, stage in ((RAW_CHAIN, "decode"), (RAW_X, "read x")):
        lost = log.some(f"{topic.name}.dlq", random.Random(1), lambda _: True)
        headers = dict(lost.headers)
        offset = int(headers["source_offset"])
        report = await audited(log.without(lost))

        assert [("missing", stage, int(headers["source_partition"]), (offset, offset))] == [
            (one.kind, one.stage, one.partition, one.offsets) for one in report.findings
        ]


async def test_a_raw_record_that_is_gone_is_named(log: MemoryLog) -> None:
    """Nobody can decode it again, but what it caused is there without it."""
    caused = log.some(EVENTS.name, random.Random(9), lambda r: isinstance(event_of(r), OnChain))
    raw = event_of(caused).raw
    lost = log.records[RAW_CHAIN.name, raw.partition][raw.offset]
    report = await audited(log.without(lost))
    gone = [one for one in report.findings if one.kind == "unexplained"]

    assert {(raw.partition, (raw.offset, raw.offset))} == {(f.partition, f.offsets) for f in gone}


async def test_a_record_that_makes_us_fail_ends_no_audit(
    log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It should be among the dead letters; where it is not, it is named."""
    poison = log.some(
        RAW_CHAIN.name, random.Random(6), lambda r: r.key not in {b"clock", b"nobody"}
    )
    real = decoding.parse_transaction

    def parse(value: bytes) -> Any:
        return 1 // 0 if value == poison.value else real(value)

    monkeypatch.setattr(decoding, "parse_transaction", parse)
    report = await audited(log)
    letters = [one for one in report.findings if one.topic == f"{RAW_CHAIN.name}.dlq"]

    assert [("missing", poison.partition, (poison.offset, poison.offset))] == [
        (one.kind, one.partition, one.offsets) for one in letters
    ]


@pytest.mark.parametrize("names", [("applied",), ("applied", "seen")])
async def test_counts_that_are_wrong_are_named(log: MemoryLog, names: tuple[str, ...]) -> None:
    """A stage that counts one too few is found out, by identity or by a recount."""

    def one_less(records: list[Kept]) -> Iterator[Kept]:
        for record in records:
            progress = json.loads(record.value)
            if (progress["stage"], progress["partition"]) == ("decode", 2):
                for name in names:
                    progress["counts"][name] -= 1
            yield record._replace(value=json.dumps(progress).encode())

    report = await audited(log.changed((PROGRESS.name, 0), one_less))

    assert {("counts", "decode", 2)} == {(f.kind, f.stage, f.partition) for f in report.findings}


async def test_a_stage_that_says_nothing_is_named(log: MemoryLog) -> None:
    """Silence is no proof that all is well."""

    def without_folds(records: list[Kept]) -> list[Kept]:
        return [r for r in records if json.loads(r.value)["stage"] != "fold"]

    report = await audited(log.changed((PROGRESS.name, 0), without_folds))
    silent = [one for one in report.findings if one.kind == "silent"]

    assert list(range(4)) == sorted(one.partition for one in silent)


@pytest.mark.parametrize("topic", [TRADES, TOKENS, EVENTS, LINKS, CLAIMS], ids=lambda t: t.name)
async def test_a_record_that_came_twice_is_no_fault(log: MemoryLog, topic: Any) -> None:
    """At least once is what is promised: the same once more, at the end, changes nothing."""
    place = topic.name, 0

    def with_a_copy(records: list[Kept]) -> list[Kept]:
        return [*records, records[-1]._replace(offset=records[-1].offset + 1)]

    assert () == (await audited(log.changed(place, with_a_copy))).findings
