"""Token addresses in a text."""

import re

from solders.pubkey import Pubkey

from schemas.fields import Mint

_RUN = re.compile(r"(?<![0-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{32,44}(?![0-9A-Za-z])")
"""Base58 of 32 to 44 characters; with more on either side it is a signature or an EVM address."""


def mints(text: str) -> tuple[Mint, ...]:
    """Return the addresses of 32 bytes in *text* and its URLs, in order, each once."""
    return tuple(dict.fromkeys(run for run in _RUN.findall(text) if _is_address(run)))


def _is_address(run: str) -> bool:
    try:
        Pubkey.from_string(run)
    except ValueError:
        return False
    return True
