"""A transaction as decoders see it, whatever shape it came in."""

from collections.abc import Sequence

import msgspec
from solders.pubkey import Pubkey

from domain.decode.base58 import base58_bytes
from domain.decode.shapes import BalanceShape, ChangeShape
from domain.errors import UnreadableError
from schemas.fields import U64, Address, BaseUnits, ChainTime, Signature, Slot

NO_LOGS = msgspec.Raw(b"null")
_lines = msgspec.json.Decoder(tuple[str, ...] | None)


class Instruction(msgspec.Struct, frozen=True, gc=False):
    """One instruction, its accounts and data as they came: most are never looked at.

    ``inner`` is ``schemas.place.OUTER`` for an instruction of the transaction itself.
    """

    outer: int
    inner: int
    program: Address
    raw_accounts: Sequence[int | str]
    raw_data: bytes | str | None

    @property
    def data(self) -> bytes:
        """The instruction's data.

        Raises:
            UnreadableError: it is missing or not base58.
        """
        if isinstance(self.raw_data, bytes):
            return self.raw_data
        if self.raw_data is None:
            raise UnreadableError(f"instruction {self.outer}.{self.inner} came without data")
        return base58_bytes(self.raw_data)


TokenBalance = BalanceShape | ChangeShape
"""The balance of a token account, or in a webhook its change (signed).

``account`` is an index or an address and ``raw_amount`` text, as it came: most are never looked at.
"""


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction: instructions of our programs in execution order, token balances around it.

    ``keys``: static accounts, then loaded writable, then loaded readonly. ``before`` and ``after``
    are None where only ``changes`` are known (webhooks). ``index`` is the transaction's index in
    its block; it, ``slot`` and ``time`` are None where the input does not say. ``has_inner``: some
    instruction, of whatever program, was made by another. ``moved``: what token programs were told,
    where one of ours does not say itself what it moved. ``raw_logs`` is JSON as it came: few
    programs say anything there that they do not say elsewhere.
    """

    signature: Signature
    slot: Slot | None
    time: ChainTime | None
    index: int | None
    failed: bool
    signers: tuple[Address, ...]
    keys: tuple[Address, ...]
    instructions: Sequence[Instruction]
    has_inner: bool
    moved: Sequence[Instruction] = ()
    before: Sequence[TokenBalance] | None = None
    after: Sequence[TokenBalance] | None = None
    changes: Sequence[TokenBalance] = ()
    raw_logs: msgspec.Raw = NO_LOGS

    @property
    def logs(self) -> tuple[str, ...]:
        """The lines of the log; none where the input has none, or something else there."""
        try:
            return _lines.decode(self.raw_logs) or ()
        except (msgspec.DecodeError, UnicodeDecodeError):
            return ()

    def named(self, account: int | str) -> Address:
        """Return the address of an account, which is given by index or by address.

        Raises:
            UnreadableError: there is none with that index, or it is no address.
        """
        return at(self.keys, account) if isinstance(account, int) else address(account)


def at(keys: Sequence[Address], index: int) -> Address:
    """Return the account with *index*.

    Raises:
        UnreadableError: there is none.
    """
    if index >= len(keys):
        raise UnreadableError(f"account {index} is named but there are {len(keys)}")
    return keys[index]


def amount_of(balance: TokenBalance) -> BaseUnits:
    """Return what an account holds, or its change, in smallest units.

    Raises:
        UnreadableError: it is no whole number of up to 64 bits.
    """
    text = balance.raw_amount
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 20 and int(digits) <= U64:
        return int(text)
    raise UnreadableError(f"{text[:50]!r} is no amount")


def address(text: str) -> Address:
    """Return *text* if it is an address.

    Raises:
        UnreadableError: it is not 32 bytes in base58.
    """
    try:
        Pubkey.from_string(text)
    except ValueError as error:
        raise UnreadableError(f"{text[:50]!r} is no address") from error
    return text
