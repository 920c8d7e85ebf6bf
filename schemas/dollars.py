"""Records of ``btracker.dollars``, keyed by quote mint: what a whole quote token is worth."""

from schemas.base import Row
from schemas.fields import ChainTime, Mint


class DollarPrice(Row, frozen=True, array_like=True, gc=False, tag="dollars"):
    """One whole token of a quote *mint* is worth ``units`` / 10^``scale`` US dollars.

    It is good for chain times at most ``good_s`` from ``time``, before and after. ``source`` says
    who says so.
    """

    mint: Mint
    units: int
    scale: int
    time: ChainTime
    good_s: int
    source: str
