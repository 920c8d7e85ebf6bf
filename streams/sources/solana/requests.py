"""What nodes are asked and subscribed to, as solders writes it."""

from typing import NamedTuple

import msgspec
from solana.rpc.commitment import Commitment
from solders.commitment_config import CommitmentLevel
from solders.pubkey import Pubkey
from solders.rpc.config import (
    RpcBlockConfig,
    RpcBlockSubscribeConfig,
    RpcBlockSubscribeFilter,
    RpcContextConfig,
    RpcSignaturesForAddressConfig,
    RpcTransactionConfig,
    RpcTransactionLogsConfig,
    RpcTransactionLogsFilterMentions,
)
from solders.rpc.requests import (
    BlockSubscribe,
    GetBlock,
    GetBlocksWithLimit,
    GetBlockTime,
    GetFirstAvailableBlock,
    GetSignaturesForAddress,
    GetSlot,
    GetTransaction,
    LogsSubscribe,
    SlotSubscribe,
)
from solders.signature import Signature as Signed
from solders.transaction_status import TransactionDetails, UiTransactionEncoding

from schemas.fields import Address, Signature, Slot

VERSION = 1
"""The newest version of transactions: a node that is asked for less fails on whole blocks."""
CONFIRMED = CommitmentLevel.Confirmed
BASE64, FULL = UiTransactionEncoding.Base64, TransactionDetails.Full


class TransactionSubscribe(NamedTuple):
    """The subscription that some providers add; solders does not have it.

    Source: docs of Helius, enhanced WebSockets.
    """

    programs: tuple[Address, ...]
    commitment: Commitment
    id: int

    def to_json(self) -> str:
        """Return it as it is sent."""
        config = {
            "commitment": str(self.commitment),
            "encoding": "base64",
            "transactionDetails": "full",
            "showRewards": False,
            "maxSupportedTransactionVersion": VERSION,
        }
        params = [{"accountInclude": list(self.programs), "vote": False}, config]
        call = {"jsonrpc": "2.0", "id": self.id, "method": "transactionSubscribe", "params": params}
        return msgspec.json.encode(call).decode()


def get_slot() -> GetSlot:
    """Ask for the newest confirmed slot."""
    return GetSlot(RpcContextConfig(commitment=CONFIRMED))


def get_blocks(first: Slot, *, limit: int) -> GetBlocksWithLimit:
    """Ask for the next so many slots that have a confirmed block, from one on."""
    return GetBlocksWithLimit(first, limit, commitment=CONFIRMED)


def get_block(slot: Slot) -> GetBlock:
    """Ask for a confirmed block with all its transactions."""
    return GetBlock(
        slot,
        RpcBlockConfig(
            encoding=BASE64,
            transaction_details=FULL,
            rewards=False,
            commitment=CONFIRMED,
            max_supported_transaction_version=VERSION,
        ),
    )


def get_block_time(slot: Slot) -> GetBlockTime:
    """Ask for the time of a block, confirmed or not."""
    return GetBlockTime(slot)


def get_first_block() -> GetFirstAvailableBlock:
    """Ask for the oldest slot of which a node has all."""
    return GetFirstAvailableBlock()


def get_signatures(
    program: Address, *, before: Signature | None, limit: int, at_least: Slot
) -> GetSignaturesForAddress:
    """Ask for the confirmed transactions that name a program, newest first, failed ones too.

    *before*: where the page before ended; *at_least*: what the node must have confirmed.
    """
    config = RpcSignaturesForAddressConfig(
        before=None if before is None else Signed.from_string(before),
        limit=limit,
        commitment=CONFIRMED,
        min_context_slot=at_least,
    )
    return GetSignaturesForAddress(Pubkey.from_string(program), config)


def get_transaction(signature: Signature) -> GetTransaction:
    """Ask for a confirmed transaction; *signature* is one.

    Raises:
        ValueError: it is none.
    """
    config = RpcTransactionConfig(
        encoding=BASE64, commitment=CONFIRMED, max_supported_transaction_version=VERSION
    )
    return GetTransaction(Signed.from_string(signature), config)


def slot_subscribe(number: int) -> SlotSubscribe:
    """Follow the slots that a node processes."""
    return SlotSubscribe(id=number)


def logs_subscribe(number: int, program: Address) -> LogsSubscribe:
    """Follow the confirmed transactions that name a program: one at a time, nodes take no more."""
    return LogsSubscribe(
        RpcTransactionLogsFilterMentions(Pubkey.from_string(program)),
        RpcTransactionLogsConfig(commitment=CONFIRMED),
        id=number,
    )


def block_subscribe(number: int) -> BlockSubscribe:
    """Follow confirmed blocks: whole ones, or nobody knows what stands where in them."""
    return BlockSubscribe(
        RpcBlockSubscribeFilter.All,
        RpcBlockSubscribeConfig(
            commitment=CONFIRMED,
            encoding=BASE64,
            transaction_details=FULL,
            show_rewards=False,
            max_supported_transaction_version=VERSION,
        ),
        id=number,
    )
