"""A candle as it is answered: any resolution, price or market cap; and what it is made of."""

from schemas.base import Record, Row
from schemas.fields import Amount, Price, Timestamp


class Tick(Record, frozen=True, kw_only=True, rename="camel"):
    """The part of a trade record that candles are made of: of a busy token there are thousands."""

    id: str
    time: Timestamp
    sort_key: str
    price: Price | None
    quote_amount: Amount | None
    retracted: bool = False


class VersionedTrade(Row, frozen=True, array_like=True, gc=False):
    """A trade with the version it was put at; a later state of it has a greater one."""

    version: int
    trade: Tick


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
