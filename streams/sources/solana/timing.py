"""Transactions that come without a time -> with that of their block.

Programs that state the time read it off the clock of their block, of which a node tells the same.
For what others did it is asked, once per slot. Source: Agave, ``rpc.rs``, ``get_block_time``.
"""

import asyncio
from typing import NamedTuple

import msgspec

from domain.decode import decode, parse_transaction
from domain.decode.shapes import BoundedTime
from domain.errors import UnreadableError
from schemas.fields import ChainTime, Slot
from streams.sources.solana.blocks import result_of
from streams.sources.solana.desk import Desk
from streams.sources.solana.notices import TransactionSeen
from streams.sources.solana.pool import Pool, UnansweredError
from streams.sources.solana.requests import get_block_time
from streams.sources.solana.times import is_ahead

AT_ONCE = 8
AGAIN_S = (0.05, 0.1, 0.2, 0.4, 0.8)
WAITING_MAX = 10_000
"""Most transactions that wait for a time; the sweep has what comes beyond."""
PATIENCE_S = 2.0
"""A budget that is used up for so long is left to the sweep."""

_time = msgspec.json.Decoder(BoundedTime | None)


def read_time(raw: bytes) -> ChainTime | None:
    """Return the time of a block; None: the node does not say.

    Raises:
        msgspec.MsgspecError: *raw* is none.
        UnreadableError: it is one of the far future.
    """
    time: ChainTime | None = _time.decode(raw)
    if time is not None and is_ahead(time):
        raise UnreadableError("the time is far ahead of this machine's clock")
    return time


class Told(NamedTuple):
    """A transaction, and by whom it was told."""

    seen: TransactionSeen
    node: str


class Timing:
    """Keeps transactions until the time of their slot is known, then lets them go out.

    *final*: they are confirmed.
    """

    def __init__(self, desk: Desk, pool: Pool, *, final: bool) -> None:
        self._desk, self._pool, self._final = desk, pool, final
        self._waiting: dict[Slot, list[Told]] = {}
        self._known: dict[Slot, ChainTime] = {}
        self._slots = asyncio.Queue[Slot]()
        self._count = 0

    def take(self, told: Told) -> None:
        """Let a transaction go out as soon as its time is known; one that failed is no hurry."""
        slot, seen = told.seen.slot, told.seen
        try:
            tx = parse_transaction(result_of(slot, seen.entry, place=seen.place, time=None))
            if tx.failed or tx.signature != seen.signature:
                return
            # A slot has one time: what its first transaction states need not be looked for again.
            time = self._known.get(slot) or decode(tx).time
        except UnreadableError:
            return  # The sweep reads it out of its block.
        if time is not None:
            if not is_ahead(time):
                self._known[slot] = time
                self._tell(told, time)
        elif self._count >= WAITING_MAX:
            return
        elif slot in self._waiting:
            self._count += 1
            self._waiting[slot].append(told)
        else:
            self._count += 1
            self._waiting[slot] = [told]
            self._slots.put_nowait(slot)

    def forget(self, through: Slot) -> None:
        """Forget the times of slots that are complete."""
        self._known = {slot: time for slot, time in self._known.items() if slot > through}

    async def run(self) -> None:
        """Ask for times, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            slot = await self._slots.get()
            time = await self._ask(slot)
            waiting = self._waiting.pop(slot, [])
            self._count -= len(waiting)
            if time is not None:
                self._known[slot] = time
                for told in waiting:
                    self._tell(told, time)

    async def _ask(self, slot: Slot) -> ChainTime | None:
        """Return the time of a slot; None: it is left to the sweep."""
        for again_s in AGAIN_S:
            if slot <= self._desk.walk.through or self._pool.wait_s() > PATIENCE_S:
                return None
            try:
                answer = await self._pool.ask(get_block_time(slot), read_time, slot=slot)
            except UnansweredError:
                pass
            else:
                if answer.value is not None:
                    return answer.value
            await asyncio.sleep(again_s)
        return None

    def _tell(self, told: Told, time: ChainTime) -> None:
        seen = told.seen
        value = result_of(seen.slot, seen.entry, place=seen.place, time=time)
        self._desk.tell(
            seen.slot, seen.signature, value,
            final=self._final, node=told.node, time=time, place=seen.place,
        )  # fmt: skip
