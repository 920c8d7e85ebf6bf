"""Reading bytes as Anchor writes them: little-endian, by prefix, refusing what is too short."""

from struct import Struct
from typing import Any

from solders.pubkey import Pubkey

from domain.decode.program import Event
from domain.errors import UnreadableError
from schemas.fields import U64, Address

KEY = 32
"""Bytes of an address."""


def fields(layout: Struct, event: Event) -> tuple[Any, ...]:
    """Return the fields at the front of an event; what newer versions append is ignored.

    Raises:
        UnreadableError: the event is shorter.
    """
    if len(event.body) < layout.size:
        raise UnreadableError(
            f"{event.name} ({event.discriminator.hex()}) "
            f"has {len(event.body)} bytes instead of {layout.size}"
        )
    return layout.unpack_from(event.body)


def address_of(raw: bytes) -> Address:
    """Return 32 bytes as an address."""
    return str(Pubkey.from_bytes(raw))


def u64_at(body: bytes, start: int) -> int | None:
    """Return the number at *start*; None where the body, of an older version, ends before."""
    return int.from_bytes(body[start : start + 8], "little") if start + 8 <= len(body) else None


def text_at(body: bytes, start: int) -> tuple[str, int]:
    """Return the text at *start* and where it ends.

    Raises:
        UnreadableError: the body ends before, or the text is not UTF-8.
    """
    end = start + 4 + int.from_bytes(body[start : start + 4], "little")
    if start + 4 > len(body) or end > len(body):
        raise UnreadableError(f"{len(body)} bytes end in a text")
    try:
        return body[start + 4 : end].decode(), end
    except UnicodeDecodeError as error:
        raise UnreadableError("a text is not UTF-8") from error


def units(amount: int) -> int:
    """Return an amount that was computed, if it is one of 64 bits.

    Raises:
        UnreadableError: it is negative or too large, so that what it came from contradicts itself.
    """
    if not 0 <= amount <= U64:
        raise UnreadableError(f"an amount of {amount} cannot be")
    return amount
