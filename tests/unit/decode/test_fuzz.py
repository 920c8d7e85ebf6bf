"""Whatever comes, decoding ends in a value or in the one refusal; nothing else escapes."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from solders.pubkey import Pubkey

from domain.decode import Decoded, decode
from domain.decode.printing import event_lines
from domain.errors import UnreadableError
from schemas.chain_events import ChainEvent
from schemas.fields import U64
from tests.shared import SHARED, market_lines
from tests.unit.decode.test_shapes import as_json, as_parsed

SAMPLE = [0, 3, 100, 2000, 4321]
JUNK: list[Any] = [
    None, True, -1, 0, 255, 2**63, 2**64, 1e308, "", "1", "x" * 60, "1" * 64, [], {}, [[]],
    [None], {"a": 1}, "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN", "\x00", "-5", "\u0661",
]  # fmt: skip


def slim(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what nobody reads, so that changes hit what is read."""
    meta = {k: v for k, v in answer.get("meta", {}).items() if k not in {"logMessages", "rewards"}}
    return answer | {"meta": meta} if meta else answer


def seeds() -> list[dict[str, Any]]:
    """Return transactions of all shapes: the market's in three encodings, and recorded ones."""
    market = [slim(json.loads(market_lines()[number])) for number in SAMPLE]
    files = sorted((SHARED / "recorded").glob("*/*.json")) if SHARED.exists() else []
    whole = [file for file in files if file.parent.name not in {"believe_metadata", "moonshot"}]
    others = [slim(json.loads(file.read_bytes())) for file in whole]
    return [*market, *map(as_json, market), *map(as_parsed, market), *others]


def truncated(rng: random.Random, raw: bytes) -> bytes:
    """Return the beginning."""
    return raw[: rng.randrange(len(raw) + 1)]


def flipped(rng: random.Random, raw: bytes) -> bytes:
    """Return a copy with one to five bits turned over."""
    copy = bytearray(raw)
    for _ in range(rng.randint(1, 5)):
        copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
    return bytes(copy)


def spliced(rng: random.Random, raw: bytes) -> bytes:
    """Return a copy with a piece left out or doubled."""
    start, end = sorted(rng.randrange(len(raw)) for _ in range(2))
    return raw[:end] + raw[start:] if rng.random() < 0.5 else raw[:start] + raw[end:]


def retyped(rng: random.Random, raw: bytes) -> bytes:
    """Return a copy with one to three values replaced by junk, anywhere in the tree."""
    tree = msgspec.json.decode(raw)
    for _ in range(rng.randint(1, 3)):
        node = tree
        while isinstance(node, dict | list) and node:
            key = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
            child = node[key]
            if not isinstance(child, dict | list) or not child or rng.random() < 0.15:
                node[key] = deepcopy(rng.choice(JUNK))
                break
            node = child
    return msgspec.json.encode(tree)


def respelled(rng: random.Random, raw: bytes) -> bytes:
    """Return a copy with digits and letters exchanged, which stays JSON most of the time."""
    copy = bytearray(raw)
    for _ in range(rng.randint(1, 20)):
        place = rng.randrange(len(copy))
        if chr(copy[place]).isalnum():
            copy[place] = rng.choice(b"0123456789abcXYZ")
    return bytes(copy)


def random_bytes(rng: random.Random, raw: bytes) -> bytes:
    """Return anything at all."""
    return rng.randbytes(rng.randrange(200))


CHANGES: list[Callable[[random.Random, bytes], bytes]] = [
    truncated, flipped, spliced, retyped, retyped, respelled, random_bytes,
]  # fmt: skip


def check(decoded: Decoded) -> None:
    """Assert what holds for every value: it can be stored and printed, and its ranges."""
    msgspec.json.encode(event_lines(decoded))
    for _, _, event in decoded.events:
        assert event == msgspec.json.decode(msgspec.json.encode(event), type=ChainEvent)
        for name in ("mint", "pool", "trader", "config", "creator", "signer", "new_pool"):
            if address := getattr(event, name, None):  # Some programs have no configurations.
                Pubkey.from_string(address)
        for name in ("base_amount", "quote_amount", "quote_reserve", "threshold"):
            assert 0 <= (getattr(event, name, 0) or 0) <= U64
    if decoded.failed:
        assert () == decoded.events


def attack(count: int, seed: int) -> tuple[int, int]:
    """Decode *count* changed inputs; return how many were read and how many refused."""
    rng, read, originals = random.Random(seed), 0, [msgspec.json.encode(each) for each in seeds()]
    for _ in range(count):
        raw = rng.choice(CHANGES)(rng, rng.choice(originals))
        try:
            decoded = decode(raw)
        except UnreadableError:
            continue
        read += 1
        check(decoded)
    return read, count - read


def test_a_hundred_thousand_changed_inputs() -> None:
    """Truncated, bit-flipped, spliced, retyped, respelled, random: a value or the refusal."""
    read, refused = attack(100_000, seed=1)

    assert read > 10_000
    assert refused > 10_000


def test_a_huge_input() -> None:
    """Fifty megabytes that are one long text are refused at once."""
    with pytest.raises(UnreadableError):
        decode(b'{"transaction":["' + b"A" * 50_000_000 + b'","base58"],"meta":{}}')
