"""JSON-RPC 2.0 as nodes speak it: requests read, answers and notifications written."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from tests.node.errors import INVALID_REQUEST, PARSE, RpcError
from tests.node.transactions import Json

Call = Callable[[str, list[Any]], Any]


class Request(NamedTuple):
    """One call. ``id`` is a number, a text or None; who sends none at all gets no answer."""

    id: Any
    method: str
    params: list[Any]
    silent: bool


def read(body: bytes | str) -> Any:
    """Return the JSON of a body.

    Raises:
        RpcError: it is none.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RpcError(PARSE, "Parse error") from None


def request_of(found: Any) -> Request:
    """Return the call that is in a JSON value.

    Raises:
        RpcError: there is none.
    """
    if not isinstance(found, dict) or not isinstance(found.get("method"), str):
        raise RpcError(INVALID_REQUEST, "Invalid request")
    params = found.get("params")
    if params is not None and not isinstance(params, list):
        raise RpcError(INVALID_REQUEST, "Invalid request")
    return Request(found.get("id"), found["method"], params or [], "id" not in found)


def answered(found: Any, call: Call) -> Json | None:
    """Return the answer to one call; None where none is due."""
    try:
        request = request_of(found)
    except RpcError as error:
        return {"jsonrpc": "2.0", "error": error.body(), "id": None}
    try:
        body: Json = {"jsonrpc": "2.0", "result": call(request.method, request.params)}
    except RpcError as error:
        body = {"jsonrpc": "2.0", "error": error.body()}
    return None if request.silent else {**body, "id": request.id}


def notification(kind: str, subscription: int, result: Any) -> str:
    """Return the text of a notification."""
    # Providers that add transactionSubscribe write its members the other way round.
    ordered = kind == "transaction"
    params = {"subscription": subscription} if ordered else {}
    params |= {"result": result, "subscription": subscription}
    body = {"jsonrpc": "2.0", "method": f"{kind}Notification", "params": params}
    return msgspec.json.encode(body).decode()
