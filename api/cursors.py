"""Cursors: where a list goes on, opaque to clients and signed."""

import binascii
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from api.problem import Problem

MAC_BYTES = 16
MAX_CHARS = 1024
KEY_BYTES = 32

T = TypeVar("T")


class Cursors:
    """Signs and reads cursors with one key.

    A cursor is bound to its *scope* (route, filters and order): it is refused anywhere else.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, after: Any, *, scope: bytes) -> str:
        """Return the cursor of a list that goes on after the sort key *after*."""
        payload = msgspec.json.encode(after)
        return urlsafe_b64encode(self._mac(payload, scope) + payload).rstrip(b"=").decode()

    def read(self, cursor: str, *, scope: bytes, kind: type[T]) -> T:
        """Return the sort key in *cursor*.

        Raises:
            Problem: the cursor is not one of ours, or belongs to another list (400).
        """
        raw = _decoded(cursor)
        mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload, scope)):
            raise bad_cursor()
        return msgspec.json.decode(payload, type=kind)

    def _mac(self, payload: bytes, scope: bytes) -> bytes:
        # The length in front keeps (scope, payload) apart however they are cut.
        message = len(scope).to_bytes(4, "big") + scope + payload
        return hmac.digest(self._key, message, "sha256")[:MAC_BYTES]


def bad_cursor() -> Problem:
    """Return the problem of a cursor that cannot be used here."""
    return Problem(
        400,
        "badCursor",
        "The cursor is not one that this list gave out; start again without it.",
    )


def load_key(data: Path) -> bytes:
    """Return the signing key of the data folder, made at the first call."""
    path, draft = data / "cursor.key", data / f"cursor.key.{os.getpid()}"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.write_bytes(os.urandom(KEY_BYTES))
        # A link appears whole or not at all, so two processes that start together agree.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_bytes()


def _decoded(cursor: str) -> bytes:
    if len(cursor) > MAX_CHARS or not cursor.isascii():
        raise bad_cursor()
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    # The decoder skips foreign characters; only the one spelling we gave out is a cursor.
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != cursor:
        raise bad_cursor()
    return raw
