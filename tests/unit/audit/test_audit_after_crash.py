"""A fold audited where retention has left one event of what its decoder said before a crash."""

import json

import msgspec
import pytest
from msgspec.structs import replace

from domain.audit.decoding import RawRecount
from domain.audit.findings import Gathering, Report
from domain.decode import decode
from domain.decode.raw import RawDelivery
from domain.fold.partition import PartitionFold
from domain.fold.state import Tables
from schemas.chain_events import Trade
from schemas.event import Event, OnChain
from schemas.fields import Slot
from schemas.topics import EVENTS, PROGRESS, RAW_CHAIN, TRADES
from streams.audit.case import Case
from streams.audit.cut import Part
from streams.audit.folds import PUBLIC, audit_fold
from streams.settings import StreamSettings
from streams.standing import Standing
from tests.logs import Kept, MemoryLog
from tests.shared import market_lines

LINES = 600
"""Some 8,800 seconds of chain time; behind each stands a clock."""
CRASHED_AFTER_S = 4_500
"""More than the margin, so that the boundary lies behind the crash or before it."""
HERE = EVENTS.name, 0
RETENTION_S = StreamSettings().retention_hours * 3_600


def emitted() -> list[Event]:
    """Return what the decoder of the only raw partition says of the market."""
    raw = RawRecount(partition=0, epoch=1, retention_s=RETENTION_S, set_aside=frozenset())
    events: list[Event] = []
    for number, line in enumerate(market_lines()[:LINES]):
        said = json.loads(line)
        tick = {"time": said["blockTime"], "slot": said["slot"], "complete": said["slot"] - 1}
        for record in (
            RawDelivery(2 * number, decode(line).signature.encode(), line, ()),
            RawDelivery(
                2 * number + 1, b"clock", json.dumps(tick).encode(), (("bt_kind", b"clock"),)
            ),
        ):
            decoded = raw.take(record)
            events += [event for _, event in decoded.events] if decoded else []
    return events


class Crashed:
    """The decoder crashed behind a trade, and said all from the beginning again."""

    def __init__(self) -> None:
        events = emitted()
        trades = [e for e in events if isinstance(e, OnChain) and isinstance(e.event, Trade)]
        self.last = next(e for e in trades if e.time > trades[0].time + CRASHED_AFTER_S)
        self.left = events.index(self.last)
        records = list(enumerate([*events[: self.left + 1], *events]))
        fold = PartitionFold(
            Tables(), partition=0, raw_partitions=1, events_epoch=1, retention_s=RETENTION_S
        )
        folded = fold.fold(records)
        kept = {(topic.name, 0): list[Kept]() for topic in (*PUBLIC, RAW_CHAIN, PROGRESS)}
        for told in folded.publications:
            there = kept[told.topic.name, 0]
            there.append(kept_as(told.topic.name, len(there), told.key, told.value))
        kept[HERE] = [kept_as(EVENTS.name, offset, "", event) for offset, event in records]
        self.log = MemoryLog(kept, {EVENTS.name: 1})
        ends = {topic: len(there) for (topic, _), there in kept.items()}
        self.progress = replace(folded.progress, outputs=ends)

    async def audited(self, log: MemoryLog) -> Report:
        """Return an audit of the fold."""
        found = Gathering(1_000)
        span = (await log.spans([HERE]))[HERE]
        case = Case(
            log, Standing(log, log.epochs), {}, log.epochs, {}, found, StreamSettings(), lambda _: 0
        )
        public = await log.spans(log.places(topic.name for topic in PUBLIC))
        part = Part(HERE, span, span, self.progress, 0)
        await audit_fold(case, part, lambda *_: None, public=public)
        return found.report()


def kept_as(topic: str, offset: int, key: str, value: object) -> Kept:
    """Return a record of the only partition of a topic."""
    return Kept(topic, 0, offset, 0, key.encode(), msgspec.json.encode(value), ())


def slot_of(record: Kept) -> Slot:
    """Return the slot of a public trade."""
    return int(json.loads(record.value or b"")["slot"])


@pytest.fixture(scope="module")
def crashed() -> Crashed:
    """One crash for all tests."""
    return Crashed()


async def test_a_crash_of_which_all_is_kept_is_no_fault(crashed: Crashed) -> None:
    """What is said again changes nothing, and all of it is judged."""
    report = await crashed.audited(crashed.log)

    assert ((), 0) == (report.findings, report.stages[0].from_slot)


async def test_what_is_said_again_below_what_is_kept_is_not_judged(crashed: Crashed) -> None:
    """The fence lets nothing of it count: it is as good as gone, its clocks too.

    What is newer is judged all the same: a trade that is gone from there is named.
    """
    log = crashed.log.beginning_at({HERE: crashed.left})
    report = await crashed.audited(log)
    since = report.stages[0].from_slot
    lost = next(one for one in log.all(TRADES.name) if slot_of(one) > since)
    named = (await crashed.audited(log.without(lost))).findings

    assert () == report.findings
    assert crashed.last.place.slot < since
    assert [("missing", (slot_of(lost), slot_of(lost)))] == [(f.kind, f.slots) for f in named]
