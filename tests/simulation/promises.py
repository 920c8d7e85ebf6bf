"""What must hold: at every write to the store, and whenever all is quiet."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from domain.amounts import seconds_of
from schemas.chain_events import Complete, Launch, Migrate, Trade
from schemas.progress import Progress
from schemas.token import Token
from schemas.topics import DLQ_SUFFIX, EVENTS, LIFECYCLE, RAW_CHAIN, TRADES, Topic
from tests import truth as oracle
from tests.simulation.broker import Broker, Record
from tests.simulation.said import Said, happened, partition_of_mint
from tests.simulation.seen import (
    KINDS,
    BrokenPromiseError,
    Watched,
    call,
    candle,
    difference,
    life_key,
    raw_position,
    stage,
    trade_key,
)
from tests.simulation.sources import KEYS
from tests.simulation.worker import Worker
from tests.simulation.world import World
from tests.unit.fold import brute
from tests.unit.fold.test_laws import state, windows
from tests.unit.fold.world import Happened
from views.writes import Batch


class Promises:
    """Compares what can be seen with what is true of a world, or has been said of it."""

    def __init__(self, world: World, views: Watched, broker: Broker, *, partitions: int) -> None:
        self.world, self.views, self.broker, self.partitions = world, views, broker, partitions
        self.truth = happened(world, ((one, one.index) for one in world.final))
        self._minutes = {
            (mint, minute["time"]): minute
            for mint in world.mints
            for minute in brute.candles(self.truth, mint)
        }
        self._standing = {one.place.event_id for one in (*self.truth, *self._archived())}
        self._served: dict[tuple[str, str], int] = {}
        views.on_write = self.at_write

    def forget(self) -> None:
        """Take note that progress begins anew: the broker has lost its topics."""
        self._served = {
            name: at for name, at in self._served.items() if name[0].startswith("version")
        }

    # At every write.

    def at_write(self, batch: Batch) -> None:
        """Check what a write has made visible."""
        for noun in ("tokens", "candles", "holders"):
            for write in getattr(batch, noun):
                version = self.views._kept[noun][write.key].version
                self._never_goes_back(f"version of {noun}", write.key, version)
        for write in batch.candles:
            if write.record.final:
                self._final_is_final(write.key)
        for write in batch.trades:
            self._nothing_comes_back(write.key)
        for write in batch.progress:
            self._complete_is_there(self.views._kept["progress"][write.key].record)

    def _never_goes_back(self, what: str, key: str, now: int) -> None:
        if now < self._served.get((what, key), 0):
            self._broken(f"the {what} {key} went down to {now}")
        self._served[what, key] = now

    def _final_is_final(self, key: str) -> None:
        """A minute called final is as it is in the end."""
        record = self.views._kept["candles"][key].record
        want = self._minutes.get((record.mint, record.time))
        self._same(f"final minute {key}", candle(record) if record.trades else None, want)

    def _nothing_comes_back(self, key: str) -> None:
        """A trade of a slot that is complete stands if it does in the end, whatever is repeated."""
        trade = self.views._kept["trades"][key].record
        partition = partition_of_mint(trade.mint, self.partitions)
        if trade.slot <= self._served.get(("complete slot", f"of fold {partition}"), 0):
            self._same(f"trade {key}", not trade.retracted, key in self._standing)

    def _complete_is_there(self, record: Progress) -> None:
        """Through the slot that a progress record names, trades are as they are in the end."""
        key, through = f"of {record.stage} {record.partition}", record.complete_through_slot
        before = self._served.get(("complete slot", key), 0)
        self._never_goes_back("complete slot", key, through)
        self._never_goes_back("records seen", key, record.counts.seen)
        if record.stage != "fold" or through == before:
            return
        mints = [m for m in self.world.mints if self._is_in(m, record.partition)]
        for mint in mints:
            want = {
                one.place.event_id
                for one in self.truth
                if type(one.event) is Trade and one.event.mint == mint and one.place.slot <= through
            }
            got = {t.id for t in self._trades(mint) if t.slot <= through}
            archived = {w.place.event_id for w in self._archived()}
            self._same(f"trades of {mint} through slot {through}", got - archived, want - archived)

    # When all is quiet.

    def when_quiet(self, said: Said) -> None:
        """Check everything that can be seen against what has been said."""
        standing = said.standing()
        for mint in self.world.mints:
            of_mint = [one for one in standing if one.event.mint == mint]
            self._token(mint, of_mint, now=said.time)
            self._candles(mint, of_mint)
            self._accounts(mint, of_mint)
            self._history(mint, of_mint, said)
        self._taken_back(said)
        self._readdressed()
        self._decode_counts(said)
        self._fold_counts(said)
        self._dead_letters(said)

    def rows_are_their_changelogs(self, workers: Iterable[Worker]) -> None:
        """Every worker holds of each partition what its changelog says, and nothing else."""
        for worker in workers:
            for place, table in worker.tp_to_table.items():
                store = worker.store(table)
                if store.through(place.partition) is not None:
                    last = {record.key: record for record in self.broker.log(place).records}
                    want = {
                        (key or b"").decode(): table.decode(record.value)
                        for key, record in last.items()
                        if record.value is not None
                    }
                    self._same(f"rows of {place.topic}", dict(store.of(place.partition)), want)

    def in_the_end(self, said: Said) -> None:
        """Check that all that was said is all that is true, and that no minute is left open."""
        self._same("what was said", said.standing(), self.truth)
        for mint in self.world.mints:
            found = call(self.views.minutes(mint, start=0, end=2**40))
            self._same(f"open minutes of {mint}", [one.time for one in found if not one.final], [])

    def _token(self, mint: str, standing: Sequence[Happened], *, now: int) -> None:
        document = call(self.views.token(mint))
        if not any(isinstance(one.event, Trade | Launch | Complete | Migrate) for one in standing):
            self._same(f"token {mint}", document and bytes(document.body), None)
            return
        if document is None:
            self._broken(f"there is no token {mint}")
        token = msgspec.json.decode(document.body, type=Token)
        self._same(f"token {mint}", state(token), brute.state(standing, mint))
        stated = seconds_of(token.as_of)
        for at in (stated, max(stated, now)):
            want = brute.windows(standing, mint, at)
            self._same(f"windows of {mint} at {at}", windows(token), want)
        self._same(f"stage of {mint}", token.stage, stage(standing))

    def _candles(self, mint: str, standing: Sequence[Happened]) -> None:
        found = call(self.views.minutes(mint, start=0, end=2**40))
        got = [candle(one) for one in found if one.trades]
        self._same(f"candles of {mint}", got, brute.candles(standing, mint))
        for one in found:
            if not one.trades and (one.close is not None or Decimal(one.volume or 0)):
                self._broken(f"a minute of {mint} without trades has {one}")

    def _accounts(self, mint: str, standing: Sequence[Happened]) -> None:
        got = {
            one.account: (one.owner, int(one.base_units))
            for one in call(self.views.accounts(mint, limit=1_000))
        }
        want = {
            account: (one.owner, one.amount)
            for account, one in brute.accounts(standing, mint).items()
            if one.amount
        }
        self._same(f"accounts of {mint}", got, want)

    def _history(self, mint: str, standing: Sequence[Happened], said: Said) -> None:
        """Compare the logs of trades and milestones, in chain order."""
        archived = [one for one in said.archive() if one.event.mint == mint]
        want = {trade_key(one): None for one in standing if type(one.event) is Trade}
        extra = {trade_key(one) for one in archived if type(one.event) is Trade}
        got = [(t.id, t.side, t.trader, oracle.seconds(t.time)) for t in self._trades(mint)]
        self._same(f"trades of {mint}", set(got), {*want, *extra})
        in_order = [one for one in got if one in want and one not in extra]
        self._same(f"order of trades of {mint}", in_order, [o for o in want if o not in extra])
        found = call(self.views.lifecycle(mint, limit=1_000)).items
        milestones = {life_key(one) for one in (*standing, *archived) if type(one.event) in KINDS}
        self._same(f"lifecycle of {mint}", {(one.id, one.kind) for one in found}, milestones)

    def _taken_back(self, said: Said) -> None:
        """Of all that was taken back a retraction went out."""
        gone = set[str]()
        for where in said.undone:
            for one in happened(self.world, [(said.instances[where], 0)]):
                if type(one.event) in (Trade, *KINDS):
                    gone.add(one.place.event_id)
        told = {
            event["id"]
            for topic in (TRADES, LIFECYCLE)
            for number in range(self.partitions)
            for record in self.broker.log((topic.name, number)).records
            if b'"retracted":true' in (record.value or b"")
            for event in [msgspec.json.decode(record.value)]
        }
        self._same("what was retracted", told, gone)

    def _readdressed(self) -> None:
        """What was told under another key lies under its own, too."""
        found: dict[bytes, set[bool]] = {}
        for number in range(self.partitions):
            for record in self.broker.log((RAW_CHAIN.name, number)).records:
                mark = dict(record.headers).get("bt_source")
                if mark is not None:
                    found.setdefault(mark, set()).add(record.key in KEYS)
        self._same("strays", {mark: {True, False} for mark in found}, found)

    def _decode_counts(self, said: Said) -> None:
        names = ("seen", "applied", "duplicate", "not_ours", "dead_lettered", "archived")
        for number, part in said.partitions.items():
            got = self._progress("decode", number)
            self._same(
                f"counts of raw partition {number}",
                {name: getattr(got.counts, name) for name in names},
                {name: part.counts[name] for name in names},
            )
            self._same(f"raw partition {number}", got.complete_through_slot, part.complete)

    def _fold_counts(self, said: Said) -> None:
        for number in range(self.partitions):
            records = self.broker.log((EVENTS.name, number)).records
            readable = [record for record in records if record.key != b"?"]
            positions = {raw_position(record.value) for record in readable}
            got = self._progress("fold", number)
            counts = got.counts
            self._same(
                f"counts of events partition {number}",
                (counts.seen, counts.applied, counts.duplicate, counts.dead_lettered),
                (len(records), len(positions), len(readable) - len(positions),
                 len(records) - len(readable)),
            )  # fmt: skip
            self._same(f"events partition {number}", got.complete_through_slot, said.complete)

    def _dead_letters(self, said: Said) -> None:
        """What nobody can read lies in the dead letters, once or more often, with a reason."""
        for number in range(self.partitions):
            events = self.broker.log((EVENTS.name, number)).records
            self._letters(RAW_CHAIN, number, said.partitions[number].unreadable)
            self._letters(EVENTS, number, [record for record in events if record.key == b"?"])

    def _letters(self, topic: Topic, partition: int, unreadable: Sequence[Record]) -> None:
        letters = self.broker.log((topic.name + DLQ_SUFFIX, partition)).records
        found = {(one.value, int(dict(one.headers)["source_offset"])) for one in letters}
        want = {(one.value, one.offset) for one in unreadable}
        self._same(f"dead letters of {topic.name} {partition}", found, want)
        if not all(dict(one.headers)["error"] for one in letters):
            self._broken(f"a dead letter of {topic.name} {partition} has no reason")

    # What can be seen.

    def _progress(self, stage: str, partition: int) -> Progress:
        for one in call(self.views.progress()):
            if (one.stage, one.partition) == (stage, partition):
                return one
        return Progress(stage=stage, partition=partition)

    def _trades(self, mint: str) -> list[Any]:
        return list(reversed(call(self.views.trades(mint, limit=10_000)).items))

    def _is_in(self, mint: str, partition: int) -> bool:
        return partition_of_mint(mint, self.partitions) == partition

    def _archived(self) -> Iterable[Happened]:
        return happened(self.world, ((one, one.index) for one in self.world.archived))

    def _same(self, what: str, got: Any, want: Any) -> None:
        if got != want:
            self._broken(f"{what}: {difference(got, want)}")

    def _broken(self, what: str) -> NoReturn:
        raise BrokenPromiseError(what)
