"""What a node says over its WebSocket, read: slots, logs, transactions, blocks."""

from typing import NamedTuple

import msgspec

from domain.decode.shapes import BoundedSlot, PlaceInBlock
from domain.errors import UnreadableError
from schemas.fields import Signature, Slot
from streams.sources.solana.blocks import UNREADABLE, Block, Mentions, read_block

NOTHING = "1" * 64
"""The signature of 64 zero bytes, which nodes tell of now and then: it is nobody's."""


class SlotSeen(NamedTuple):
    """A node has processed a slot; ``root``: the newest that is final."""

    slot: Slot
    root: Slot


class LogsSeen(NamedTuple):
    """A transaction is confirmed; what it did has to be asked for."""

    slot: Slot
    signature: Signature
    failed: bool


class TransactionSeen(NamedTuple):
    """A whole transaction without its time: ``entry`` has its meta; ``place``: in its block."""

    slot: Slot
    signature: Signature
    place: int | None
    entry: bytes


class BlockSeen(NamedTuple):
    """A whole block."""

    block: Block


Notice = SlotSeen | LogsSeen | TransactionSeen | BlockSeen


class Reply(NamedTuple):
    """The answer to a request: a subscription's number, or None where there is none."""

    id: int
    subscription: int | None
    error: str | None


NULL = msgspec.Raw(b"null")


class _Slot(msgspec.Struct, frozen=True, gc=False):
    slot: BoundedSlot
    root: BoundedSlot


class _Context(msgspec.Struct, frozen=True, gc=False):
    slot: BoundedSlot


class _LogsValue(msgspec.Struct, frozen=True, gc=False):
    signature: str
    err: msgspec.Raw = NULL


class _Logs(msgspec.Struct, frozen=True, gc=False):
    context: _Context
    value: _LogsValue


class _BlockValue(msgspec.Struct, frozen=True, gc=False):
    slot: BoundedSlot
    block: msgspec.Raw = NULL


class _Block(msgspec.Struct, frozen=True, gc=False):
    value: _BlockValue


class _Transaction(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    signature: str
    slot: BoundedSlot
    transaction: msgspec.Raw
    transaction_index: PlaceInBlock | None = None


class _Params(msgspec.Struct, frozen=True, gc=False):
    result: msgspec.Raw


class _Error(msgspec.Struct, frozen=True, gc=False):
    code: int


class _Message(msgspec.Struct, frozen=True, gc=False):
    id: int | None = None
    method: str | None = None
    params: _Params | None = None
    result: msgspec.Raw = NULL
    error: _Error | None = None


_message = msgspec.json.Decoder(_Message)
_slot = msgspec.json.Decoder(_Slot)
_logs = msgspec.json.Decoder(_Logs)
_block = msgspec.json.Decoder(_Block)
_transaction = msgspec.json.Decoder(_Transaction)
_number = msgspec.json.Decoder(int | None)


def read_message(raw: bytes | str, mentions: Mentions) -> Notice | Reply | None:
    """Return what a message says, None where it is nothing that we follow.

    Raises:
        UnreadableError: it is no message of a node's.
    """
    try:
        message = _message.decode(raw)
        if message.method is None or message.params is None:
            return _reply(message)
        return _notice(message.method, bytes(message.params.result), mentions)
    except UNREADABLE as error:
        raise UnreadableError(f"it is no message of a node: {str(error)[:200]}") from error


def _reply(message: _Message) -> Reply | None:
    if message.id is None:
        return None
    if message.error is not None:
        return Reply(message.id, None, f"error {message.error.code}")
    return Reply(message.id, _number.decode(message.result), None)


def _notice(method: str, result: bytes, mentions: Mentions) -> Notice | None:
    match method:
        case "slotNotification":
            slot = _slot.decode(result)
            return SlotSeen(slot.slot, slot.root)
        case "logsNotification":
            logs = _logs.decode(result)
            failed = bytes(logs.value.err) != b"null"
            return _known(LogsSeen(logs.context.slot, logs.value.signature, failed))
        case "transactionNotification":
            seen = _transaction.decode(result)
            place, entry = seen.transaction_index, bytes(seen.transaction)
            return _known(TransactionSeen(seen.slot, seen.signature, place, entry))
        case "blockNotification":
            told = _block.decode(result).value
            if bytes(told.block) == b"null":
                return None  # The sweep asks for what could not be told.
            return BlockSeen(read_block(told.slot, bytes(told.block), mentions))
    return None


def _known(seen: LogsSeen | TransactionSeen) -> Notice | None:
    return None if seen.signature == NOTHING else seen
