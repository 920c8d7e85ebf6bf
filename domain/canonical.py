"""The canonical hash of what a store keeps: the same for every store that keeps the same.

Each document counts as the SHA-256 of two lines: its key, and its JSON without the members
``version`` and ``rev`` of the outermost object, with the names of all objects sorted, without
blanks, in UTF-8 (nothing where it is marked deleted; bytes that are no JSON as they are). There is
no line feed after the last. The hash of a kind is the sum of these, taken as big-endian numbers,
modulo 2^256, in 64 hexadecimal digits: the order of the documents does not matter. Of no documents
it is zero.

Versions are places in topics, so those of two deployments never agree, whatever they were told.

Kinds are tokens, trades, candles, holders, lifecycle, posts, links and embeddings; keys are
those of ``views.writes``. Left out is what says how far the store itself is: progress.
"""

from hashlib import sha256
from typing import Any

import msgspec

VERSIONS = frozenset(("version", "rev"))
_MODULUS = 1 << 256


def leaf(key: str, body: bytes | None) -> int:
    """Return what a document counts as.

    >>> leaf("m", b'{"b": 1, "a": [2], "version": 7}') == leaf("m", b'{"a":[2],"b":1}')
    True
    """
    lines = b"\n".join((key.encode(), canonical(body)))
    return int.from_bytes(sha256(lines).digest(), "big")


def canonical(body: bytes | None) -> bytes:
    """Return JSON with sorted names, without blanks and versions; what is no JSON stays as it is.

    >>> canonical(b'{"b": 1.50, "a": null, "rev": 3}'), canonical(None), canonical(b"{")
    (b'{"a":null,"b":1.5}', b'', b'{')
    """
    value = _value(body)
    if value is body:
        return body or b""
    if isinstance(value, dict):
        value = {name: part for name, part in value.items() if name not in VERSIONS}
    return msgspec.json.encode(value, order="sorted")


def versions(body: bytes | None) -> dict[str, Any]:
    """Return what a canonical document lacks.

    >>> versions(b'{"a": {"rev": 1}, "rev": 3}'), versions(None)
    ({'rev': 3}, {})
    """
    value = _value(body)
    if not isinstance(value, dict):
        return {}
    return {name: part for name, part in value.items() if name in VERSIONS}


def _value(body: bytes | None) -> Any:
    """Return what JSON says, and what is none as it is."""
    try:
        return body if body is None else msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body


class CanonicalHash:
    """The hash of a kind of documents while they are added; ``count`` is how many there are."""

    def __init__(self) -> None:
        self._sum = 0
        self.count = 0

    def add(self, what: int) -> None:
        """Add what a document counts as."""
        self._sum = (self._sum + what) % _MODULUS
        self.count += 1

    def __str__(self) -> str:
        return f"{self._sum:064x}"
