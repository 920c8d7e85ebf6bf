"""Blocks and lists of slots that have one."""

from typing import Any

from tests.node.errors import (
    RpcError,
    block_cleaned_up,
    block_not_available,
    invalid_params,
    long_term_slot_skipped,
    slot_skipped,
)
from tests.node.params import commitment_of, config_at, needed, number, reached
from tests.node.shapes import block_body, wanted
from tests.node.transactions import Json
from tests.node.view import View

MOST_SLOTS = 500_000


def get_block(view: View, params: list[Any]) -> Json:
    """Return the block of a slot.

    Raises:
        RpcError: there is none (-32001, -32004, -32007, -32009), or one of its transactions is of
            a newer version than was asked for (-32015).
    """
    slot, config = number(needed(params, 1)[0]), config_at(params, 1)
    commitment = commitment_of(config, least="confirmed")
    want = wanted(config, log_bytes=view.traits.log_bytes)
    if not view.has(slot, commitment):
        raise _absent(view, slot)
    return block_body(view.chain.block(slot), want)


def get_block_time(view: View, params: list[Any]) -> int:
    """Return the time of a slot's block, in seconds.

    Raises:
        RpcError: there is no such block.
    """
    slot = number(needed(params, 1)[0])
    if not view.has(slot, "processed"):
        raise _absent(view, slot)
    return view.chain.time(slot)


def get_blocks(view: View, params: list[Any]) -> list[int]:
    """Return the slots with a block from one to another, both included, or to the newest.

    Raises:
        RpcError: the range spans more than 500,000 slots.
    """
    first = number(needed(params, 1)[0])
    # The end may be left out, and the settings then stand in its place.
    config = config_at(params, 1 if len(params) > 1 and isinstance(params[1], dict) else 2)
    commitment = commitment_of(config, least="confirmed")
    reached(view, config, commitment)
    head = view.heads.of(commitment)
    named = params[1] if len(params) > 1 and not isinstance(params[1], dict) else None
    last = head if named is None else number(named)
    if last - first > MOST_SLOTS:
        raise invalid_params(f"Slot range too large; max {MOST_SLOTS}")
    return list(view.chain.between(max(first, view.first), min(last, head)))


def get_blocks_with_limit(view: View, params: list[Any]) -> list[int]:
    """Return the first so many slots with a block, from one on.

    Raises:
        RpcError: the limit is above 500,000.
    """
    first, limit = map(number, needed(params, 2)[:2])
    config = config_at(params, 2)
    commitment = commitment_of(config, least="confirmed")
    reached(view, config, commitment)
    if limit > MOST_SLOTS:
        raise invalid_params(f"Limit too large; max {MOST_SLOTS}")
    head = view.heads.of(commitment)
    return list(view.chain.between(max(first, view.first), head)[:limit])


def _absent(view: View, slot: int) -> RpcError:
    """Return why there is no block: only of finalized slots is it known that they were skipped."""
    if slot < view.first:
        return block_cleaned_up(slot, view.first)
    if slot < view.heads.finalized:
        return (long_term_slot_skipped if view.traits.archive else slot_skipped)(slot)
    return block_not_available(slot)
