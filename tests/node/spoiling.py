"""How a node's faults spoil what it tells its subscribers."""

from collections.abc import Iterable
from typing import NamedTuple

from tests.node.faults import NodeFaults, happens
from tests.node.subscriptions import Note

ALL_ONES = "1" * 64
"""The signature of 64 zero bytes, which real nodes have been seen to notify."""


class Spoiled(NamedTuple):
    """What a subscriber is told now, and what only after the next block that says something."""

    now: list[Note]
    later: list[Note]


def spoiled(
    notes: Iterable[Note], held: list[Note], faults: NodeFaults, *, key: str, last: bool
) -> Spoiled:
    """Return what becomes of the notifications of a block.

    ``held``: what was kept back before. ``key``: seed and node. ``last``: no block will come.
    """
    now: list[Note] = []
    later: list[Note] = []
    for note in notes:
        if faults.mute or happens(faults.drop, key, "drop", note.key):
            continue
        if not last and happens(faults.reorder, key, "reorder", note.key):
            later.append(note)
            continue
        now.append(note)
        if happens(faults.duplicate, key, "duplicate", note.key):
            now.append(note)
        if happens(faults.all_ones, key, "ones", note.key) and _is_log(note):
            now.append(_all_ones(note))
    # What was held comes after its successors; where none came, it waits on.
    return Spoiled([*now, *held], later) if now or last else Spoiled([], [*held, *later])


def _is_log(note: Note) -> bool:
    return isinstance(note.result, dict) and "logs" in (note.result.get("value") or {})


def _all_ones(note: Note) -> Note:
    value = {"signature": ALL_ONES, "err": None, "logs": []}
    return Note(note.key, {"context": note.result["context"], "value": value})
