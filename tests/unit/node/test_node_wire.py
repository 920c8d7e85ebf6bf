"""Transactions of mainnet as the test node serves them: the bytes signed, the JSON recorded."""

from typing import Any

import msgspec
import pytest
from solders.message import Message
from solders.transaction import VersionedTransaction

from domain.decode import decode
from tests.node.errors import RpcError
from tests.node.loading import placed, recorded
from tests.node.shapes import TRUNCATED, Wanted, encoded, entry, log_lines
from tests.node.transactions import Transaction
from tests.shared import SHARED, market_lines, needs_shared

WHOLE = 18
"""Recorded transactions with all their bytes; the others are webhooks, or parsed."""


def mainnet() -> list[Transaction]:
    """Return the recorded transactions that can be served."""
    return [each.transaction for each in recorded(SHARED / "recorded", slot=1, time=0)]


@needs_shared
def test_bytes_are_those_signed() -> None:
    """Bytes made again from JSON carry signatures that hold: every bit of the message is right."""
    held = [
        all(VersionedTransaction.from_bytes(each.wire).verify_with_results()) for each in mainnet()
    ]

    assert [True] * WHOLE == held


@needs_shared
@pytest.mark.parametrize("name", ["buy-4U8kypMu", "buy-628Q5CDN", "sell-3bYXWjjN", "buy-JBnrBbgq"])
def test_json_is_the_recorded_one(name: str) -> None:
    """In the encoding ``json`` the answer is what a real node said, member by member."""
    body = msgspec.json.decode((SHARED / "recorded" / "pumpfun" / f"{name}.json").read_bytes())
    (found,) = (each for each in mainnet() if each.signature in body["transaction"]["signatures"])

    answer = entry(found, Wanted(max_version=0))

    assert {"meta", "transaction", "version"} == answer.keys()
    assert body["version"] == answer["version"]
    assert body["meta"] == answer["meta"]
    assert _newer(body["transaction"]) == answer["transaction"]


def _newer(transaction: dict[str, Any]) -> dict[str, Any]:
    """Return a recorded transaction as newer nodes say it: an outer instruction's height is 1."""
    for instruction in transaction["message"]["instructions"]:
        instruction["stackHeight"] = 1
    return transaction


@pytest.mark.parametrize("encoding", ["json", "jsonParsed", "base58"])
def test_encodings_say_the_same(encoding: str) -> None:
    """The product reads the same events in each encoding as in the recorded one."""
    for line in market_lines()[:40]:
        (one,) = placed([line])
        answer = entry(one.transaction, Wanted(encoding=encoding, max_version=0))
        body = msgspec.json.encode({"slot": one.slot, "blockTime": one.time, **answer})

        assert decode(line) == decode(body)


@needs_shared
def test_parsed_accounts_agree_with_the_library() -> None:
    """Who signs and what may be written to is what the Solana library says of newer versions."""
    for transaction in mainnet():
        message = VersionedTransaction.from_bytes(transaction.wire).message
        keys = encoded(transaction, Wanted(encoding="jsonParsed"))["message"]["accountKeys"]
        own = keys[: len(message.account_keys)]

        assert list(transaction.keys) == [key["pubkey"] for key in keys]
        assert [key["signer"] for key in own] == [message.is_signer(n) for n in range(len(own))]
        if not isinstance(message, Message):
            assert [key["writable"] for key in own] == [
                message.is_maybe_writable(n) for n in range(len(own))
            ]


@needs_shared
@pytest.mark.parametrize("most", [None, 0, 1])
def test_versions(most: int | None) -> None:
    """Who does not know a version is told so, and who knows none is told none."""
    for transaction in mainnet():
        known = -1 if most is None else most
        if transaction.version != "legacy" and transaction.version > known:
            with pytest.raises(RpcError, match=rf"version \({transaction.version}\)") as refused:
                entry(transaction, Wanted(max_version=most))
            assert -32015 == refused.value.code
        else:
            told = entry(transaction, Wanted(max_version=most)).get("version")
            assert (None if most is None else transaction.version) == told


def test_logs_are_truncated_by_whole_lines() -> None:
    """A log keeps whole lines below the limit, then says that it was truncated."""
    lines = ["a" * 40, "b" * 40, "c" * 40]

    assert lines == log_lines(lines, None) == log_lines(lines, 121)
    assert [*lines[:2], TRUNCATED] == log_lines(lines, 120)
    assert [TRUNCATED] == log_lines(lines, 1)
