"""What the sources put on the raw topic: copies of transactions, clocks, and what is neither."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

import msgspec

from streams.partitioner import partition_of
from tests.simulation.transactions import names
from tests.simulation.world import Copy, Instance, World

Headers = tuple[tuple[str, bytes], ...]
KEYS = (None, b"k")
"""Of whoever does not know that a record's key is its signature."""
CLOCK: Headers = (("bt_kind", b"clock"),)
GARBAGE: tuple[tuple[bytes, Headers], ...] = (
    (b"", ()),
    (b"{", ()),
    (b"[]", ()),
    (b"\xff\xfe", ()),
    (b'{"slot":1}', (("bt_kind", b"confirmed"),)),
    (b"{}", (("bt_kind", b"wrong"),)),
    (b'{"time":"x"}', CLOCK),
)
"""What nobody can read."""
FOREIGN = (
    b'{"slot":9,"blockTime":9,"meta":{"err":null},"transaction":{"signatures":["%s"],"message":'
    b'{"accountKeys":[],"header":{"numRequiredSignatures":1},"instructions":[]}}}'
)
"""A transaction of programs that we do not know."""


class Raw(NamedTuple):
    """A record and the partition of the raw topic that it goes to."""

    partition: int
    key: bytes | None
    value: bytes
    headers: Headers


class Sources(NamedTuple):
    """What the sources say, in order, and which instance its bytes mean."""

    records: Sequence[Raw]
    meant: Mapping[bytes, Instance]


def sources_of(world: World, rng: Random, *, partitions: int) -> Sources:
    """Return what is told of *world*."""
    meant: dict[bytes, Instance] = {}
    timed: list[tuple[float, Raw]] = []
    for copy in world.copies:
        raw = _raw(world, copy, rng, partitions=partitions)
        meant[raw.value] = copy.instance
        timed.append((copy.at, raw))
        if (
            copy.exact and copy.kind == "confirmed" and rng.random() < 0.05
        ):  # Somebody produces it without its key.
            mark = ("bt_source", b"stray %d" % len(timed))
            stray = Raw(
                rng.randrange(partitions), rng.choice(KEYS), raw.value, (*raw.headers, mark)
            )
            timed.append((copy.at + 1e-3, stray))
    timed += _clocks(world, rng, partitions=partitions)
    timed += _noise(world, rng, partitions=partitions)
    timed.sort(key=lambda pair: pair[0])
    records = [raw for _, raw in timed]
    # What a restart says again is never so old that it would go to the log.
    if world.times[-1] - world.times[0] < world.retention_s // 2:
        records = _restarted(records, rng)
    return Sources(records, meant)


def _raw(world: World, copy: Copy, rng: Random, *, partitions: int) -> Raw:
    tx, position, _ = copy.instance
    key = tx.signature.encode()
    headers: Headers = (("bt_kind", copy.kind.encode()),)
    if copy.exact or copy.index or rng.random() < 0.5:
        headers += (("bt_index", b"%d" % copy.index),)
    if copy.exact:
        headers += (("bt_exact", b"1"),)
    value = tx.raw(world.slot(position), world.times[position])
    return Raw(partition_of(key, partitions), key, value, headers)


def _clocks(world: World, rng: Random, *, partitions: int) -> Iterator[tuple[float, Raw]]:
    """Yield the clock of each position, to every partition, and at the end that all is told."""
    for position in range(1, world.positions + 1):
        at = position + rng.random() * 0.4
        complete = world.complete(at)
        for partition in range(partitions):
            tick = clock(partition, world.times[position], world.slot(position), complete)
            yield at + rng.random() * 0.5, tick
    for partition in range(partitions):
        slot = world.slot(world.positions)
        yield world.positions + 1, clock(partition, world.end, slot, slot)


def clock(partition: int, time: int, slot: int, complete: int) -> Raw:
    """Return a source's clock."""
    tick = {"time": time, "slot": slot, "complete": complete}
    return Raw(partition, b"clock", msgspec.json.encode(tick), CLOCK)


def _noise(world: World, rng: Random, *, partitions: int) -> Iterator[tuple[float, Raw]]:
    """Yield what is not ours, and what is nothing at all."""
    for _ in range(rng.choice((0, 1, 3))):
        value, headers = rng.choice(GARBAGE)
        yield rng.random() * world.positions, Raw(rng.randrange(partitions), b"?", value, headers)
    if rng.random() < 0.3:
        key = names("foreign", 1, 64)[0].encode()
        value = FOREIGN % key
        yield rng.random() * world.positions, Raw(partition_of(key, partitions), key, value, ())


def _restarted(records: list[Raw], rng: Random) -> list[Raw]:
    """Return *records* with stretches that a source says again after a restart."""
    for _ in range(rng.choice((0, 0, 1, 2))):
        end = rng.randrange(len(records))
        start = max(0, end - rng.randint(1, 12))
        records[end:end] = records[start:end]
    return records
