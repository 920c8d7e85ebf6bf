"""What can be subscribed to, and what each new block has to say to a subscriber."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from tests.node.chain import Block
from tests.node.errors import RpcError, invalid_params, method_not_found
from tests.node.heads import Commitment, Progress
from tests.node.params import address, commitment_of, config_at, needed
from tests.node.shapes import Wanted, block_body, entry, log_lines, wanted
from tests.node.transactions import Json, Transaction
from tests.node.view import Traits, View

MOST_ACCOUNTS = 50_000


class Subscription(NamedTuple):
    """What a client follows. ``says``: the notifications of one block, at its commitment."""

    kind: str
    commitment: Commitment
    says: Callable[[View, Progress, Block], Iterator["Note"]]


class Note(NamedTuple):
    """A notification: its ``result``, and a ``key`` that is the same for all who get it."""

    key: str
    result: Any


def notes_of(subscription: Subscription, view: View, progress: Progress) -> Iterator[Note]:
    """Return what *progress* has to say to a subscriber, in order."""
    for slot in progress.of(subscription.commitment):
        yield from subscription.says(view, progress, view.chain.block(slot))


def subscribed(method: str, params: list[Any], traits: Traits) -> Subscription:
    """Return the subscription that a request asks for.

    Raises:
        RpcError: this node does not know the method, or the parameters make no sense.
    """
    found = KINDS.get(method)
    off = {"blockSubscribe": not traits.blocks, "transactionSubscribe": not traits.transactions}
    if found is None or off.get(method):
        raise method_not_found()
    return found(params, traits)


def _slot(_: list[Any], __: Traits) -> Subscription:
    def says(view: View, progress: Progress, block: Block) -> Iterator[Note]:
        body = {"slot": block.slot, "parent": block.parent, "root": progress.heads.finalized}
        yield Note(f"slot/{block.slot}", body)

    return Subscription("slot", "processed", says)


def _slots_updates(_: list[Any], __: Traits) -> Subscription:
    def says(view: View, progress: Progress, block: Block) -> Iterator[Note]:
        yield from _updates(block, progress)

    return Subscription("slotsUpdates", "processed", says)


def _updates(block: Block, progress: Progress) -> Iterator[Note]:
    slot, at = block.slot, {"timestamp": block.time * 1_000}
    failed = sum(each.failed for each in block.transactions)
    stats = {
        "numTransactionEntries": len(block.transactions),
        "numSuccessfulTransactions": len(block.transactions) - failed,
        "numFailedTransactions": failed,
        "maxTransactionsPerEntry": 1,
    }
    updates: list[Json] = [
        {"type": "firstShredReceived", "slot": slot, **at},
        {"type": "completed", "slot": slot, **at},
        {"type": "createdBank", "slot": slot, "parent": block.parent, **at},
        {"type": "frozen", "slot": slot, **at, "stats": stats},
    ]
    updates += [{"type": "optimisticConfirmation", "slot": one, **at} for one in progress.confirmed]
    updates += [{"type": "root", "slot": one, **at} for one in progress.finalized]
    return (Note(f"update/{each['type']}/{each['slot']}", each) for each in updates)


def _root(_: list[Any], __: Traits) -> Subscription:
    def says(_: View, __: Progress, block: Block) -> Iterator[Note]:
        yield Note(f"root/{block.slot}", block.slot)

    return Subscription("root", "finalized", says)


def _logs(params: list[Any], traits: Traits) -> Subscription:
    mentioned = _mentioned(needed(params, 1)[0])

    def says(_: View, __: Progress, block: Block) -> Iterator[Note]:
        for transaction in block.transactions:
            if mentioned is None or mentioned in transaction.keys:
                value = _log(transaction, traits.log_bytes)
                yield Note(f"{block.slot}/{transaction.signature}", _in_slot(block.slot, value))

    return Subscription("logs", commitment_of(config_at(params, 1)), says)


def _mentioned(wish: Any) -> str | None:
    """Return the address that logs must mention; None for all of them."""
    if wish in {"all", "allWithVotes"} if isinstance(wish, str) else False:
        return None
    if not isinstance(wish, dict) or not isinstance(wish.get("mentions"), list):
        raise invalid_params("Invalid params: unknown variant, expected `all` or `mentions`.")
    if len(wish["mentions"]) != 1:
        raise invalid_params("Invalid Request: Only 1 address supported")
    return address(wish["mentions"][0])


def _log(transaction: Transaction, limit: int | None) -> Json:
    found = msgspec.json.decode(transaction.meta)
    logs = log_lines(found.get("logMessages"), limit) or []
    return {"signature": transaction.signature, "err": found.get("err"), "logs": logs}


def _block(params: list[Any], traits: Traits) -> Subscription:
    wish, config = needed(params, 1)[0], config_at(params, 1)
    key = "mentionsAccountOrProgram"
    if wish != "all" and not (isinstance(wish, dict) and key in wish):
        raise invalid_params(f"Invalid params: unknown variant, expected `all` or `{key}`.")
    mentioned = None if wish == "all" else address(wish[key])
    config = {**config, "rewards": bool(config.get("showRewards"))}
    want = wanted(config, log_bytes=traits.log_bytes, encoding="base64")

    def says(_: View, __: Progress, block: Block) -> Iterator[Note]:
        kept = [each for each in block.transactions if mentioned in {None, *each.keys}]
        if kept or mentioned is None:
            update = _block_update(block._replace(transactions=tuple(kept)), want)
            yield Note(f"block/{block.slot}", _in_slot(block.slot, update))

    return Subscription("block", commitment_of(config, least="confirmed"), says)


def _block_update(block: Block, want: Wanted) -> Json:
    try:
        return {"slot": block.slot, "block": block_body(block, want), "err": None}
    except RpcError:
        newest = max(each.version for each in block.transactions if each.version != "legacy")
        return {
            "slot": block.slot,
            "block": None,
            "err": {"UnsupportedTransactionVersion": newest},
        }


class _Filter(msgspec.Struct, frozen=True, rename="camel"):
    """Which transactions are wanted. Source: Helius, ``transactionSubscribe``."""

    account_include: list[str] = []
    account_exclude: list[str] = []
    account_required: list[str] = []
    vote: bool | None = None
    failed: bool | None = None
    signature: str | None = None

    def passes(self, transaction: Transaction) -> bool:
        """Tell whether a transaction is wanted."""
        keys = set(transaction.keys)
        return (
            (not self.account_include or not keys.isdisjoint(self.account_include))
            and keys.isdisjoint(self.account_exclude)
            and keys.issuperset(self.account_required)
            and self.failed in {None, transaction.failed}
            and self.signature in {None, transaction.signature}
            and not self.vote
        )


def _transaction(params: list[Any], traits: Traits) -> Subscription:
    try:
        wish = msgspec.convert(needed(params, 1)[0], _Filter)
    except msgspec.ValidationError as error:
        raise invalid_params(f"Invalid params: {error}") from None
    if max(map(len, (wish.account_include, wish.account_exclude, wish.account_required))) > (
        MOST_ACCOUNTS
    ):
        raise invalid_params(f"Invalid params: more than {MOST_ACCOUNTS} addresses")
    config = config_at(params, 1)
    want = wanted(config, log_bytes=traits.log_bytes, encoding="base64")

    def says(_: View, __: Progress, block: Block) -> Iterator[Note]:
        for index, transaction in enumerate(block.transactions):
            if wish.passes(transaction) and _fits(transaction, want):
                body = _enhanced(transaction, want, block.slot, index)
                yield Note(f"{block.slot}/{transaction.signature}", body)

    return Subscription("transaction", commitment_of(config), says)


def _fits(transaction: Transaction, want: Wanted) -> bool:
    """Tell whether a subscriber may get that version; others are left out silently."""
    version = transaction.version
    return isinstance(version, str) or version <= (
        -1 if want.max_version is None else want.max_version
    )


def _enhanced(transaction: Transaction, want: Wanted, slot: int, index: int) -> Json:
    """Return a transaction as providers send it: with slot and place, without the block's time."""
    place = {"signature": transaction.signature, "slot": slot, "transactionIndex": index}
    if want.details in {"signatures", "none"}:
        return place
    return {"transaction": entry(transaction, want), **place}


def _in_slot(slot: int, value: Any) -> Json:
    return {"context": {"slot": slot}, "value": value}


KINDS: dict[str, Callable[[list[Any], Traits], Subscription]] = {
    "blockSubscribe": _block,
    "logsSubscribe": _logs,
    "rootSubscribe": _root,
    "slotSubscribe": _slot,
    "slotsUpdatesSubscribe": _slots_updates,
    "transactionSubscribe": _transaction,
}
UNSUBSCRIBE = {name.replace("Subscribe", "Unsubscribe"): name for name in KINDS}
