"""A transaction as a node keeps it: its bytes, and what came of it."""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from solders.signature import Signature
from solders.transaction import Legacy, VersionedTransaction

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Transaction:
    """``keys``: static ones, loaded writable, loaded readonly. ``meta``: JSON, as recorded."""

    signature: str
    version: int | str
    keys: tuple[str, ...]
    failed: bool
    wire: bytes
    meta: bytes


class _Loaded(msgspec.Struct, frozen=True):
    writable: list[str] = []
    readonly: list[str] = []


class _Outcome(msgspec.Struct, frozen=True, rename="camel"):
    err: Any = None
    loaded_addresses: _Loaded | None = None


def transaction_of(wire: bytes, meta: bytes) -> Transaction:
    """Return the transaction with these bytes and this ``meta`` of a getTransaction answer."""
    parsed = VersionedTransaction.from_bytes(wire)
    outcome = msgspec.json.decode(meta, type=_Outcome)
    loaded = outcome.loaded_addresses or _Loaded()
    static = (str(key) for key in parsed.message.account_keys)
    version = parsed.version()
    return Transaction(
        signature=str(parsed.signatures[0]),
        version="legacy" if version == Legacy.Legacy else int(version),
        keys=(*static, *loaded.writable, *loaded.readonly),
        failed=outcome.err is not None,
        wire=wire,
        meta=meta,
    )


def copied(transaction: Transaction, *, salt: bytes) -> Transaction:
    """Return the same transaction under another signature, which nobody has signed."""
    parsed = VersionedTransaction.from_bytes(transaction.wire)
    first = Signature(hashlib.sha512(salt + transaction.signature.encode()).digest())
    other = VersionedTransaction.populate(parsed.message, [first, *parsed.signatures[1:]])
    return replace(transaction, signature=str(first), wire=bytes(other))


def packed(transaction: Transaction) -> str:
    """Return a transaction's bytes as base64."""
    return base64.b64encode(transaction.wire).decode()
