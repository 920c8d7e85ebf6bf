"""What can be seen: a store that is watched, and the records in it as brute force has them."""

from collections.abc import Callable, Coroutine, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from schemas.chain_events import Complete, Launch, Migrate
from tests.unit.fold.world import Happened
from views.memory import MemoryViews
from views.writes import Batch

PRICES = ("open", "high", "low", "close", "volume")
KINDS = {Launch: "launch", Complete: "complete", Migrate: "migrate"}


class BrokenPromiseError(AssertionError):
    """A promise does not hold."""


class Watched(MemoryViews):
    """The store, which has every write looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.on_write: Callable[[Batch], None] = lambda _: None
        self.broken: BrokenPromiseError | None = None

    async def write(self, batch: Batch) -> None:
        """Put a batch; what is wrong with it the indexer must not take for its own failure."""
        await super().write(batch)
        try:
            self.on_write(batch)
        except BrokenPromiseError as error:
            self.broken = self.broken or error


def call(work: Coroutine[Any, Any, Any]) -> Any:
    """Return what a question to the store in memory is answered: it never waits."""
    try:
        work.send(None)
    except StopIteration as answer:
        return answer.value
    raise RuntimeError("the store in memory waits")


def candle(record: Any) -> dict[str, Any]:
    """Return a minute as brute force has it."""
    prices = {
        n: None if getattr(record, n) is None else Decimal(getattr(record, n)) for n in PRICES
    }
    return {"time": record.time, **prices, "trades": record.trades}


def stage(standing: Iterable[Happened]) -> str:
    """Return how far a token is."""
    kinds = {type(one.event) for one in standing}
    return "migrated" if Migrate in kinds else "completed" if Complete in kinds else "bonding"


def trade_key(one: Happened) -> tuple[str, str, str, int]:
    """Return what a trade is compared by."""
    return one.place.event_id, one.event.side, one.event.trader, one.time


def life_key(one: Happened) -> tuple[str, str]:
    """Return what a milestone is compared by."""
    return one.place.event_id, KINDS[type(one.event)]


def raw_position(value: bytes) -> tuple[Any, ...]:
    """Return the raw position that an event states: the same one twice is a duplicate."""
    event = msgspec.json.decode(value)
    return tuple(event[2] if event[0] == "chain" else event[1])


def difference(got: Any, want: Any) -> str:
    """Return where two values differ, as short as that can be said."""
    if isinstance(got, dict) and isinstance(want, dict):
        keys = [key for key in {**got, **want} if got.get(key) != want.get(key)]
        got, want = {k: got.get(k) for k in keys}, {k: want.get(k) for k in keys}
    elif isinstance(got, set) and isinstance(want, set):
        got, want = sorted(got - want), sorted(want - got)
    elif isinstance(got, list) and isinstance(want, list):
        got, want = (
            [x for x in got if x not in want] or got,
            [x for x in want if x not in got] or want,
        )
    return f"{got} instead of {want}"
