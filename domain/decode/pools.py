"""Ordinary pools: which of their mints is the launched token, and which pool is its own.

Anybody can make a pool of any two mints. The pool that a migration opens is known by its address,
which its program derives from who made it: nobody else can make one there.
"""

from functools import lru_cache
from typing import NamedTuple

from solders.pubkey import Pubkey

from domain import quotes
from domain.decode.program_ids import CPMM, DAMM_V1, DAMM_V2, PUMP, PUMP_SWAP
from schemas.fields import Address, Mint

_POOLS_REMEMBERED = 1 << 16
"""Deriving an address takes some 60 microseconds, and most trades are in few pools."""
_PUMP, _PUMP_SWAP, _DAMM_V1, _DAMM_V2, _CPMM = map(
    Pubkey.from_string, (PUMP, PUMP_SWAP, DAMM_V1, DAMM_V2, CPMM)
)
_FIRST_POOL = (0).to_bytes(2, "little")
_VAULTS = Pubkey.from_string("24Uqj9JCLxUeoC3hGfh5W3s9FM9uCHDS2SG3LYwBpyTi")
_VAULT_BASE = bytes(Pubkey.from_string("HWzXGcGHy4tcpYfaRDCyLNzXqBTv3E6BttpCH2vJxArv"))
"""The program of Meteora's vaults, and what their addresses are derived from.

Source: constants of MeteoraAg/dynamic-bonding-curve-sdk.
"""
_DAMM_V1_CONFIGS = tuple(
    bytes(Pubkey.from_string(config))
    for config in (
        "8f848CEy8eY6PhJ3VcemtBDzPPSD4Vq7aJczLZ3o8MmX",
        "HBxB8Lf14Yj8pqeJ8C4qDb5ryHL7xwpuykz31BLNYr7S",
        "7v5vBdUQHTNeqk1HnduiXcgbvCyVEZ612HLmYkQoAkik",
        "EkvP7d5yKxovj884d2DwmBQbrHUWRLGK6bympzrkXGja",
        "9EZYAJrcqNWNQzP2trzZesP7XKMHA1jEomHzbRsdX8R2",
        "8cdKo87jZU2R12KY1BUjjRPwyjgdNjLGqSGQyrDshhud",
    )
)
"""The configurations of DAMM v1 to whose pools DBC migrates, by migration fee option.

DBC takes none but those whose pools it alone may make. Source: README of
MeteoraAg/dynamic-bonding-curve-sdk; ``migrate_meteora_damm_initialize_pool.rs`` of the program.
"""
_DAMM_CONFIGS = tuple(
    bytes(Pubkey.from_string(config))
    for config in (
        "7F6dnUcRuyM2TwR8myT1dYypFXpPSxqwKNSFNkxyNESd",
        "2nHK1kju6XjphBLbNxpM5XRGFj7p9U8vvNzyZiha1z6k",
        "Hv8Lmzmnju6m7kcokVKvwqz7QPmdX9XfKjJsXz8RXcjp",
        "2c4cYd4reUYVRAB9kUUkrq55VPyy2FNQ3FDL4o12JXmq",
        "AkmQWebAwFvWk55wBoCr5D62C6VVDTzi84NJuD9H7cFD",
        "DbCRBj8McvPYHJG1ukj8RE15h2dCNUdTAESG49XpQ44u",
        "A8gMrEPJkacWkcb3DGwtJwTe16HktSEfvwtuDh2MCtck",
    )
)
"""The configurations of DAMM v2 to whose pools DBC migrates, by migration fee option.

Source: README of MeteoraAg/dynamic-bonding-curve-sdk; the recorded migration 4hhaf2y5.
"""


class Pair(NamedTuple):
    """A pool's two mints by what they are; ``swapped``: the token is the second."""

    token: Mint
    quote: Mint
    swapped: bool


def pair(first: Mint, second: Mint) -> Pair | None:
    """Return the token and the quote of a pool; None if both are quote tokens.

    Decided by the mints, not by their places: the token is the first unless that is a known quote.

    >>> pair("So11111111111111111111111111111111111111112", "Mine").token
    'Mine'
    """
    if first not in quotes.KNOWN:
        return Pair(first, second, swapped=False)
    return None if second in quotes.KNOWN else Pair(second, first, swapped=True)


@lru_cache(maxsize=_POOLS_REMEMBERED)
def pump_swap_home(token: Mint, quote: Mint) -> Address:
    """Return the PumpSwap pool where pump.fun's curve of *token* goes.

    Source: "canonical pool" in docs/FEE_PROGRAM_README.md of pump-fun/pump-public-docs; equal to
    the pool of the migration 2ffHb9AXeKNVs3KSusTHTY3GTPnUJ2WLr48pjHDZjhMYfLC9P6XWXMuDkev13X49qLp6A5
    CkDmAJciJgieQUFidV.
    """
    mint = Pubkey.from_string(token)
    creator, _ = Pubkey.find_program_address([b"pool-authority", bytes(mint)], _PUMP)
    seeds = [b"pool", _FIRST_POOL, bytes(creator), bytes(mint), bytes(Pubkey.from_string(quote))]
    pool, _ = Pubkey.find_program_address(seeds, _PUMP_SWAP)
    return str(pool)


@lru_cache(maxsize=_POOLS_REMEMBERED)
def damm_homes(token: Mint, quote: Mint) -> frozenset[Address]:
    """Return the DAMM v2 pools where DBC's curve of *token* may go, one per configuration.

    Source: seeds ``pool``, configuration, larger and smaller mint; equal to the pool of the
    migration 4hhaf2y5mTNM2vdYc82G3Se637caBDYBNyWiwBQHsJnCaBV8WCmdectj5nKanthrcF6rcHtYaK6Gc5cCv7rsj
    qXs.
    """
    mints = sorted((bytes(Pubkey.from_string(token)), bytes(Pubkey.from_string(quote))))
    found = (
        Pubkey.find_program_address([b"pool", config, mints[1], mints[0]], _DAMM_V2)[0]
        for config in _DAMM_CONFIGS
    )
    return frozenset(map(str, found))


@lru_cache(maxsize=_POOLS_REMEMBERED)
def damm_v1_homes(token: Mint, quote: Mint) -> frozenset[Address]:
    """Return the DAMM v1 pools where DBC's curve of *token* may go, one per configuration.

    Source: seeds larger and smaller mint, configuration, in MeteoraAg/damm-v1-sdk.
    """
    mints = sorted((bytes(Pubkey.from_string(token)), bytes(Pubkey.from_string(quote))))
    found = (
        Pubkey.find_program_address([mints[1], mints[0], config], _DAMM_V1)[0]
        for config in _DAMM_V1_CONFIGS
    )
    return frozenset(map(str, found))


@lru_cache(maxsize=_POOLS_REMEMBERED)
def damm_v1_vault(mint: Mint) -> Address:
    """Return the vault that holds a mint's tokens for all DAMM v1 pools.

    Source: seeds ``vault``, mint, base; equal to the vaults in the fixtures of MeteoraAg/
    damm-v1-sdk.
    """
    seeds = [b"vault", bytes(Pubkey.from_string(mint)), _VAULT_BASE]
    return str(Pubkey.find_program_address(seeds, _VAULTS)[0])


@lru_cache(maxsize=_POOLS_REMEMBERED)
def cpmm_home(config: Address, first: Mint, second: Mint) -> Address:
    """Return the CPMM pool of two mints in a configuration, if it is at its derived address.

    Source: seeds ``pool``, configuration, smaller and larger mint, in raydium-io/raydium-cp-swap.
    """
    mints = sorted((bytes(Pubkey.from_string(first)), bytes(Pubkey.from_string(second))))
    seeds = [b"pool", bytes(Pubkey.from_string(config)), *mints]
    return str(Pubkey.find_program_address(seeds, _CPMM)[0])
