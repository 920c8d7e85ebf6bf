"""The methods that a node answers over HTTP, by name. Each is a pure function of a view."""

from collections.abc import Callable
from typing import Any

from tests.node.answers import accounts, blocks, signatures, slots
from tests.node.view import View

Answer = Callable[[View, list[Any]], Any]

ANSWERS: dict[str, Answer] = {
    "getAccountInfo": accounts.get_account_info,
    "getBlock": blocks.get_block,
    "getBlockHeight": slots.get_block_height,
    "getBlockTime": blocks.get_block_time,
    "getBlocks": blocks.get_blocks,
    "getBlocksWithLimit": blocks.get_blocks_with_limit,
    "getFirstAvailableBlock": slots.get_first_available_block,
    "getGenesisHash": slots.get_genesis_hash,
    "getHealth": slots.get_health,
    "getMultipleAccounts": accounts.get_multiple_accounts,
    "getSignatureStatuses": signatures.get_signature_statuses,
    "getSignaturesForAddress": signatures.get_signatures_for_address,
    "getSlot": slots.get_slot,
    "getTransaction": signatures.get_transaction,
    "getVersion": slots.get_version,
    "minimumLedgerSlot": slots.get_first_available_block,
}
