"""Accounts: those that the node was started with; a recording of transactions knows of none."""

from base64 import b64encode
from typing import Any

from tests.node.errors import invalid_params
from tests.node.params import address, commitment_of, config_at, needed, reached
from tests.node.transactions import Json
from tests.node.view import View

MOST = 100
RENT_EXEMPT = 18_446_744_073_709_551_615
"""Source: what nodes answer as ``rentEpoch`` of accounts that pay no rent."""


def get_account_info(view: View, params: list[Any]) -> Json:
    """Return an account, null where there is none."""
    return in_context(view, config_at(params, 1), _account(view, needed(params, 1)[0]))


def get_multiple_accounts(view: View, params: list[Any]) -> Json:
    """Return accounts in the order asked for, null where there is none; at most 100."""
    keys = needed(params, 1)[0]
    if not isinstance(keys, list):
        raise invalid_params("Invalid params: invalid type, expected a sequence.")
    if len(keys) > MOST:
        raise invalid_params(f"Too many inputs provided; max {MOST}")
    return in_context(view, config_at(params, 1), [_account(view, key) for key in keys])


def in_context(view: View, config: Json, value: Any) -> Json:
    """Return *value* with the slot at which it is so."""
    commitment = commitment_of(config)
    reached(view, config, commitment)
    context = {"apiVersion": view.traits.version, "slot": view.heads.of(commitment)}
    return {"context": context, "value": value}


def _account(view: View, key: Any) -> Json | None:
    """Return an account as base64, whatever encoding was asked for."""
    found = view.traits.accounts.get(address(key))
    if found is None:
        return None
    return {
        "data": [b64encode(found.data).decode(), "base64"],
        "executable": False,
        "lamports": 1,
        "owner": found.owner,
        "rentEpoch": RENT_EXEMPT,
        "space": len(found.data),
    }
