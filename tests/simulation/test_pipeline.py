"""The whole pipeline in one process, by seeds: whatever goes wrong, every promise holds."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from domain.decode.decoding import decode
from tests.simulation.run import Simulation
from tests.simulation.seeds import first_failure, without_collector
from tests.simulation.world import World

SEEDS, BLOCK = 512, 64
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_seeds(first: int) -> None:
    """No seed breaks a promise; ``python -m tests.simulation SEED`` replays one that does."""
    assert None is first_failure(range(first, first + BLOCK))


def test_a_seed_replays() -> None:
    """One number decides all: another process, where strings hash otherwise, sees the same."""
    said = {
        subprocess.check_output(
            [sys.executable, "-m", "tests.simulation", "11"],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hashing},
        )
        for hashing in ("1", "2")
    }

    assert 1 == len(said), said


def test_transactions_say_what_they_were_made_of() -> None:
    """The decoder finds in a made-up transaction just what it was written from."""
    for seed in range(20):
        world = World(Random(seed))
        for tx, position, _ in world.final:
            decoded = decode(tx.raw(world.slot(position), world.times[position]))

            assert list(tx.found) == [tuple(found) for found in decoded.events]
            assert () == decoded.unreadable


def test_accidents_happen() -> None:
    """What the simulation is for does happen in it: else it would hold without proving anything."""
    seen: Counter[str] = Counter()
    with without_collector():
        for seed in range(100):
            simulation = Simulation(seed)
            simulation.run()
            seen.update(kinds(simulation))

    assert dict.fromkeys(WANTED, 0) == {name: 0 for name in WANTED if seen[name] >= 5}, seen


NOTES = {
    "a death": " dies",
    "a batch without an answer": "gets no answer",
    "a stopped worker": "is stopped",
    "a worker that is given up": "is given up",
    "a worker that comes back": "joins again",
    "a rebalance": "are handed out anew",
    "a broker that forgets": "forgets everything",
    "a compaction": "compact ",
}
WANTED = (
    *NOTES,
    "a write refused by a fence",
    "a retraction",
    "a transaction too late to count",
    "a record under another key",
    "a dropped row",
    "rows from a checkpoint",
)


def kinds(simulation: Simulation) -> set[str]:
    """Return what happened in a run."""
    notes, logs = "\n".join(simulation.trace), simulation.broker.logs
    said = simulation.said()
    minutes = [log for place, log in logs.items() if place[0] == "btracker.candles.changelog"]
    found = {
        "a write refused by a fence": simulation.broker.refused > 0,
        "a retraction": bool(said.undone),
        "a transaction too late to count": bool(said.logged),
        "a record under another key": any(p.counts["not_ours"] for p in said.partitions.values()),
        "a dropped row": any(r.value is None for log in minutes for r in log.records),
        "rows from a checkpoint": simulation.fleet.disks.loaded > 0,
    }
    return {name for name, note in NOTES.items() if note in notes} | {
        name for name, is_seen in found.items() if is_seen
    }
