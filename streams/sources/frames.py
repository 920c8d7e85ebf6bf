"""What a collector hands on at a time: raw records, the clock after them, and how far it read."""

from typing import NamedTuple

from schemas.base import Row
from schemas.fields import ChainTime, Slot

Headers = tuple[tuple[str, bytes], ...]

CLOCK_KEY = b"clock"
"""The key of clock records, which go to every partition of their topic."""


class Entry(Row, frozen=True, array_like=True, gc=False):
    """A record to be produced; its partition follows from its key. No ``value``: a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Tick(Row, frozen=True, array_like=True, gc=False):
    """The chain's clock: its newest block, and the slot through which all has been delivered."""

    time: ChainTime
    slot: Slot
    complete: Slot


class Shift(Row, frozen=True, array_like=True, gc=False):
    """What is added to a recording's slots, and to its times in seconds."""

    slots: int = 0
    seconds: int = 0


class Tally(Row, frozen=True, array_like=True, gc=False):
    """Of one kind of input: what was read, and how much of it could not be."""

    seen: int = 0
    broken: int = 0


class Cursor(Row, frozen=True, array_like=True, gc=False):
    """How far a source has been read, and all it needs to go on from there.

    ``chain`` and ``posts`` count lines, ``documents`` those delivered. ``slot`` and ``time`` are
    the newest seen, shifted; ``index`` is the next index in ``line_slot``, the slot of the last
    line, which is an older one where a recording repeats itself; ``head_index`` is the next one in
    ``slot``. ``failure`` says why a source
    cannot be read further. ``cluster``: the genesis hash of the live chain, empty while unknown.
    """

    chain: Tally = Tally()
    posts: Tally = Tally()
    documents: int = 0
    slot: Slot = 0
    time: ChainTime = 0
    index: int = 0
    shift: Shift = Shift()
    done: bool = False
    failure: str | None = None
    line_slot: Slot = 0
    head_index: int = 0
    cluster: str = ""


class Frame(Row, frozen=True, array_like=True, gc=False):
    """Records in the order in which they are produced, the clock after them, and the cursor.

    ``source`` identifies what was read, across restarts; ``name`` is what people call it.
    """

    source: str
    name: str
    entries: tuple[Entry, ...]
    tick: Tick | None
    cursor: Cursor


class Position(NamedTuple):
    """A place in the journal: the segment's number and the byte offset in it."""

    segment: int
    offset: int
