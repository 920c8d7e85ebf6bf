"""The canonical hash: what its description says, and nothing else."""

import doctest
import hashlib
import json
import random

from domain import canonical
from domain.canonical import CanonicalHash, leaf

DOCUMENTS = [
    ("m", b'{"name":"K\xc3\xaawi","price":"0.5","links":{"x":null,"a":[1,2.5,{"rev":2}]}}'),
    ("1:s:2.1", b'{ "b": 1, "a": "x\\n" }'),
    ("gone", None),
    ("broken", b'{"half'),
]


def by_hand(key: str, body: bytes | None) -> int:
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
    return int.from_bytes(hashlib.sha256(f"{key}\n{told}".encode()).digest(), "big")


def test_its_examples_hold() -> None:
    """What its docstrings show is so."""
    assert 0 == doctest.testmod(canonical).failed


def test_a_document_counts_as_described() -> None:
    """Key and sorted JSON, by SHA-256; also of what is deleted or broken."""
    assert [by_hand(*one) for one in DOCUMENTS] == [leaf(*one) for one in DOCUMENTS]


def test_the_order_does_not_matter_but_all_else_does() -> None:
    """The sum is the same in any order; another key or value makes another."""

    def hashed(documents: list) -> str:
        total = CanonicalHash()
        for one in documents:
            total.add(leaf(*one))
        return str(total)

    shuffled = random.Random(1).sample(DOCUMENTS, len(DOCUMENTS))
    expected = sum(by_hand(*one) for one in DOCUMENTS) % 2**256
    assert f"{expected:064x}" == hashed(DOCUMENTS) == hashed(shuffled)
    for changed in (("n", DOCUMENTS[0][1]), ("m", b"{}")):
        assert hashed([changed, *DOCUMENTS[1:]]) != hashed(DOCUMENTS)
    assert "0" * 64 == hashed([])


def test_versions_do_not_matter() -> None:
    """Stores that were filled from different topics agree, whatever the versions there are."""
    told = b'{"mint":"m","time":"t","trades":4}'
    versioned = (
        b'{"mint":"m","version":%d,"rev":%d,"time":"t","trades":4}' % (n, n) for n in (1, 2)
    )

    assert {by_hand("m", told)} == {leaf("m", body) for body in (told, *versioned)}
