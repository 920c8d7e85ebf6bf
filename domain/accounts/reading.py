"""What nodes answered about a token's accounts -> what it rests on."""

from base64 import b64decode
from binascii import Error

from msgspec.structs import replace

from domain.accounts.addresses import METADATA_PROGRAM, addresses_of
from domain.accounts.curves import read_config, read_curve
from domain.accounts.mints import (
    TOKEN,
    TOKEN_2022,
    called_by_metadata,
    called_by_mint,
    read_mint,
)
from domain.errors import UnreadableError
from schemas.accounts import Account, AccountsRead, Standing
from schemas.fields import Address


def standing_of(read: AccountsRead) -> Standing:
    """Return what the accounts of a token say; those that are not there say nothing.

    Raises:
        UnreadableError: one of them is not what it should be, or another token's.
    """
    at, there = addresses_of(read.wanted), read.accounts
    standing = Standing(read.wanted.mint, read.slot)
    standing = _of_mint(standing, there.get(at.mint))
    standing = _of_metadata(standing, there.get(at.metadata))
    curve = there.get(at.pool) if at.pool else None
    if at.pool and curve is not None:
        standing = read_curve(standing, at.pool, curve.owner, bytes_of(curve))
    config = there.get(at.config) if at.config else None
    # The trade that named the configuration might be any program's: the pool says which is its own.
    if at.config and config is not None and standing.config == at.config:
        standing = read_config(standing, at.config, config.owner, bytes_of(config))
    return standing


def bytes_of(account: Account) -> bytes:
    """Return the bytes of an account.

    Raises:
        UnreadableError: they are not base64.
    """
    try:
        return b64decode(account.data, validate=True)
    except (Error, ValueError):
        raise UnreadableError("the data of an account is no base64") from None


def _of_mint(standing: Standing, account: Account | None) -> Standing:
    if account is None:
        return standing
    _check_owner(account, (TOKEN, TOKEN_2022))
    data = bytes_of(account)
    said = read_mint(data)
    called = called_by_mint(data, standing.mint) if account.owner == TOKEN_2022 else None
    found = replace(standing, supply=said.supply, base_decimals=said.decimals)
    return replace(found, **called._asdict()) if called else found


def _of_metadata(standing: Standing, account: Account | None) -> Standing:
    """Return what a metadata account adds; what the mint itself says comes first."""
    if account is None or standing.name is not None:
        return standing
    _check_owner(account, (METADATA_PROGRAM,))
    called = called_by_metadata(bytes_of(account), standing.mint)
    return replace(standing, **called._asdict())


def _check_owner(account: Account, owners: tuple[Address, ...]) -> None:
    if account.owner not in owners:
        raise UnreadableError(f"an account of {account.owner}, which is not its program")
