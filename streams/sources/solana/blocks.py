"""A node's block -> the transactions in it that are ours, each as getTransaction would tell it."""

from binascii import a2b_base64
from typing import NamedTuple

import msgspec
from solders.pubkey import Pubkey

from domain.decode.decoding import PROGRAMS
from domain.decode.parse import parse_transaction
from domain.decode.shapes import BoundedSlot, BoundedTime, Index
from domain.errors import UnreadableError
from schemas.fields import Address, ChainTime, Signature, Slot
from streams.sources.solana.times import is_ahead

PROGRAM_IDS: tuple[Address, ...] = tuple(sorted(one.program for one in PROGRAMS))

UNREADABLE = (ValueError, RecursionError)
"""What bytes of others raise: no JSON, no UTF-8, no base64, too large numbers, endless nesting."""


class Ours(NamedTuple):
    """A transaction that names a program of ours, at its ``place`` in the block.

    ``signature`` None: it cannot be read.
    """

    signature: Signature | None
    place: int
    value: bytes


class Block(NamedTuple):
    """A block, with those of its transactions that name one of our programs, in its order.

    ``hash`` and ``parent_hash`` are empty where it does not say them.
    """

    slot: Slot
    parent: Slot
    time: ChainTime | None
    ours: tuple[Ours, ...]
    hash: str = ""
    parent_hash: str = ""


class Mentions:
    """Tells which transactions name one of some programs, without reading them."""

    def __init__(self, programs: tuple[Address, ...] = PROGRAM_IDS) -> None:
        self._keys = [bytes(Pubkey.from_string(program)) for program in programs]
        self._names = [program.encode() for program in programs]

    def found_in(self, wire: bytes, meta: bytes) -> bool:
        """Say whether a program stands in a message, or among the accounts of lookup tables.

        It may be said of one that only carries the bytes of its name; such a one does no harm.
        """
        return any(key in wire for key in self._keys) or any(name in meta for name in self._names)


class _Entry(msgspec.Struct, frozen=True, gc=False):
    transaction: tuple[str, str]
    meta: msgspec.Raw
    version: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Block(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    parent_slot: BoundedSlot
    transactions: list[_Entry]
    block_time: BoundedTime | None = None
    blockhash: str = ""
    previous_blockhash: str = ""


class _Result(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    slot: Slot
    block_time: ChainTime | None
    transaction: tuple[str, str]
    meta: msgspec.Raw
    transaction_index: Index | msgspec.UnsetType = msgspec.UNSET
    version: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_block = msgspec.json.Decoder(_Block)
_entry = msgspec.json.Decoder(_Entry)
_encode = msgspec.json.Encoder().encode


def read_block(slot: Slot, raw: bytes, mentions: Mentions) -> Block:
    """Return a block that was asked for with all its transactions in base64.

    Raises:
        UnreadableError: *raw* is no such block.
    """
    try:
        told = _block.decode(raw)
        ours = tuple(
            _ours(slot, told, index)
            for index, entry in enumerate(told.transactions)
            if mentions.found_in(a2b_base64(entry.transaction[0]), bytes(entry.meta))
        )
    except UNREADABLE as error:
        raise UnreadableError(f"it is no block in base64: {str(error)[:200]}") from error
    if told.parent_slot >= slot:
        raise UnreadableError(f"block {slot} has {told.parent_slot} as its parent")
    if told.block_time is not None and is_ahead(told.block_time):
        raise UnreadableError(f"block {slot} is far ahead of this machine's clock")
    return Block(
        slot, told.parent_slot, told.block_time, ours, told.blockhash, told.previous_blockhash
    )


def _ours(slot: Slot, told: _Block, index: int) -> Ours:
    entry = told.transactions[index]
    value = _encode(
        _Result(slot, told.block_time, entry.transaction, entry.meta, index, entry.version)
    )
    try:
        return Ours(parse_transaction(value).signature, index, value)
    except UnreadableError:
        return Ours(None, index, value)


def result_of(slot: Slot, raw: bytes, *, place: int | None, time: ChainTime | None) -> bytes:
    """Return what getTransaction would tell of a transaction that a stream told of.

    Raises:
        UnreadableError: *raw* is no transaction with its meta, in base64.
    """
    try:
        entry = _entry.decode(raw)
    except UNREADABLE as error:
        raise UnreadableError(f"it is no transaction in base64: {str(error)[:200]}") from error
    index = msgspec.UNSET if place is None else place
    return _encode(_Result(slot, time, entry.transaction, entry.meta, index, entry.version))
