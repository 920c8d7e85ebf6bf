"""Mints and their metadata: supply, decimals, and what a token is called."""

from struct import Struct, error
from typing import NamedTuple

from domain.decode.layout import KEY, address_of, text_at
from domain.errors import UnreadableError
from schemas.fields import Address, BaseUnits, Decimals, Mint

TOKEN: Address = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105
TOKEN_2022: Address = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105
_MINT = Struct("<36xQB?")
"""Supply, decimals, whether it is initialized. Source: ``Mint`` of SPL Token."""
_EXTENSIONS, _IS_MINT = 166, 1
"""Where the extensions of a Token-2022 mint begin, behind a byte that says it is one.

Source: spl-token-2022, ``extension/mod.rs``.
"""
_TOKEN_METADATA = 19
_METADATA_V1 = 4
_METADATA_MINT = 33
"""Source: Metaplex Token Metadata, ``Metadata``: key, update authority, mint, name, symbol, uri."""


class MintSaid(NamedTuple):
    """What a mint says of itself."""

    supply: BaseUnits
    decimals: Decimals


class Called(NamedTuple):
    """What a token is called; untrusted text."""

    name: str
    symbol: str
    uri: str


def read_mint(data: bytes) -> MintSaid:
    """Return supply and decimals of a mint, of either token program.

    Raises:
        UnreadableError: it is no mint.
    """
    try:
        supply, decimals, is_initialized = _MINT.unpack_from(data)
    except error:
        raise UnreadableError(f"a mint of {len(data)} bytes") from None
    if not is_initialized or (len(data) >= _EXTENSIONS and data[_EXTENSIONS - 1] != _IS_MINT):
        raise UnreadableError("the account is no mint")
    return MintSaid(supply, decimals)


def called_by_mint(data: bytes, mint: Mint) -> Called | None:
    """Return what a Token-2022 mint says a token is called, None where it says nothing.

    Raises:
        UnreadableError: it speaks of another token, or ends in the middle.
    """
    at = _EXTENSIONS
    while at + 4 <= len(data):
        kind, size = (int.from_bytes(data[n : n + 2], "little") for n in (at, at + 2))
        if kind == _TOKEN_METADATA:
            return _called(data[at + 4 : at + 4 + size], mint, at=KEY)
        at += 4 + size
    return None


def called_by_metadata(data: bytes, mint: Mint) -> Called:
    """Return what a metadata account says a token is called.

    Raises:
        UnreadableError: it is none, speaks of another token, or ends in the middle.
    """
    if not data or data[0] != _METADATA_V1:
        raise UnreadableError("the account holds no metadata")
    return _called(data, mint, at=_METADATA_MINT)


def _called(body: bytes, mint: Mint, *, at: int) -> Called:
    if len(body) < at + KEY or address_of(body[at : at + KEY]) != mint:
        raise UnreadableError("the metadata is another token's")
    at += KEY
    texts = []
    for _ in Called._fields:
        text, at = text_at(body, at)
        texts.append(text.rstrip("\0"))  # Metaplex fills its texts up.
    return Called(*texts)
