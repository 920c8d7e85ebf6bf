"""A chain at a steady rate: which transaction is due when, in which block, in a node's words."""

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple, cast

import msgspec

from btracker.bench.pipeline.salvo import Salvo, Shot
from domain.decode.program_ids import DBC as PROGRAM
from schemas.fields import ChainTime, Slot

SLOT_S = 0.4

_encode = msgspec.json.Encoder().encode


class _Result(msgspec.Struct, frozen=True, gc=False):
    """A getTransaction result, taken apart; all that is traded is DBC's."""

    transaction: msgspec.Raw
    meta: msgspec.Raw
    version: msgspec.Raw = msgspec.Raw(b"0")


class _Meta(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    log_messages: msgspec.Raw = msgspec.Raw(b"[]")


_result = msgspec.json.Decoder(_Result).decode
_meta = msgspec.json.Decoder(_Meta).decode


class Block(NamedTuple):
    """A block in which only we have something; the first comes at second 0 of a run."""

    slot: Slot
    parent: Slot
    time: ChainTime
    shots: tuple[Shot, ...]


def blocks(
    salvo: Salvo, *, first: Slot, parent: Slot, per_second: int, seconds: int
) -> Sequence[Block]:
    """Return the blocks of a run, each with the transactions of its 400 ms."""
    per_slot = max(1, round(per_second * SLOT_S))
    made = list[Block]()
    for number in range(ceil(seconds / SLOT_S)):
        slot = first + number
        # Its own words say the recording's time; what is told of the block is not before that.
        at = salvo.last_time + int(number * SLOT_S)
        shots = (salvo.shot(number * per_slot + one, slot=slot, at=at) for one in range(per_slot))
        made.append(Block(slot, made[-1].slot if made else parent, at, tuple(shots)))
    return made


def block_json(block: Block) -> bytes:
    """Return what getBlock answers."""
    body = {
        "blockTime": block.time,
        "parentSlot": block.parent,
        "transactions": [_result(shot.value) for shot in block.shots],
    }
    return _encode(body)


def slot_note(subscription: int, slot: Slot) -> bytes:
    """Return a slotNotification."""
    body = {"slot": slot, "parent": slot - 1, "root": slot - 32}
    return _note("slotNotification", subscription, body)


def block_note(subscription: int, block: Block) -> bytes:
    """Return a blockNotification."""
    value = {"slot": block.slot, "block": msgspec.Raw(block_json(block)), "err": None}
    return _note("blockNotification", subscription, _in_slot(block.slot, value))


def transaction_note(subscription: int, shot: Shot, index: int) -> bytes:
    """Return a transactionNotification."""
    body = {
        "transaction": _result(shot.value),
        "signature": shot.signature,
        "slot": shot.slot,
        "transactionIndex": index,
    }
    return _note("transactionNotification", subscription, body)


def logs_note(subscription: int, shot: Shot) -> bytes:
    """Return a logsNotification."""
    logs = _meta(_result(shot.value).meta).log_messages
    value = {"signature": shot.signature, "err": None, "logs": logs}
    return _note("logsNotification", subscription, _in_slot(shot.slot, value))


def is_of(params: object) -> bool:
    """Say whether a subscription to logs is to those of the program that is traded with."""
    mentioned = cast("list[dict[str, list[str]]]", params)[0]["mentions"]
    return PROGRAM in mentioned


def _in_slot(slot: Slot, value: object) -> object:
    return {"context": {"slot": slot}, "value": value}


def _note(method: str, subscription: int, result: object) -> bytes:
    params = {"result": result, "subscription": subscription}
    return _encode({"jsonrpc": "2.0", "method": method, "params": params})
