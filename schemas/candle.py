"""A candle as it is answered: any resolution, price or market cap."""

from schemas.base import Record
from schemas.fields import Amount, Price, Timestamp


class Candle(Record, frozen=True, kw_only=True, rename="camel"):
    """One interval of one token, which starts at ``time``; nothing traded: ``trades`` is 0.

    An empty interval opens and closes at the close before it. Prices are null where no trade up
    to its end has one. ``rev`` grows; ``final``: nothing in it can change any more.
    """

    time: Timestamp
    open: Price | None
    high: Price | None
    low: Price | None
    close: Price | None
    volume: Amount | None
    trades: int
    rev: int
    final: bool
