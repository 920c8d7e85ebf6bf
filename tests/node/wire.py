"""The bytes of a transaction, made again from its JSON."""

from solders.hash import Hash
from solders.instruction import CompiledInstruction
from solders.message import Message, MessageAddressTableLookup, MessageHeader, MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from domain.decode.base58 import base58_bytes
from tests.node.transactions import Json


def wire_of(transaction: Json, version: int | str | None) -> bytes:
    """Return the bytes of a transaction given in the encoding ``json``: they are what was signed.

    Without a *version* it is of version 0 if it looks up addresses or could, else legacy.
    """
    body = transaction["message"]
    if version is None:
        version = "legacy" if body.get("addressTableLookups") is None else 0
    message = (_legacy if version == "legacy" else _version_0)(body)
    signatures = [Signature.from_string(each) for each in transaction["signatures"]]
    return bytes(VersionedTransaction.populate(message, signatures))


def _legacy(body: Json) -> Message:
    return Message.new_with_compiled_instructions(
        *_header(body), _keys(body), Hash.from_string(body["recentBlockhash"]), _instructions(body)
    )


def _version_0(body: Json) -> MessageV0:
    lookups = [
        MessageAddressTableLookup(
            Pubkey.from_string(each["accountKey"]),
            bytes(each["writableIndexes"]),
            bytes(each["readonlyIndexes"]),
        )
        for each in body["addressTableLookups"] or ()
    ]
    return MessageV0(
        MessageHeader(*_header(body)),
        _keys(body),
        Hash.from_string(body["recentBlockhash"]),
        _instructions(body),
        lookups,
    )


def _header(body: Json) -> tuple[int, int, int]:
    header = body["header"]
    return (
        header["numRequiredSignatures"],
        header["numReadonlySignedAccounts"],
        header["numReadonlyUnsignedAccounts"],
    )


def _keys(body: Json) -> list[Pubkey]:
    return [Pubkey.from_string(key) for key in body["accountKeys"]]


def _instructions(body: Json) -> list[CompiledInstruction]:
    return [
        CompiledInstruction(
            each["programIdIndex"], base58_bytes(each["data"]), bytes(each["accounts"])
        )
        for each in body["instructions"]
    ]
