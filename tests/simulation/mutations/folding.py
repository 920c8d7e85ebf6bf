"""What the fold does to its rows, its indexes and its clock, wrong."""

from collections.abc import Callable
from typing import Any

import msgspec

from domain.fold import call, clock, index, open_rows, registers, steps, sweep, turn
from domain.fold.holders import Holders
from domain.windows import Window
from schemas.event import Op
from schemas.rows import AccountRow, Head, Held
from tests.simulation.mutations.registry import Patch, Patches, mutation

Clock = clock.PartitionClock


def _fence(is_applied: Callable[..., bool]) -> Patches:
    return [Patch(module, "is_applied", is_applied) for module in (call, open_rows, turn)]


@mutation("the fence is ignored")
def _() -> Patches:
    return _fence(lambda *_: False)


@mutation("the fence lets the last event through again")
def _() -> Patches:
    def is_applied(fence: Any, partition: int, mark: Any) -> bool:
        return fence[partition] is not None and mark < fence[partition]

    return _fence(is_applied)


@mutation("the fence is one for all raw partitions")
def _() -> Patches:
    return _fence(lambda fence, _, mark: any(m is not None and mark <= m for m in fence))


@mutation("the fence does not look at ordinals")
def _() -> Patches:
    def is_applied(fence: Any, partition: int, mark: Any) -> bool:
        return fence[partition] is not None and mark[:2] <= fence[partition][:2]

    return _fence(is_applied)


@mutation("the fence is not raised")
def _() -> Patches:
    return [
        Patch(call, "raised", lambda fence, *_: fence),
        Patch(open_rows, "lift", lambda *_: None),
    ]


@mutation("dropped rows come back")
def _() -> Patches:
    real = turn.Turn.begin

    def begin(self: Any, event: Any, **how: Any) -> None:
        real(self, event, **how)
        self.is_dropped = False

    return [Patch(turn.Turn, "begin", begin)]


@mutation("rows are dropped too early")
def _() -> Patches:
    real = sweep.Sweeper.__init__

    def init(self: Any, *tables: Any, retention_s: int) -> None:
        real(self, *tables, retention_s=retention_s)
        self._age_s = 0

    return [Patch(sweep.Sweeper, "__init__", init)]


@mutation("the price before a window is dropped")
def _() -> Patches:
    def is_spare(_self: Any, _mint: Any, series: Any, start: int, _spot_at: Any) -> bool:
        return series.starts.index(start) < series.outside

    return [Patch(sweep.Sweeper, "_is_spare", is_spare)]


@mutation("minutes are 50 seconds long")
def _() -> Patches:
    return [Patch(call, "MINUTE", 50)]


@mutation("buckets of five seconds are ten long")
def _() -> Patches:
    return [Patch(call, "FIVE_SECONDS", 10)]


@mutation("an undone trade is not subtracted")
def _() -> Patches:
    return [Patch(turn, "SIGN", {**turn.SIGN, Op.UNDO: 0})]


@mutation("a moved event is added once more")
def _() -> Patches:
    return [Patch(turn, "SIGN", {**turn.SIGN, Op.REINDEX: 1})]


@mutation("an undone event is looked for at its index")
def _() -> Patches:
    return [Patch(registers, "same_event", lambda one, other: one == other)]


@mutation("an undone milestone stays")
def _() -> Patches:
    real = steps.life_after

    def life_after(row: Any, event: Any, milestone: Any, *, fence: Any) -> Any:
        return row if event.op == Op.UNDO else real(row, event, milestone, fence=fence)

    return [Patch(steps, "life_after", life_after)]


@mutation("predecessors are not kept")
def _() -> Patches:
    real = registers.latest

    def latest(last: Any, loose: Any, value: Any, at: Any) -> Any:
        complete, at.complete = at.complete, 2**40
        found = real(last, loose, value, at)
        at.complete = complete
        return found

    return [Patch(registers, "latest", latest)]


def _complete(rule: Callable[[Any], int]) -> Patches:
    real = Clock._sum_up

    def sum_up(self: Any) -> None:
        real(self)
        self.complete = rule(self)

    return [Patch(Clock, "_sum_up", sum_up)]


@mutation("complete is the greatest of the raw partitions")
def _() -> Patches:
    return _complete(lambda c: max((h.complete for h in c._heads if h is not None), default=0))


@mutation("complete does not wait for raw partitions that have not spoken")
def _() -> Patches:
    return _complete(lambda c: min((h.complete for h in c._heads if h is not None), default=0))


@mutation("complete is the head")
def _() -> Patches:
    return _complete(lambda c: c.slot)


@mutation("progress calls the head complete")
def _() -> Patches:
    real = Clock.progress

    def progress(self: Any, **options: Any) -> Any:
        return msgspec.structs.replace(real(self, **options), complete_through_slot=self.slot)

    return [Patch(Clock, "progress", progress)]


@mutation("a clock that comes late sets completeness back")
def _() -> Patches:
    real = Clock.tick

    def tick(self: Any, told: Any) -> bool:
        raw, is_news = told.raw, real(self, told)
        known = self._heads[raw.partition]
        self._heads[raw.partition] = Head(
            known.epoch, known.offset, known.time, known.slot, told.complete, known.complete_time
        )
        self._sum_up()
        return is_news

    return [Patch(Clock, "tick", tick)]


@mutation("repeated events are counted as applied")
def _() -> Patches:
    return [Patch(Clock, "_is_first", lambda *_: True)]


@mutation("balances go by arrival")
def _() -> Patches:
    def account_after(row: Any, at: Any, balance: Any, *, fence: Any) -> Any:
        event = at.event
        held = Held(event.place, balance.owner, balance.amount, event.time)
        return row if event.op == Op.UNDO else AccountRow(fence, held, ())

    return [Patch(steps, "account_after", account_after)]


@mutation("a token account keeps its first owner")
def _() -> Patches:
    def move(self: Any, old: Any, new: Any) -> None:
        owner = (old or new).owner if old or new else None
        self._add(owner, (new.amount if new else 0) - (old.amount if old else 0))

    return [Patch(Holders, "move", move)]


@mutation("an empty account is deleted at once")
def _() -> Patches:
    real = call.Call._balances

    def balances(self: Any, touched: Any) -> None:
        real(self, touched)
        for key, row in self.rows.accounts.items():
            if row is not None and row.last is not None and not (row.last.amount or row.loose):
                self.rows.accounts[key] = None

    return [Patch(call.Call, "_balances", balances)]


@mutation("windows are one bucket too short")
def _() -> Patches:
    real = Window.start
    return [Patch(Window, "start", lambda self, at: real(self, at) + self.bucket_s)]


@mutation("volume does not decay without trades")
def _() -> Patches:
    return [Patch(index.Index, "due", lambda *_: iter(()))]


@mutation("minutes are never called final")
def _() -> Patches:
    return [Patch(index.Index, "closing", lambda *_: iter(()))]


@mutation("a trader's newest trade is the one told last")
def _() -> Patches:
    real = call.Touched.move_trader

    def move_trader(self: Any, old: Any, new: Any) -> None:
        if old is None or new is not None:
            real(self, old, new)

    return [Patch(call.Touched, "move_trader", move_trader)]
