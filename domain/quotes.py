"""The quote tokens we know by name. Unknown ones are priced too, but have no symbol."""

from typing import NamedTuple

from schemas.fields import Decimals, Mint


class Currency(NamedTuple):
    """A quote token's symbol and decimals."""

    symbol: str
    decimals: Decimals


KNOWN: dict[Mint, Currency] = {
    "So11111111111111111111111111111111111111112": Currency("SOL", 9),
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": Currency("USDC", 6),
    "Es9vMFrzaCERmJfrF4H2FYD4KCNkY11McCe8BenwNYB": Currency("USDT", 6),
}
"""Source: wrapped SOL of the SPL token program; Circle's and Tether's own lists of mints."""


def symbol_of(mint: Mint | None) -> str | None:
    """Return the symbol of a quote token, None if it is not known."""
    known = None if mint is None else KNOWN.get(mint)
    return None if known is None else known.symbol


def decimals_of(mint: Mint | None) -> Decimals | None:
    """Return the decimals of a quote token, None if it is not known."""
    known = None if mint is None else KNOWN.get(mint)
    return None if known is None else known.decimals
