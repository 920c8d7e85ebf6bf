"""Parameters of requests, read as real nodes read them, with their words for what is wrong."""

from typing import Any, cast

from solders.pubkey import Pubkey
from solders.signature import Signature

from tests.node.errors import invalid_params, min_context_slot_not_reached
from tests.node.heads import Commitment
from tests.node.transactions import Json
from tests.node.view import View

LEVELS = ("processed", "confirmed", "finalized")


def needed(params: list[Any], count: int) -> list[Any]:
    """Return *params*, of which there must be *count*.

    Raises:
        RpcError: there are fewer.
    """
    if len(params) < count:
        missing = f"`params` should have at least {count} argument(s)"
        raise invalid_params(missing)
    return params


def number(value: Any) -> int:
    """Return a slot or a count.

    Raises:
        RpcError: it is not a whole number from 0.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise invalid_params(f"Invalid params: invalid type: {_named(value)}, expected u64.")
    return value


def config_at(params: list[Any], place: int) -> Json:
    """Return the object at *place*; a bare word there names the encoding, as it once did.

    Raises:
        RpcError: it is neither, or sets a member to a value of the wrong type.
    """
    found = params[place] if len(params) > place else None
    if isinstance(found, str):
        return {"encoding": found}
    if found is not None and not isinstance(found, dict):
        raise invalid_params(f"Invalid params: invalid type: {_named(found)}, expected a map.")
    for name in ("maxSupportedTransactionVersion", "minContextSlot"):
        if found and found.get(name) is not None:
            number(found[name])
    return found or {}


def commitment_of(config: Json, *, least: Commitment = "processed") -> Commitment:
    """Return the commitment asked for; without one, a node takes ``finalized``.

    Raises:
        RpcError: there is no such one, or the method does not serve it.
    """
    level = config.get("commitment") or "finalized"
    if level not in LEVELS:
        names = ", ".join(f"`{name}`" for name in LEVELS)
        raise invalid_params(f"Invalid params: unknown variant `{level}`, expected one of {names}.")
    if LEVELS.index(level) < LEVELS.index(least):
        raise invalid_params("Method does not support commitment below `confirmed`")
    return cast("Commitment", level)


def reached(view: View, config: Json, commitment: Commitment) -> None:
    """Return if the node is as far as ``minContextSlot`` asks.

    Raises:
        RpcError: it is not (-32016).
    """
    head, least = view.heads.of(commitment), config.get("minContextSlot")
    if least is not None and head < least:
        raise min_context_slot_not_reached(head)


def address(value: Any) -> str:
    """Return an address.

    Raises:
        RpcError: it is none.
    """
    return _base58(value, Pubkey)


def signature(value: Any) -> str:
    """Return a signature.

    Raises:
        RpcError: it is none.
    """
    return _base58(value, Signature)


def _base58(value: Any, kind: type[Pubkey | Signature]) -> str:
    if not isinstance(value, str):
        raise invalid_params(f"Invalid params: invalid type: {_named(value)}, expected a string.")
    try:
        return str(kind.from_string(value))
    except ValueError as error:
        wrong_size = "size" in str(error).lower()
        raise invalid_params(f"Invalid param: {'WrongSize' if wrong_size else 'Invalid'}") from None


def _named(value: Any) -> str:
    """Name a value as the library does that nodes read JSON with."""
    if isinstance(value, bool):
        return f"boolean `{str(value).lower()}`"
    if isinstance(value, str):
        return f'string "{value}"'
    if isinstance(value, (int, float)):
        return f"{'integer' if isinstance(value, int) else 'floating point'} `{value}`"
    return {list: "sequence", dict: "map"}.get(type(value), "null")
