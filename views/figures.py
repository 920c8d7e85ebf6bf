"""What is counted of many tokens: a creator's launches, and the market."""

from schemas.base import Record
from schemas.fields import Address, Amount, Mint, Timestamp


class CreatorFigures(Record, frozen=True, kw_only=True, rename="camel"):
    """A creator's launches and what became of them; ``completed`` counts the migrated ones too."""

    address: Address
    launches: int
    completed: int
    migrated: int
    first_launch_at: Timestamp | None
    last_launch_at: Timestamp | None


class MarketFigures(Record, frozen=True, kw_only=True, rename="camel"):
    """The market in one window, of one launchpad and quote; null where these are unknown.

    ``volume`` is in whole quote tokens, null where their decimals are unknown.
    """

    launchpad: str | None
    quote_mint: Mint | None
    window: str
    launches: int
    graduations: int
    trades: int
    buys: int
    sells: int
    volume: Amount | None
