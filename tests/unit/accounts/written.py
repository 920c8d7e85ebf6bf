"""The accounts of a recorded market's tokens at its end, written by the IDL from its truth."""

import random
from functools import cache
from typing import Any

from solders.pubkey import Pubkey

from schemas.chain_events import Config
from schemas.event import About
from tests.borsh import IDL, named_idl
from tests.node.view import Account
from tests.shared import SHARED, market_truth
from tests.unit.fold.market import events

DBC = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105
METAPLEX = "metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s"
WSOL = "So11111111111111111111111111111111111111112"


def dbc() -> IDL:
    """Return the IDL of Meteora DBC."""
    return named_idl(SHARED / "idl", "dynamic_bonding_curve-0.2.1")


def key(text: str) -> bytes:
    """Return the bytes of an address."""
    return bytes(Pubkey.from_string(text))


def mint_bytes(supply: int, decimals: int) -> bytes:
    """Return a mint of SPL Token: no authorities, supply, decimals, initialized."""
    return bytes(36) + supply.to_bytes(8, "little") + bytes([decimals, 1]) + bytes(36)


def metadata_bytes(mint: str, *texts: str) -> bytes:
    """Return a metadata account of Metaplex; its texts are filled up with zeros."""
    filled = [
        text.encode().ljust(size, b"\0") for text, size in zip(texts, (32, 10, 200), strict=True)
    ]
    written = b"".join(len(one).to_bytes(4, "little") + one for one in filled)
    return b"\4" + random.Random(1).randbytes(32) + key(mint) + written + bytes(200)


def pool_bytes(mint: str, token: dict[str, Any]) -> bytes:
    """Return a token's pool as the truth says it stood at the end; all else is made up."""
    values = dbc().made_up("VirtualPool", random.Random(mint))
    values["pool_state"] |= {
        "config": key(token["config"]), "creator": key(token["creator"]), "base_mint": key(mint),
        "base_reserve": int(token["base_reserve"]), "quote_reserve": int(token["quote_reserve"]),
        "sqrt_price": int(token["sqrt_price_x64"]), "is_migrated": 0,
        "migration_progress": int(token["complete"]),
    }  # fmt: skip
    return dbc().account("VirtualPool", values)


def config_bytes(config: Config) -> bytes:
    """Return a configuration as its event stated it; all else is made up."""
    values = dbc().made_up("PoolConfig", random.Random(config.config))
    values |= {
        "quote_mint": key(config.quote_mint), "token_decimal": config.base_decimals,
        "migration_quote_threshold": config.threshold, "sqrt_start_price": config.start_sqrt_price,
    }  # fmt: skip
    return dbc().account("PoolConfig", values)


@cache
def market_accounts() -> dict[str, Account]:
    """Return mints, metadata, pools and configurations of all tokens, by address."""
    found = {
        one.fact.config: Account(DBC, config_bytes(one.fact))
        for one in events()
        if isinstance(one, About)
    }
    for mint, token in market_truth()["tokens"].items():
        seeds = [b"metadata", key(METAPLEX), key(mint)]
        metadata = str(Pubkey.find_program_address(seeds, Pubkey.from_string(METAPLEX))[0])
        texts = token["name"], token["symbol"], token["uri"]
        found |= {
            mint: Account(TOKEN, mint_bytes(int(token["supply"]), token["decimals"])),
            metadata: Account(METAPLEX, metadata_bytes(mint, *texts)),
            token["pool"]: Account(DBC, pool_bytes(mint, token)),
        }
    return found
