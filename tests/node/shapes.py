"""Transactions and blocks as nodes write them, in each encoding.

Members stand in the order of the alphabet, as in a real node's answers.
Source: Agave, ``transaction-status/src/lib.rs``.
"""

from typing import Any, NamedTuple

import msgspec
from solders.message import Message, MessageV0, MessageV1
from solders.transaction import VersionedTransaction

from tests.borsh import base58_text
from tests.node.chain import Block
from tests.node.errors import invalid_params, unsupported_version
from tests.node.transactions import Json, Transaction, packed

ENCODINGS = ("base58", "base64", "json", "jsonParsed")
DETAILS = ("full", "accounts", "signatures", "none")
TRUNCATED = "Log truncated"


class Wanted(NamedTuple):
    """How an asker wants transactions. ``log_bytes``: what the node keeps of a log, if limited."""

    encoding: str = "json"
    details: str = "full"
    rewards: bool = True
    max_version: int | None = None
    log_bytes: int | None = None


def wanted(config: Json, *, log_bytes: int | None, encoding: str = "json") -> Wanted:
    """Read what a request says of the form of transactions; *encoding* is the method's own.

    Raises:
        RpcError: there is no such encoding or level of detail.
    """
    found = Wanted(
        encoding=config.get("encoding") or encoding,
        details=config.get("transactionDetails") or "full",
        rewards=config.get("rewards", config.get("showRewards")) is not False,
        max_version=config.get("maxSupportedTransactionVersion"),
        log_bytes=log_bytes,
    )
    for value, known in ((found.encoding, ENCODINGS), (found.details, DETAILS)):
        if value not in known:
            names = ", ".join(f"`{name}`" for name in known)
            raise invalid_params(
                f"Invalid params: unknown variant `{value}`, expected one of {names}."
            )
    return found


def entry(transaction: Transaction, want: Wanted) -> Json:
    """Return a transaction as it stands in a block: without slot and time.

    Raises:
        RpcError: it is of a newer version than wanted (-32015).
    """
    version = _version(transaction, want.max_version)
    body: Json = {"meta": meta(transaction, want), "transaction": encoded(transaction, want)}
    return body if version is None else {**body, "version": version}


def meta(transaction: Transaction, want: Wanted) -> Json:
    """Return what came of a transaction."""
    found = dict(sorted(msgspec.json.decode(transaction.meta).items()))
    found["logMessages"] = log_lines(found.get("logMessages"), want.log_bytes)
    if not want.rewards:
        found.pop("rewards", None)
    if want.encoding == "jsonParsed":
        keys = transaction.keys
        found["innerInstructions"] = [
            {**group, "instructions": [_by_address(each, keys) for each in group["instructions"]]}
            for group in found.get("innerInstructions") or ()
        ]
        found.pop("loadedAddresses", None)
    return found


def log_lines(lines: list[str] | None, limit: int | None) -> list[str] | None:
    """Return what a node keeps of a log: whole lines up to *limit* bytes, then a mark."""
    kept, size = [], 0
    for line in lines or ():
        size += len(line.encode())
        if limit is not None and size >= limit:
            return [*kept, TRUNCATED]
        kept.append(line)
    return None if lines is None else kept


def encoded(transaction: Transaction, want: Wanted) -> Any:
    """Return the transaction itself: a pair of text and encoding, or an object."""
    if want.encoding == "base64":
        return [packed(transaction), "base64"]
    if want.encoding == "base58":
        return [base58_text(transaction.wire), "base58"]
    parsed = VersionedTransaction.from_bytes(transaction.wire)
    message = (_parsed if want.encoding == "jsonParsed" else _plain)(parsed.message, transaction)
    return {"message": message, "signatures": [str(each) for each in parsed.signatures]}


def block_body(block: Block, want: Wanted) -> Json:
    """Return a block as getBlock and blockSubscribe give it.

    Raises:
        RpcError: one of its transactions is of a newer version than wanted (-32015).
    """
    body: Json = {
        "blockHeight": block.height,
        "blockTime": block.time,
        "blockhash": block.blockhash,
        "parentSlot": block.parent,
        "previousBlockhash": block.previous_blockhash,
    }
    if want.rewards:
        body["rewards"] = []
    if want.details == "signatures":
        body["signatures"] = [each.signature for each in block.transactions]
    elif want.details == "full":
        body["transactions"] = [entry(each, want) for each in block.transactions]
    elif want.details == "accounts":
        body["transactions"] = [_accounts_only(each, want) for each in block.transactions]
    return body


def _version(transaction: Transaction, most: int | None) -> int | str | None:
    """Return the version as told to an asker; none is told to one who does not know of any."""
    if isinstance(transaction.version, int) and (most is None or transaction.version > most):
        raise unsupported_version(transaction.version)
    return None if most is None else transaction.version


def _plain(message: Message | MessageV0 | MessageV1, _: Transaction) -> Json:
    header = message.header
    body: Json = {
        "accountKeys": [str(key) for key in message.account_keys],
        "header": {
            "numReadonlySignedAccounts": header.num_readonly_signed_accounts,
            "numReadonlyUnsignedAccounts": header.num_readonly_unsigned_accounts,
            "numRequiredSignatures": header.num_required_signatures,
        },
        "instructions": _instructions(message),
        "recentBlockhash": str(message.recent_blockhash),
    }
    return {**_lookups(message), **body}


def _parsed(message: Message | MessageV0 | MessageV1, transaction: Transaction) -> Json:
    static = len(message.account_keys)
    loaded = msgspec.json.decode(transaction.meta).get("loadedAddresses") or {}
    writable = static + len(loaded.get("writable", ()))
    body: Json = {
        "accountKeys": [
            {
                "pubkey": key,
                "signer": place < static and message.is_signer(place),
                "source": "transaction" if place < static else "lookupTable",
                "writable": _is_writable(message, place) if place < static else place < writable,
            }
            for place, key in enumerate(transaction.keys)
        ],
        "instructions": [_by_address(each, transaction.keys) for each in _instructions(message)],
        "recentBlockhash": str(message.recent_blockhash),
    }
    return {**_lookups(message), **body}


def _is_writable(message: Message | MessageV0 | MessageV1, place: int) -> bool:
    """Tell whether a static key may be written to: by its place, unless it is run as a program."""
    header, count = message.header, len(message.account_keys)
    signed = header.num_required_signatures
    last = (
        signed - header.num_readonly_signed_accounts
        if place < signed
        else (count - header.num_readonly_unsigned_accounts)
    )
    run = {each.program_id_index for each in message.instructions}
    return place < last and place not in run


def _instructions(message: Message | MessageV0 | MessageV1) -> list[Json]:
    return [
        {
            "accounts": list(bytes(each.accounts)),
            "data": base58_text(each.data),
            "programIdIndex": each.program_id_index,
            "stackHeight": 1,
        }
        for each in message.instructions
    ]


def _by_address(instruction: Json, keys: tuple[str, ...]) -> Json:
    """Return an instruction with addresses for indexes, as where a node knows no parser for it."""
    return {
        "accounts": [keys[index] for index in instruction["accounts"]],
        "data": instruction["data"],
        "programId": keys[instruction["programIdIndex"]],
        "stackHeight": instruction.get("stackHeight"),
    }


def _lookups(message: Message | MessageV0 | MessageV1) -> Json:
    if not isinstance(message, MessageV0):
        return {}
    return {
        "addressTableLookups": [
            {
                "accountKey": str(each.account_key),
                "readonlyIndexes": list(bytes(each.readonly_indexes)),
                "writableIndexes": list(bytes(each.writable_indexes)),
            }
            for each in message.address_table_lookups
        ]
    }


def _accounts_only(transaction: Transaction, want: Wanted) -> Json:
    """Return a transaction at the level ``accounts``: who took part, and the balances."""
    version = _version(transaction, want.max_version)
    parsed = VersionedTransaction.from_bytes(transaction.wire)
    kept = ("err", "fee", "postBalances", "postTokenBalances", "preBalances", "preTokenBalances")
    full = meta(transaction, want)
    body: Json = {
        "meta": {**{name: full.get(name) for name in kept}, "status": full["status"]},
        "transaction": {
            "accountKeys": _parsed(parsed.message, transaction)["accountKeys"],
            "signatures": [str(each) for each in parsed.signatures],
        },
    }
    return body if version is None else {**body, "version": version}
