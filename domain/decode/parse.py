"""Raw bytes -> Transaction, from every shape that nodes and webhooks send."""

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Collection, Iterable, Sequence

import msgspec
from solders.instruction import CompiledInstruction
from solders.signature import Signature as Signed
from solders.transaction import VersionedTransaction

from domain.decode.base58 import base58_bytes
from domain.decode.program_ids import MOVED_BY, OURS, TOKEN_PROGRAMS
from domain.decode.shapes import (
    NULL,
    BalanceShape,
    Envelope,
    InnerShape,
    InstructionShape,
    MessageShape,
    MetaShape,
    TransactionShape,
    WebhookInstructionShape,
    read_envelope,
)
from domain.decode.transaction import (
    Instruction,
    Transaction,
    address,
    at,
)
from domain.errors import UnreadableError
from schemas.fields import Address, Signature
from schemas.place import OUTER

ZERO_SIGNATURE = "1" * 64
Told = InstructionShape | WebhookInstructionShape | CompiledInstruction
"""An instruction, in any of the shapes."""


def parse_transaction(raw: bytes) -> Transaction:
    """Return the transaction in *raw*.

    *raw* is one JSON object: a getTransaction result (json, base58, base64 or jsonParsed; bare or
    inside ``result``; of any version), an entry of a block, or an enhanced-webhook object.

    Raises:
        UnreadableError: *raw* is none of these, or contradicts itself.
    """
    try:
        envelope = read_envelope(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"it is not a transaction in JSON: {str(error)[:200]}") from error
    if envelope.transaction is None and envelope.instructions is not None:
        return _from_webhook(envelope, envelope.instructions)
    if envelope.transaction is None or envelope.meta is None:
        raise UnreadableError("the JSON holds no transaction with its meta")
    if isinstance(envelope.transaction, TransactionShape):
        return _from_json(envelope, envelope.meta, envelope.transaction)
    return _from_wire(envelope, envelope.meta, _wire_bytes(envelope.transaction))


def _wire_bytes(encoded: list[str] | str) -> bytes:
    """Return the bytes of an encoded transaction; a bare string is base58, as in RPC."""
    parts = [encoded, "base58"] if isinstance(encoded, str) else encoded
    if len(parts) != 2 or parts[1] not in {"base58", "base64"}:
        raise UnreadableError("the encoding of the transaction is neither base58 nor base64")
    if parts[1] == "base58":
        return base58_bytes(parts[0])
    try:
        return a2b_base64(parts[0], strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise UnreadableError("the transaction is not base64") from error


def _from_wire(envelope: Envelope, meta: MetaShape, wire: bytes) -> Transaction:
    """Return a transaction whose message came as bytes."""
    parsed = _versioned(wire)
    message = parsed.message
    static = tuple(map(str, message.account_keys))
    keys = static + _loaded(meta)
    return _transaction(
        envelope,
        meta,
        signature=_signature(map(str, parsed.signatures)),
        signers=static[: message.header.num_required_signatures],
        keys=keys,
        outers=message.instructions,
    )


def _versioned(wire: bytes) -> VersionedTransaction:
    """Return the parsed transaction, legacy or of version 0 or 1."""
    try:
        return VersionedTransaction.from_bytes(wire)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # A panic of the Rust library is no Exception.
        raise UnreadableError("the bytes of the transaction cannot be read") from error


def _from_json(envelope: Envelope, meta: MetaShape, shape: TransactionShape) -> Transaction:
    """Return a transaction in json or jsonParsed encoding."""
    message = shape.message
    keys = _keys(message, meta)
    return _transaction(
        envelope,
        meta,
        signature=_signature(shape.signatures),
        signers=_signers(message),
        keys=keys,
        outers=message.instructions,
    )


def _keys(message: MessageShape, meta: MetaShape) -> tuple[Address, ...]:
    """Return all accounts; in jsonParsed encoding the loaded ones stand in the message."""
    texts = [key if isinstance(key, str) else key.pubkey for key in message.account_keys]
    stated = tuple(map(address, texts))
    return stated if message.header is None else stated + _loaded(meta)


def _signers(message: MessageShape) -> tuple[Address, ...]:
    """Return the accounts that signed."""
    if message.header is not None:
        count = message.header.num_required_signatures
        return tuple(key for key in message.account_keys[:count] if isinstance(key, str))
    return tuple(k.pubkey for k in message.account_keys if not isinstance(k, str) and k.signer)


def _from_webhook(envelope: Envelope, instructions: list[WebhookInstructionShape]) -> Transaction:
    """Return a transaction in an enhanced webhook's shape: its only known signer is the payer."""
    changes = [one for account in envelope.account_data for one in account.token_balance_changes]
    for change in changes:
        address(change.account)
    inner = {n: i.inner_instructions for n, i in enumerate(instructions)}
    ours = _of(OURS, (), instructions, inner)
    return Transaction(
        signature=_signature((envelope.signature or "",)),
        slot=envelope.slot,
        time=envelope.timestamp,
        index=envelope.index,
        failed=bytes(envelope.transaction_error) != NULL,
        signers=() if envelope.fee_payer is None else (address(envelope.fee_payer),),
        keys=(),
        instructions=ours,
        has_inner=any(inner.values()),
        moved=_moved(ours, (), instructions, inner),
        changes=changes,
    )


def _transaction(
    envelope: Envelope,
    meta: MetaShape,
    *,
    signature: Signature,
    signers: tuple[Address, ...],
    keys: tuple[Address, ...],
    outers: Sequence[Told],
) -> Transaction:
    """Return what the encodings of RPC have in common."""
    inner = _inner(meta.inner_instructions or (), len(outers))
    ours = _of(OURS, keys, outers, inner)
    return Transaction(
        signature=signature,
        slot=envelope.slot,
        time=envelope.block_time,
        index=envelope.index,
        failed=bytes(meta.err) != NULL,
        signers=signers,
        keys=keys,
        instructions=ours,
        has_inner=any(inner.values()),
        moved=_moved(ours, keys, outers, inner),
        before=_balances(keys, meta.pre_token_balances or ()),
        after=_balances(keys, meta.post_token_balances or ()),
        raw_logs=meta.log_messages,
    )


def _signature(signatures: Iterable[str]) -> Signature:
    """Return the first of *signatures*, which identifies the transaction."""
    first = next(iter(signatures), "")
    try:
        Signed.from_string(first)
    except ValueError as error:
        raise UnreadableError(f"{first[:100]!r} is no signature") from error
    if first == ZERO_SIGNATURE:
        raise UnreadableError("the signature is all zeros, so it identifies no transaction")
    return first


def _loaded(meta: MetaShape) -> tuple[Address, ...]:
    """Return the accounts from lookup tables: writable, then readonly."""
    loaded = meta.loaded_addresses
    return () if loaded is None else tuple(map(address, (*loaded.writable, *loaded.readonly)))


def _program(keys: Sequence[Address], told: Told) -> Address:
    """Return the program of an instruction, given by index or by address."""
    if told.program_id_index is not None:
        return at(keys, told.program_id_index)
    if isinstance(told, CompiledInstruction) or told.program_id is None:
        raise UnreadableError("an instruction names no program")
    return told.program_id


def _inner(groups: Sequence[InnerShape], outers: int) -> dict[int, list[InstructionShape]]:
    """Return the inner instructions by the index of their outer one."""
    found: dict[int, list[InstructionShape]] = {}
    for group in groups:
        if group.index >= outers:
            raise UnreadableError(f"inner instructions of {group.index}, but there are {outers}")
        found.setdefault(group.index, []).extend(group.instructions)
    return found


def _moved(
    ours: Sequence[Instruction],
    keys: Sequence[Address],
    outers: Sequence[Told],
    inner: dict[int, list[InstructionShape]],
) -> Sequence[Instruction]:
    """Return what token programs were told, where one of our programs needs it."""
    if not any(one.program in MOVED_BY for one in ours):
        return ()
    return _of(TOKEN_PROGRAMS, keys, outers, inner)


def _of(
    programs: Collection[Address],
    keys: Sequence[Address],
    outers: Sequence[Told],
    inner: dict[int, list[InstructionShape]],
) -> list[Instruction]:
    """Return some programs' instructions in execution order: each outer one, then those it made."""
    found, count = [], len(keys)
    for number, outer in enumerate(outers):
        place = OUTER
        for told in (outer, *inner.get(number, ())):
            index = told.program_id_index
            program = keys[index] if index is not None and index < count else _program(keys, told)
            if program in programs:
                found.append(Instruction(number, place, program, told.accounts or (), told.data))
            place += 1
    return found


def _balances(keys: Sequence[Address], found: Sequence[BalanceShape]) -> Sequence[BalanceShape]:
    """Return token balances, each of which names an account that is there."""
    count = len(keys)
    for balance in found:
        if balance.account >= count:
            at(keys, balance.account)
    return found
