"""Accounts, of which a recording of transactions knows nothing: none is there."""

from typing import Any

from tests.node.errors import invalid_params
from tests.node.params import address, commitment_of, config_at, needed, reached
from tests.node.transactions import Json
from tests.node.view import View

MOST = 100


def get_account_info(view: View, params: list[Any]) -> Json:
    """Return that there is no such account."""
    address(needed(params, 1)[0])
    return in_context(view, config_at(params, 1), None)


def get_multiple_accounts(view: View, params: list[Any]) -> Json:
    """Return that there are no such accounts; at most 100 may be asked for."""
    keys = needed(params, 1)[0]
    if not isinstance(keys, list):
        raise invalid_params("Invalid params: invalid type, expected a sequence.")
    if len(keys) > MOST:
        raise invalid_params(f"Too many inputs provided; max {MOST}")
    return in_context(view, config_at(params, 1), [None for key in keys if address(key)])


def in_context(view: View, config: Json, value: Any) -> Json:
    """Return *value* with the slot at which it is so."""
    commitment = commitment_of(config)
    reached(view, config, commitment)
    context = {"apiVersion": view.traits.version, "slot": view.heads.of(commitment)}
    return {"context": context, "value": value}
