"""Signatures that a node told of -> transactions, asked for one by one; the sweep has the rest."""

import asyncio
from typing import NamedTuple

import msgspec

from domain.decode.parse import parse_transaction
from domain.decode.shapes import BoundedSlot, BoundedTime, PlaceInBlock
from domain.errors import UnreadableError
from schemas.fields import Signature, Slot
from streams.sources.solana.desk import Desk
from streams.sources.solana.pool import Pool, UnansweredError
from streams.sources.solana.requests import get_transaction
from streams.sources.solana.times import is_ahead

WAITING_MAX = 10_000
AT_ONCE = 16
PATIENCE_S = 0.5
"""A budget that is used up for so long is left to the sweep, which asks once per block: waiting in
line with it for each transaction would keep it from following the chain."""
AGAIN_S = (0.1, 0.2, 0.4, 0.8, 1.6)
"""A node that is asked another one's news may not have it yet, and answers null."""


class Wanted(NamedTuple):
    """A transaction that was told of, and by whom."""

    slot: Slot
    signature: Signature
    node: str


class Placed(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Where and when a transaction stands, as getTransaction says."""

    slot: BoundedSlot
    block_time: BoundedTime | None = None
    transaction_index: PlaceInBlock | None = None


_placed = msgspec.json.Decoder(Placed | None)


def read_placed(raw: bytes, signature: Signature, slot: Slot | None = None) -> Placed | None:
    """Return where a transaction stands that was asked for; None: the node does not have it.

    *slot*: where it was said to stand.

    Raises:
        msgspec.MsgspecError: *raw* is no answer of getTransaction.
        UnreadableError: it is another transaction, in another slot, or of the far future.
    """
    placed: Placed | None = _placed.decode(raw)
    if placed is None:
        return None
    if parse_transaction(raw).signature != signature:
        raise UnreadableError("it is another transaction")
    if slot is not None and placed.slot != slot:
        raise UnreadableError(f"it stands in slot {placed.slot} instead of {slot}")
    if placed.block_time is not None and is_ahead(placed.block_time):
        raise UnreadableError("its block is far ahead of this machine's clock")
    return placed


class Fetching:
    """Asks for what streams told of, a few at a time."""

    def __init__(self, desk: Desk, pool: Pool) -> None:
        self._desk, self._pool = desk, pool
        self._queue = asyncio.Queue[Wanted](WAITING_MAX)
        self._under_way = set[Signature]()

    def want(self, wanted: Wanted) -> None:
        """Ask for a transaction soon, unless it is known, or there is too much to ask for."""
        is_news = self._desk.wants(wanted.slot, wanted.signature, final=True)
        if is_news and wanted.signature not in self._under_way and not self._queue.full():
            self._under_way.add(wanted.signature)
            self._queue.put_nowait(wanted)

    async def run(self) -> None:
        """Ask, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            wanted = await self._queue.get()
            try:
                await self._fetch(wanted)
            finally:
                self._under_way.discard(wanted.signature)

    async def _fetch(self, wanted: Wanted) -> None:
        for again_s in (*AGAIN_S, None):
            if not self._is_worth_it(wanted):
                return
            if await self._ask(wanted) or again_s is None:
                return
            await asyncio.sleep(again_s)

    def _is_worth_it(self, wanted: Wanted) -> bool:
        return (
            self._desk.wants(wanted.slot, wanted.signature, final=True)
            and self._pool.wait_s() < PATIENCE_S
        )

    async def _ask(self, wanted: Wanted) -> bool:
        """Ask once; return whether there is nothing more to ask."""
        try:
            request = get_transaction(wanted.signature)
        except ValueError:
            return True  # What was told is no signature.
        try:
            answer = await self._pool.ask(
                request,
                lambda raw: read_placed(raw, wanted.signature, wanted.slot),
                slot=wanted.slot,
            )
        except UnansweredError:
            return False
        placed = answer.value
        if placed is None or placed.block_time is None:
            return False  # Without a time nobody could count it.
        self._desk.tell(
            placed.slot, wanted.signature, answer.result,
            final=True, node=wanted.node, time=placed.block_time, place=placed.transaction_index,
        )  # fmt: skip
        return True
