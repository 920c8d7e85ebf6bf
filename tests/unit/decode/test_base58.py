"""Base58 by its definition: digits of a large number, a leading 1 for each leading zero byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from domain.decode.base58 import LONGEST_TEXT, base58_bytes
from domain.errors import UnreadableError
from tests.borsh import base58_text


@given(st.binary(max_size=600))
def test_undoes_the_definition(raw: bytes) -> None:
    """What division by 58 wrote comes back, for any bytes and any number of leading zeros."""
    assert raw == base58_bytes(base58_text(raw))


@given(st.binary(min_size=32, max_size=32))
def test_agrees_with_addresses(raw: bytes) -> None:
    """Addresses as the Solana library prints them are read alike."""
    assert raw == base58_bytes(str(Pubkey.from_bytes(raw)))


@pytest.mark.parametrize(
    "text", ["0", "O", "I", "l", "a b", "é", "\ud800", "1" * LONGEST_TEXT + "1"]
)
def test_refuses(text: str) -> None:
    """Letters outside the alphabet, and more than an instruction can hold, are refused."""
    with pytest.raises(UnreadableError):
        base58_bytes(text)


def test_the_longest_instruction_fits() -> None:
    """An instruction of 10,240 bytes, the most a program can pass on, is read."""
    raw = b"\xff" * 10_240

    assert raw == base58_bytes(base58_text(raw))
