"""The sweep where no node answers with blocks: what each program's address is listed with.

A list proves nothing by itself, so it has to reach back to what is complete, to come from a node
that is far enough, and to hold all that streams told: else nothing is complete beyond.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from domain.decode.shapes import BoundedSlot, BoundedTime
from schemas.fields import Address, ChainTime, Signature, Slot
from streams.sources.solana.beginning import slot_of
from streams.sources.solana.blocks import PROGRAM_IDS, UNREADABLE, Block, Ours
from streams.sources.solana.desk import Desk
from streams.sources.solana.fetching import read_placed
from streams.sources.solana.pool import Pool, UnansweredError
from streams.sources.solana.requests import (
    get_first_block,
    get_signatures,
    get_transaction,
)
from streams.sources.solana.rpc import RefusedError, Request, Rpc
from streams.sources.solana.times import is_ahead

BEHIND = 32
"""Slots behind the newest confirmed one: nodes list a little later what they have confirmed."""
EVERY_S = 4.0
"""Between lists: they are one request for each program at least."""
PAGE, PAGES_MAX = 1_000, 200
AT_ONCE = 8


class Listed(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A transaction as it is listed."""

    signature: Signature
    slot: BoundedSlot
    block_time: BoundedTime | None = None


_page = msgspec.json.Decoder(list[Listed])
_slot = msgspec.json.Decoder(BoundedSlot)


class Span(NamedTuple):
    """What to list of a node: slots behind ``through``, up to ``last``.

    ``confirmed``: its newest slot. ``is_whole``: it has all since ``through``, so that a list may
    end before.
    """

    node: Rpc
    through: Slot
    last: Slot
    confirmed: Slot
    is_whole: bool


class Listing:
    """Brings a desk on by lists of signatures; each step is whole, or nothing."""

    def __init__(self, desk: Desk, pool: Pool) -> None:
        self._desk, self._pool = desk, pool
        self._next_at = float("-inf")
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def step(self) -> None:
        """List what is new, ask for what nobody told, and let all through there be complete.

        Raises:
            UnansweredError: a node does not say all of it, or what cannot be all.
        """
        if time.monotonic() < self._next_at:
            return
        node, confirmed = await self._newest()
        try:
            span = await self._span(node, confirmed)
            listed = {one.signature: one for one in await _listed(span)}
        except UNREADABLE as error:
            raise UnansweredError(f"{node.node.name} lists nonsense: {error}") from error
        if span.last > span.through:
            self._doubt(listed.keys(), span)
            blocks = await self._blocks(listed.values())
            self._desk.take_listed(blocks, span.last, node=span.node.node.name)
        self._next_at = time.monotonic() + EVERY_S

    async def _newest(self) -> tuple[Rpc, Slot]:
        """Return the slot that half of the nodes have confirmed, and one of those.

        A single one that says to be far ahead could make all complete that never was.

        Raises:
            UnansweredError: none of them says.
        """
        nodes = self._pool.nodes
        said = zip(nodes, await asyncio.gather(*map(slot_of, nodes)), strict=True)
        slots = sorted(
            ((slot, place) for place, (_, slot) in enumerate(said) if isinstance(slot, int)),
        )
        if not slots:
            raise UnansweredError("no node says its slot")
        slot, place = slots[(len(slots) - 1) // 2]
        return nodes[place], slot

    async def _span(self, node: Rpc, confirmed: Slot) -> Span:
        first = _slot.decode(await _answer(node, get_first_block()))
        through = self._desk.walk.through
        return Span(node, through, confirmed - BEHIND, confirmed, is_whole=first <= through + 1)

    def _doubt(self, listed: Iterable[Signature], span: Span) -> None:
        """Refuse a list that leaves out what a stream told of as confirmed.

        Raises:
            UnansweredError: it does.
        """
        missing = self._desk.confirmed(span.last) - set(listed)
        if missing:
            raise UnansweredError(
                f"{span.node.node.name} does not list {len(missing):,} transactions that were "
                "confirmed"
            )

    async def _blocks(self, listed: Iterable[Listed]) -> list[Block]:
        """Return what is listed as blocks, whose parents nobody knows."""
        in_order = sorted(listed, key=lambda one: one.slot)
        found = await asyncio.gather(*(self._ours(one) for one in in_order), return_exceptions=True)
        ours = [_or_raise(one) for one in found]
        return [
            _block(slot, list(some))
            for slot, some in groupby(zip(in_order, ours, strict=True), key=lambda one: one[0].slot)
        ]

    async def _ours(self, one: Listed) -> Ours:
        """Return a transaction at its place; bytes are asked for unless all was said of it."""
        place = self._desk.place_of(one.slot, one.signature)
        if place is not None:
            return Ours(one.signature, place, b"")
        async with self._asking:
            return await self._asked(one)

    async def _asked(self, one: Listed) -> Ours:
        try:
            request = get_transaction(one.signature)
        except ValueError as error:
            raise UnansweredError(f"a node lists {one.signature[:100]!r}: {error}") from error
        answer = await self._pool.ask(
            request, lambda raw: read_placed(raw, one.signature, one.slot), slot=one.slot
        )
        placed = answer.value
        if placed is None:
            raise UnansweredError(f"a node lists {one.signature} and does not have it")
        index, at = placed.transaction_index, placed.block_time
        if index is None or at is None:
            raise UnansweredError(
                f"{answer.node.node.name} does not say where in its block a transaction stands, or "
                "when; name a node that answers getBlock"
            )
        return Ours(one.signature, index, answer.result)


async def _listed(span: Span) -> list[Listed]:
    """Return what is listed of all programs behind ``through``, up to ``last``."""
    if span.last <= span.through:
        return []
    return [one for program in PROGRAM_IDS for one in await _of_program(span, program)]


async def _of_program(span: Span, program: Address) -> list[Listed]:
    """Return what is listed of one, newest first.

    Raises:
        UnansweredError: the list does not reach back to what is complete.
    """
    found, before, oldest = list[Listed](), None, span.confirmed
    for _ in range(PAGES_MAX):
        request = get_signatures(program, before=before, limit=PAGE, at_least=span.confirmed)
        page = _page.decode(await _answer(span.node, request))
        found += [one for one in page if span.through < one.slot <= span.last]
        oldest = page[-1].slot if page else oldest
        if oldest <= span.through or (len(page) < PAGE and span.is_whole):
            return found
        if len(page) < PAGE:
            break
        before = page[-1].signature
    raise UnansweredError(
        f"{span.node.node.name} lists {program} back to slot {oldest:,} only; name a node that "
        "answers getBlock"
    )


def _or_raise(found: Ours | BaseException) -> Ours:
    if isinstance(found, BaseException):
        raise found
    return found


async def _answer(node: Rpc, request: Request) -> bytes:
    try:
        return await node.ask(request)
    except RefusedError as refused:
        raise UnansweredError(f"{node.node.name}: {refused}") from refused


def _block(slot: Slot, listed: Sequence[tuple[Listed, Ours]]) -> Block:
    times = [one.block_time for one, _ in listed if one.block_time is not None]
    at: ChainTime | None = max(times, default=None)
    ours = tuple(sorted((ours for _, ours in listed), key=lambda one: one.place))
    return Block(slot, slot - 1, None if at is None or is_ahead(at) else at, ours)
