"""The keys of the fold's rows. Neither a mint nor an account has a colon in it."""

from schemas.accounts import Standing
from schemas.chain_events import Config
from schemas.dollars import DollarPrice
from schemas.fields import Address, ChainTime, Mint
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.project import ProjectFact


def start_key(mint: Mint, start: ChainTime) -> str:
    """Return the key of the row of *mint* that begins at chain time *start*."""
    return f"{mint}:{start}"


def address_key(mint: Mint, address: Address) -> str:
    """Return the key of a trader's or an account's row of *mint*."""
    return f"{mint}:{address}"


def fact_key(mint: Mint, kind: type) -> str:
    """Return the key of the row of one *kind* of fact about *mint*."""
    return f"{mint}:{_FACTS[kind]}"


def mint_of(key: str) -> Mint:
    """Return the mint of a row's key."""
    return key.partition(":")[0]


def start_of(key: str) -> ChainTime:
    """Return the chain time at which a key's row begins."""
    return int(key.rpartition(":")[2])


_FACTS: dict[type, str] = {
    Config: "config",
    Metadata: "metadata",
    Link: "link",
    ProjectFact: "project",
    DollarPrice: "dollars",
    Standing: "standing",
}
