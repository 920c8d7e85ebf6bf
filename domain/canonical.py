"""The canonical hash of what a store keeps: the same for every store that keeps the same.

Each document counts as the SHA-256 of three lines: its key, its version as a decimal number, and
its JSON with the names of all objects sorted, without blanks, in UTF-8 (nothing where it is marked
deleted; bytes that are no JSON as they are). There is no line feed after the last. The hash of a
kind is the sum of these, taken as big-endian numbers, modulo 2^256, in 64 hexadecimal digits: the
order of the documents does not matter. Of no documents it is zero.

Kinds are tokens, trades, candles, holders, lifecycle, posts and links; keys and versions are those
of ``views.writes``. Left out is what says how far the store itself is: progress.
"""

from hashlib import sha256
from typing import Any

import msgspec

_MODULUS = 1 << 256


def leaf(key: str, version: int, body: bytes | None) -> int:
    """Return what a document counts as.

    >>> leaf("m", 7, b'{"b": 1, "a": [2]}') == leaf("m", 7, b'{"a":[2],"b":1}')
    True
    """
    lines = b"\n".join((key.encode(), b"%d" % version, canonical(body)))
    return int.from_bytes(sha256(lines).digest(), "big")


def canonical(body: bytes | None) -> bytes:
    """Return JSON with sorted names and without blanks; what is no JSON stays as it is.

    >>> canonical(b'{"b": 1.50, "a": null}'), canonical(None), canonical(b"{")
    (b'{"a":null,"b":1.5}', b'', b'{')
    """
    if body is None:
        return b""
    try:
        value: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body
    return msgspec.json.encode(value, order="sorted")


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
