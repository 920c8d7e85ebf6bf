"""One transaction in every encoding that a node may answer with: the same events each time."""

import base64
import json
from typing import Any

import pytest
from solders.transaction import VersionedTransaction

from domain.decode import Decoded, decode, parse_transaction
from domain.errors import UnreadableError
from tests.borsh import base58_text
from tests.shared import market_lines, needs_shared, recorded

PARSED_BY_NODES = {
    "11111111111111111111111111111111",
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
}
"""Programs whose instructions jsonParsed shows as ``parsed``, without data or accounts."""

MARKET_SAMPLE = [0, 3, 100, 2000, 4321, 6042]


def inputs() -> list[dict[str, Any]]:
    """Return base64 answers: a config, a launch, trades of the market."""
    return [json.loads(market_lines()[number]) for number in MARKET_SAMPLE]


def unpacked(answer: dict[str, Any]) -> VersionedTransaction:
    """Return the transaction inside a base64 answer."""
    return VersionedTransaction.from_bytes(base64.b64decode(answer["transaction"][0]))


def as_json(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a base64 answer in json encoding: accounts and programs by index."""
    transaction = unpacked(answer)
    message = transaction.message
    instructions = [
        {
            "programIdIndex": each.program_id_index,
            "accounts": list(each.accounts),
            "data": base58_text(each.data),
        }
        for each in message.instructions
    ]
    shape = {
        "signatures": [str(each) for each in transaction.signatures],
        "message": {
            "accountKeys": [str(key) for key in message.account_keys],
            "header": {"numRequiredSignatures": message.header.num_required_signatures},
            "instructions": instructions,
        },
    }
    return answer | {"transaction": shape}


def as_parsed(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a base64 answer in jsonParsed encoding: addresses; parsed where a node can."""
    plain = as_json(answer)
    message, meta = plain["transaction"]["message"], plain["meta"]
    loaded = meta.get("loadedAddresses") or {"writable": [], "readonly": []}
    keys = message["accountKeys"] + loaded["writable"] + loaded["readonly"]
    signing = message["header"]["numRequiredSignatures"]

    def by_address(instruction: dict[str, Any]) -> dict[str, Any]:
        program = keys[instruction["programIdIndex"]]
        if program in PARSED_BY_NODES:
            return {"programId": program, "program": "x", "parsed": {"type": "y", "info": {}}}
        accounts = [keys[index] for index in instruction["accounts"]]
        return {"programId": program, "accounts": accounts, "data": instruction["data"]}

    inner = [
        group | {"instructions": [by_address(each) for each in group["instructions"]]}
        for group in meta["innerInstructions"]
    ]
    parsed = {
        "accountKeys": [
            {"pubkey": key, "signer": n < signing, "source": "transaction", "writable": True}
            for n, key in enumerate(keys)
        ],
        "instructions": [by_address(each) for each in message["instructions"]],
    }
    return plain | {
        "transaction": plain["transaction"] | {"message": parsed},
        "meta": {key: value for key, value in meta.items() if key != "loadedAddresses"}
        | {"innerInstructions": inner},
    }


def as_base58(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a base64 answer in base58 encoding."""
    wire = base64.b64decode(answer["transaction"][0])
    return answer | {"transaction": [base58_text(wire), "base58"]}


def as_old_base58(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a base64 answer as a bare string, which is what binary encoding used to be."""
    return answer | {"transaction": as_base58(answer)["transaction"][0]}


def wrapped(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer inside the JSON-RPC object."""
    return {"jsonrpc": "2.0", "result": answer, "id": 1}


def without_version(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of a node that states no version."""
    return {key: value for key, value in answer.items() if key != "version"}


SHAPES = (as_json, as_parsed, as_base58, as_old_base58, wrapped, without_version)


def decoded(answer: dict[str, Any]) -> Decoded:
    """Return what is decoded from an answer."""
    return decode(json.dumps(answer).encode())


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same(shape: Any) -> None:
    """A configuration, a launch, buys and sells of the market do not depend on the encoding."""
    for answer in inputs():
        assert decoded(answer) == decoded(shape(answer))


@needs_shared
@pytest.mark.parametrize("name", ["dbc/swap-4RQk1sUf", "dbc/swap2-AXGXTRuQ"])
@pytest.mark.parametrize("shape", SHAPES)
def test_versions_0_and_1_in_every_shape(shape: Any, name: str) -> None:
    """Accounts from lookup tables stand in the message in jsonParsed and beside it elsewhere."""
    answer = json.loads(recorded(name))

    assert decoded(answer) == decoded(shape(answer))


def test_an_entry_of_a_block_has_no_slot() -> None:
    """Slot and time are unknown then; a trade states its own time."""
    answer = inputs()[2]
    entry = {key: answer[key] for key in ("transaction", "meta", "version")}

    assert decoded(answer).events == decoded(entry).events
    assert (decoded(entry).slot, decoded(entry).time) == (None, answer["blockTime"])


@pytest.mark.parametrize("name", ["transactionIndex", "indexWithinBlock"])
def test_the_index_in_the_block(name: str) -> None:
    """Nodes and webhooks name it differently; without it the index is unknown."""
    assert decoded(inputs()[2]).index is None
    assert 17 == decoded(inputs()[2] | {name: 17}).index


def test_accounts_are_static_then_writable_then_readonly() -> None:
    """The order by which indexes are resolved, in json encoding too."""
    answer = as_json(inputs()[2])
    static = answer["transaction"]["message"]["accountKeys"]
    answer["meta"]["loadedAddresses"] = {"writable": static[:2], "readonly": static[2:3]}

    assert (*static, *static[:3]) == parse_transaction(json.dumps(answer).encode()).keys


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"transaction": None}, "holds no transaction"),
        ({"meta": None}, "holds no transaction with its meta"),
        ({"transaction": ["AAAA", "base64+zstd"]}, "neither base58 nor base64"),
        ({"transaction": ["AAAA"]}, "neither base58 nor base64"),
        ({"transaction": ["AA*A", "base64"]}, "not base64"),
        ({"transaction": ["AAAA", "base64"]}, "cannot be read"),
        ({"transaction": ["AAA", "base64"]}, "not base64"),
        ({"transaction": ["0OIl", "base58"]}, "not base58"),
        ({"transaction": {"signatures": []}}, "not a transaction in JSON"),
        ({"slot": -1}, "not a transaction in JSON"),
        ({"slot": 2**64}, "not a transaction in JSON"),
        ({"blockTime": 10**15}, "not a transaction in JSON"),
    ],
)
def test_what_is_no_transaction_is_refused_with_a_reason(change: Any, reason: str) -> None:
    """One sentence says why."""
    with pytest.raises(UnreadableError, match=reason):
        decoded(inputs()[2] | change)


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{}", b'"text"', b'{"result":null}', b'{"error":{"code":-32015}}',
     b"{" * 100_000, b'{"x":' * 100_000, b"\xff\xfe", b'{"slot":1e400}', b'{"result":' * 5_000],
)  # fmt: skip
def test_what_is_no_json_of_ours_is_refused(raw: bytes) -> None:
    """Neither depth nor encoding brings anything but the refusal."""
    with pytest.raises(UnreadableError):
        decode(raw)


def test_a_contradiction_is_refused() -> None:
    """Inner instructions of an outer one that is not there; accounts that are not there."""
    answer = as_json(inputs()[2])
    answer["meta"]["innerInstructions"][0]["index"] = 99
    with pytest.raises(UnreadableError, match="inner instructions of 99"):
        decoded(answer)

    answer = as_json(inputs()[2])
    answer["transaction"]["message"]["instructions"][0]["programIdIndex"] = 200
    with pytest.raises(UnreadableError, match="account 200 is named"):
        decoded(answer)


def test_the_signature_of_zeros_identifies_nothing() -> None:
    """Nodes send it for transactions they could not resolve."""
    answer = as_json(inputs()[2])
    answer["transaction"]["signatures"] = ["1" * 64]
    with pytest.raises(UnreadableError, match="all zeros"):
        decoded(answer)
