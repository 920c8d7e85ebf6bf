"""How far the node is, and what it is."""

from typing import Any

from tests.node.errors import node_unhealthy
from tests.node.params import commitment_of, config_at, reached
from tests.node.transactions import Json
from tests.node.view import View

GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
"""Of mainnet."""
HEALTHY_BEHIND = 128
"""Slots. Source: Agave, ``DELINQUENT_VALIDATOR_SLOT_DISTANCE``."""


def get_slot(view: View, params: list[Any]) -> int:
    """Return the newest slot; at ``processed`` its block may yet be abandoned."""
    config = config_at(params, 0)
    commitment = commitment_of(config)
    reached(view, config, commitment)
    return view.heads.of(commitment)


def get_block_height(view: View, params: list[Any]) -> int:
    """Return how many blocks there are up to the newest slot."""
    return view.chain.height(get_slot(view, params))


def get_first_available_block(view: View, _: list[Any]) -> int:
    """Return the oldest slot whose block the node still has."""
    return view.first


def get_genesis_hash(_: View, __: list[Any]) -> str:
    """Return the hash that tells one cluster from another."""
    return GENESIS


def get_health(view: View, _: list[Any]) -> str:
    """Return ``ok``.

    Raises:
        RpcError: the node is too far behind (-32005).
    """
    if view.behind > HEALTHY_BEHIND:
        raise node_unhealthy(view.behind)
    return "ok"


def get_version(view: View, _: list[Any]) -> Json:
    """Return which software this is."""
    return {"feature-set": 3_640_012_085, "solana-core": view.traits.version}
