"""The canonical hash: what its description says, and nothing else."""

import doctest
import hashlib
import json
import random

from domain import canonical
from domain.canonical import CanonicalHash, leaf

DOCUMENTS = [
    ("m", 3, b'{"name":"K\xc3\xaawi","price":"0.5","links":{"x":null,"a":[1,2.5,true]}}'),
    ("1:s:2.1", 2**62, b'{ "b": 1, "a": "x\\n" }'),
    ("gone", 7, None),
    ("broken", 1, b'{"half'),
]


def by_hand(key: str, version: int, body: bytes | None) -> int:
    """Return what a document counts as, with the standard library alone."""
    try:
        value = json.loads(body) if body is not None else None
        told = (
            ""
            if body is None
            else json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        )
    except ValueError:
        told = body.decode()
    return int.from_bytes(hashlib.sha256(f"{key}\n{version}\n{told}".encode()).digest(), "big")


def test_its_examples_hold() -> None:
    """What its docstrings show is so."""
    assert 0 == doctest.testmod(canonical).failed


def test_a_document_counts_as_described() -> None:
    """Key, version and sorted JSON, by SHA-256; also of what is deleted or broken."""
    assert [by_hand(*one) for one in DOCUMENTS] == [leaf(*one) for one in DOCUMENTS]


def test_the_order_does_not_matter_but_all_else_does() -> None:
    """The sum is the same in any order; another version, key or value makes another."""

    def hashed(documents: list) -> str:
        total = CanonicalHash()
        for one in documents:
            total.add(leaf(*one))
        return str(total)

    shuffled = random.Random(1).sample(DOCUMENTS, len(DOCUMENTS))
    expected = sum(by_hand(*one) for one in DOCUMENTS) % 2**256
    assert f"{expected:064x}" == hashed(DOCUMENTS) == hashed(shuffled)
    for changed in (("m", 4, DOCUMENTS[0][2]), ("n", *DOCUMENTS[0][1:]), ("m", 3, b"{}")):
        assert hashed([changed, *DOCUMENTS[1:]]) != hashed(DOCUMENTS)
    assert "0" * 64 == hashed([])
