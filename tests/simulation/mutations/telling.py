"""What becomes public of it, and how it gets into the store, wrong."""

from typing import Any

import views.index.gate
from domain.fold import partition, tell
from domain.fold.call import Touched
from schemas.event import Op
from schemas.token import Token
from streams import reporter
from tests.simulation.mutations.registry import Patch, Patches, mutation
from views.index import indexer, reading


@mutation("a decoder's repetition is told again")
def _() -> Patches:
    real = partition.Call.take

    def take(self: Any, offset: int, event: Any) -> bool:
        real(self, offset, event)
        return event is not None

    return [Patch(partition.Call, "take", take)]


@mutation("retractions are not told")
def _() -> Patches:
    real = partition.told_event

    def told_event(event: Any) -> Any:
        return None if event.op == Op.UNDO else real(event)

    return [Patch(partition, "told_event", told_event)]


@mutation("a token's version is how often it was traded")
def _() -> Patches:
    real = tell.token_record

    def token_record(known: Any, *told: Any, moment: Any, **options: Any) -> Token:
        return real(known, *told, moment=moment._replace(version=known.trades), **options)

    return [Patch(tell, "token_record", token_record)]


@mutation("a token's version is that of its first record in a chunk")
def _() -> Patches:
    class First(Touched):
        __slots__ = ("_offset",)

        @property
        def offset(self) -> int:
            return self._offset

        @offset.setter
        def offset(self, value: int) -> None:
            known = getattr(self, "_offset", -1)
            self._offset = value if known < 0 else known

    return [Patch(partition.Call, "_touched", _touched_with(First))]


def _touched_with(kind: type[Touched]) -> Any:
    def touched(self: Any, mint: str) -> Touched:
        return self.tokens.setdefault(mint, kind(self._index.token(mint)))

    return touched


@mutation("a candle's revision does not grow")
def _() -> Patches:
    real = tell.candle_record
    return [Patch(tell, "candle_record", lambda *row, rev, **how: real(*row, rev=-rev, **how))]


@mutation("minutes are final at once")
def _() -> Patches:
    real = tell.candle_record
    return [Patch(tell, "candle_record", lambda *row, final, **how: real(*row, final=True, **how))]


@mutation("progress does not name its outputs")
def _() -> Patches:
    return [Patch(reporter._Source, "reach", lambda *_: None)]


@mutation("progress is shown before what it speaks of")
def _() -> Patches:
    return [Patch(views.index.gate, "is_visible", lambda *_: True)]


@mutation("a token of which nothing is left stays")
def _() -> Patches:
    return [Patch(reading, "is_empty", lambda _: False)]


@mutation("the index process commits before it writes, and believes what it committed")
def _() -> Patches:
    real = indexer.Indexer._put

    async def put(self: Any, entries: Any) -> Any:
        for _ in range(3):  # More than once only so that it is seen sooner.
            await self._commit(await self._ends())
        return await real(self, entries)

    async def take_up(_self: Any) -> None:
        pass

    return [Patch(indexer.Indexer, "_put", put), Patch(indexer.Indexer, "_take_up", take_up)]


@mutation("the index process forgets progress that waits")
def _() -> Patches:
    return [Patch(views.index.gate.Gate, "first_offset", lambda _: None)]
