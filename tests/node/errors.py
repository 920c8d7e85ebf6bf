"""What a node answers instead of a result, in the words of a real one.

Source: Agave, ``rpc-client-api/src/custom_error.rs`` and ``rpc/src/rpc.rs``.
"""

from typing import Any

PARSE, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602


class RpcError(Exception):
    """An error of JSON-RPC: its ``code``, ``message`` and, where a real node has it, ``data``."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def body(self) -> dict[str, Any]:
        """Return the error as it stands in an answer."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return body if self.data is None else {**body, "data": self.data}


def method_not_found() -> RpcError:
    """No such method, or one that this node has switched off."""
    return RpcError(METHOD_NOT_FOUND, "Method not found")


def too_many() -> RpcError:
    """The client asks more than it is allowed, in the words of the public nodes of mainnet."""
    return RpcError(429, "Too many requests from your IP, try again later")


def invalid_params(why: str) -> RpcError:
    """The parameters make no sense; *why* is the whole message."""
    return RpcError(INVALID_PARAMS, why)


def block_cleaned_up(slot: int, first: int) -> RpcError:
    """The node has thrown that block away."""
    return RpcError(
        -32001,
        f"Block {slot} cleaned up, does not exist on node. First available block: {first}",
    )


def block_not_available(slot: int) -> RpcError:
    """The slot is ahead of what the node has at that commitment."""
    return RpcError(-32004, f"Block not available for slot {slot}")


def node_unhealthy(behind: int) -> RpcError:
    """The node is *behind* by that many slots."""
    return RpcError(-32005, f"Node is behind by {behind} slots", {"numSlotsBehind": behind})


def slot_skipped(slot: int) -> RpcError:
    """There never was a block in that slot; the node looked in its own ledger."""
    why = "was skipped, or missing due to ledger jump to recent snapshot"
    return RpcError(-32007, f"Slot {slot} {why}")


def long_term_slot_skipped(slot: int) -> RpcError:
    """There never was a block in that slot; the node looked in its archive."""
    return RpcError(-32009, f"Slot {slot} was skipped, or missing in long-term storage")


def unsupported_version(version: int) -> RpcError:
    """A transaction is of a newer version than was asked for."""
    why = (
        f"Transaction version ({version}) is not supported by the requesting client. Please try "
        "the request again with the following configuration parameter: "
        f'"maxSupportedTransactionVersion": {version}'
    )
    return RpcError(-32015, why)


def min_context_slot_not_reached(slot: int) -> RpcError:
    """The node has not come as far as was asked; *slot* is how far it is."""
    return RpcError(-32016, "Minimum context slot has not been reached", {"contextSlot": slot})
