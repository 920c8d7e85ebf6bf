"""One request for the accounts of some tokens, and its answer, bytes as they came."""

from collections.abc import Sequence

import msgspec
from solders.account_decoder import UiAccountEncoding
from solders.pubkey import Pubkey
from solders.rpc.config import RpcAccountInfoConfig
from solders.rpc.requests import GetMultipleAccounts

from domain.accounts.addresses import addresses_of
from domain.errors import UnreadableError
from schemas.accounts import Account, AccountsRead, Wanted
from schemas.fields import Address, Slot
from streams.sources.solana.requests import CONFIRMED

TOKENS_MAX = 24
"""Of four accounts each: a node is asked for a hundred accounts at most."""


class _Account(msgspec.Struct, frozen=True):
    owner: str
    data: tuple[str, str]


class _Context(msgspec.Struct, frozen=True):
    slot: Slot


class _Found(msgspec.Struct, frozen=True):
    context: _Context
    value: tuple[_Account | None, ...]


_found = msgspec.json.Decoder(_Found)


def addresses(wanted: Sequence[Wanted]) -> tuple[Address, ...]:
    """Return the accounts of some tokens, each once."""
    return tuple(dict.fromkeys(one for each in wanted for one in addresses_of(each).known()))


def get_accounts(wanted: Sequence[Wanted]) -> GetMultipleAccounts:
    """Ask for the accounts of some tokens, of a node that has seen their trades."""
    config = RpcAccountInfoConfig(
        encoding=UiAccountEncoding.Base64,
        commitment=CONFIRMED,
        min_context_slot=max(one.slot for one in wanted),
    )
    return GetMultipleAccounts(list(map(Pubkey.from_string, addresses(wanted))), config)


def answers(wanted: Sequence[Wanted], result: bytes) -> list[AccountsRead]:
    """Return what a node's result says of each token.

    Raises:
        UnreadableError: it is no answer to the request.
    """
    asked = addresses(wanted)
    try:
        found = _found.decode(result)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"the accounts cannot be read: {str(error)[:100]}") from error
    if len(found.value) != len(asked):
        raise UnreadableError(f"{len(found.value)} accounts instead of {len(asked)}")
    there = {
        address: None if one is None else Account(one.owner, one.data[0])
        for address, one in zip(asked, found.value, strict=True)
    }
    return [
        AccountsRead(
            one,
            found.context.slot,
            {address: there[address] for address in addresses_of(one).known()},
        )
        for one in wanted
    ]
