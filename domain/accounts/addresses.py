"""Which accounts tell of a token; addresses derived as the programs derive them."""

from typing import NamedTuple

from solders.pubkey import Pubkey

from domain.decode.program_ids import DBC, LAUNCHLAB, PUMP, PUMP_SWAP
from schemas.accounts import Wanted
from schemas.fields import Address, Mint

METADATA_PROGRAM: Address = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s"
"""Source: documentation of Metaplex, Token Metadata."""
_PUMP, _METADATA = Pubkey.from_string(PUMP), Pubkey.from_string(METADATA_PROGRAM)


class Addresses(NamedTuple):
    """Where a token's accounts are; None: there is none of the kind, or nobody can tell where."""

    mint: Address
    metadata: Address
    pool: Address | None
    config: Address | None

    def known(self) -> tuple[Address, ...]:
        """Return those there are, each once."""
        return tuple(dict.fromkeys(address for address in self if address is not None))


def addresses_of(wanted: Wanted) -> Addresses:
    """Return the accounts that tell of a token, at most four.

    A curve of pump.fun is found by its mint, from its PumpSwap pool too. That of a DAMM v2 pool
    cannot be: its configuration is part of its address.
    """
    pool: Address | None = None
    if wanted.program in {DBC, LAUNCHLAB}:
        pool = wanted.pool
    elif wanted.program in {PUMP, PUMP_SWAP}:
        pool = curve_of(wanted.mint)
    config = wanted.config if wanted.program == DBC else None
    return Addresses(wanted.mint, metadata_of(wanted.mint), pool, config)


def curve_of(mint: Mint) -> Address:
    """Return the curve of a token of pump.fun. Source: seeds ``bonding-curve``, mint."""
    seeds = [b"bonding-curve", bytes(Pubkey.from_string(mint))]
    return str(Pubkey.find_program_address(seeds, _PUMP)[0])


def metadata_of(mint: Mint) -> Address:
    """Return a token's metadata account. Source: seeds ``metadata``, program, mint (Metaplex)."""
    seeds = [b"metadata", bytes(_METADATA), bytes(Pubkey.from_string(mint))]
    return str(Pubkey.find_program_address(seeds, _METADATA)[0])
