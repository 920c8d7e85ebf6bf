"""Where the live chain goes on: behind what Kafka and the journal say, else at its newest block."""

import asyncio
import logging
from typing import NamedTuple

import msgspec

from domain.decode.shapes import BoundedSlot
from domain.errors import UsageError
from schemas.cursor import SourceCursor
from schemas.fields import Slot
from streams.sources.frames import Cursor, Tally
from streams.sources.solana.pool import Pool
from streams.sources.solana.requests import get_slot
from streams.sources.solana.rpc import RefusedError, Rpc

DOUBTFUL_SLOTS = 150
"""How far ahead of the nodes that answer now an earlier collector may have heard: a minute."""
AGAIN_S = 2.0

_slot = msgspec.json.Decoder(BoundedSlot)

log = logging.getLogger(__name__)


class Beginning(NamedTuple):
    """Where to go on. Slots through ``doubtful`` may have been published from by somebody else."""

    cursor: Cursor
    doubtful: Slot


def beginning_at(
    *, kept: SourceCursor | None, journaled: Cursor | None, first: Slot | None, head: Slot
) -> Beginning:
    """Return where to go on: behind the later of both cursors.

    Without one at slot *first*; without that behind *head*, the newest that is confirmed.
    """
    cursors = [journaled] if journaled else []
    if kept:
        cursors.append(Cursor(slot=kept.through, time=kept.time, chain=Tally(kept.published)))
    if not cursors:
        return Beginning(Cursor(slot=head if first is None else first - 1), -1)
    furthest = max(head, *(cursor.line_slot for cursor in cursors))
    return Beginning(max(cursors, key=lambda one: one.slot), furthest + DOUBTFUL_SLOTS)


def cluster_of(*, kept: SourceCursor | None, journaled: Cursor | None) -> str:
    """Return the genesis hash of what was collected before, empty where nothing says it."""
    return (kept.cluster if kept else "") or (journaled.cluster if journaled else "")


async def _check_clusters(pool: Pool) -> None:
    """Find out of which cluster the nodes are that answer.

    Ours is that of what was collected before, else that of the first of them.

    Raises:
        UsageError: one is of another.
    """
    collected = pool.cluster.genesis
    await asyncio.gather(*(node.introduce() for node in pool.nodes), return_exceptions=True)
    foreign = [node.node.name for node in pool.nodes if not node.is_ours]
    if foreign and collected:
        raise UsageError(
            f"{', '.join(foreign)} is of another cluster than what was collected before; name "
            "nodes of that one, or another data folder and Kafka."
        )
    if foreign:
        raise UsageError(
            f"{', '.join(foreign)} is of another cluster than the nodes named before; name nodes "
            "of one cluster."
        )


async def newest_slot(pool: Pool) -> Slot:
    """Return the newest confirmed slot of all nodes, as soon as one answers.

    Raises:
        UsageError: they are of more than one cluster.
    """
    await _check_clusters(pool)
    while True:
        said = await asyncio.gather(*(slot_of(node) for node in pool.nodes))
        slots = [one for one in said if isinstance(one, int)]
        if slots:
            return max(slots)
        log.warning("No Solana node answers: %s.", said[0])
        await asyncio.sleep(AGAIN_S)


async def slot_of(node: Rpc) -> Slot | str:
    """Return the newest confirmed slot of a node, or why there is none."""
    try:
        slot = _slot.decode(await node.ask(get_slot()))
    except RefusedError as refused:
        return str(refused)
    except msgspec.MsgspecError:
        return "its slot is none"
    node.head = max(node.head, slot)
    return slot
