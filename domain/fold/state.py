"""What the fold reads and writes: the tables of one partition, and what a call gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import msgspec

from schemas.accounts import Wanted
from schemas.base import Record, Row
from schemas.fields import Mint, Slot, Timestamp
from schemas.progress import Progress
from schemas.rows import (
    AccountRow,
    BucketRow,
    CandleRow,
    ClockRow,
    CurveRow,
    FactRow,
    LifeRow,
    TraderRow,
)
from schemas.topics import Topic

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The fold's tables of one partition, as they were after the call before."""

    curves: Mapping[str, CurveRow] = field(default_factory=dict)
    buckets: Mapping[str, BucketRow] = field(default_factory=dict)
    candles: Mapping[str, CandleRow] = field(default_factory=dict)
    traders: Mapping[str, TraderRow] = field(default_factory=dict)
    accounts: Mapping[str, AccountRow] = field(default_factory=dict)
    lives: Mapping[str, LifeRow] = field(default_factory=dict)
    facts: Mapping[str, FactRow] = field(default_factory=dict)
    clocks: Mapping[str, ClockRow] = field(default_factory=dict)


class Publication(msgspec.Struct, frozen=True, gc=False):
    """A record for a public topic. ``event_id`` tells duplicates; ``op``: create, update, delete.

    A deleted record still has a value, so that its version or its mark of retraction is seen.
    """

    topic: Topic
    key: str
    mint: Mint
    value: Record
    event_id: str
    slot: Slot
    time: Timestamp
    op: Literal["c", "u", "d"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What a call of the fold caused; in each table None deletes a row.

    ``clock`` must be written after everything else is durable. ``progress`` speaks of
    ``publications``; its ``outputs`` are filled in by whoever writes those. ``wanted``: tokens of
    which accounts are to be read.
    """

    curves: Mapping[str, CurveRow | None]
    buckets: Mapping[str, BucketRow | None]
    candles: Mapping[str, CandleRow | None]
    traders: Mapping[str, TraderRow | None]
    accounts: Mapping[str, AccountRow | None]
    lives: Mapping[str, LifeRow | None]
    facts: Mapping[str, FactRow | None]
    clock: Mapping[str, ClockRow]
    publications: list[Publication]
    progress: Progress
    wanted: list[Wanted]

    def rows(self) -> dict[str, Mapping[str, Any]]:
        """Return the rows by name of table, all but the clock's."""
        names = ("curves", "buckets", "candles", "traders", "accounts", "lives", "facts")
        return {name: getattr(self, name) for name in names}


class Overlay(dict[str, R | None]):
    """The rows of a table that a call opened, changed or not: they are all to be (re-)sent.

    Opening a row (``rows[key]``) fetches it from the table below; None is a row that is not there.
    """

    __slots__ = ("_below",)

    def __init__(self, below: Mapping[str, R]) -> None:
        super().__init__()
        self._below = below

    def __missing__(self, key: str) -> R | None:
        row = self[key] = self._below.get(key)
        return row

    def peek(self, key: str) -> R | None:
        """Return a row without opening it."""
        return self[key] if key in self else self._below.get(key)


class Overlays:
    """All tables with the rows of one call laid over them."""

    __slots__ = ("accounts", "buckets", "candles", "curves", "facts", "lives", "traders")

    def __init__(self, tables: Tables) -> None:
        self.curves = Overlay(tables.curves)
        self.buckets = Overlay(tables.buckets)
        self.candles = Overlay(tables.candles)
        self.traders = Overlay(tables.traders)
        self.accounts = Overlay(tables.accounts)
        self.lives = Overlay(tables.lives)
        self.facts = Overlay(tables.facts)
