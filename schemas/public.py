"""The other public records: trades, candles, holders, lifecycle."""

from typing import Literal

from schemas.base import Record
from schemas.fields import Address, Amount, Mint, Price, Side, Signature, Slot, Timestamp


class TradeRecord(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.trades``: one trade, or its retraction.

    ``quote_amount`` is what the trader paid with fees, or received after fees. ``price`` is
    quoteAmount / baseAmount to 18 significant digits, half even; null where the decimals are
    unknown or nothing of the base moved. ``sort_key`` orders trades of a token as the chain does.
    """

    id: str
    mint: Mint
    time: Timestamp
    slot: Slot
    signature: Signature
    path: str
    sort_key: str
    side: Side
    trader: Address
    base_amount: Amount | None
    quote_amount: Amount | None
    price: Price | None
    fee: Amount | None
    fee_in_base: bool
    program: Address
    retracted: bool = False


class CandleRecord(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.candles``: one minute of one token, complete each time.

    ``time`` is the minute's start. Prices are prices of trades; null where no trade has one.
    ``rev`` grows. ``final``: the slot clock has passed the minute and nothing in it can change.
    """

    mint: Mint
    time: Timestamp
    open: Price | None
    high: Price | None
    low: Price | None
    close: Price | None
    volume: Amount | None
    trades: int
    rev: int
    final: bool


class HolderRecord(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.holders``: the balance of one token account; 0 when empty.

    It is that after the newest transaction of a launchpad's program that touched the account, in
    ``slot``; transfers between wallets are not seen before the next one does.
    """

    mint: Mint
    account: Address
    owner: Address
    amount: Amount | None
    base_units: str
    slot: Slot
    version: int


class LifecycleRecord(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.lifecycle``: launch, completion, migration, or its retraction."""

    id: str
    mint: Mint
    kind: Literal["launch", "complete", "migrate"]
    time: Timestamp
    slot: Slot
    signature: Signature
    path: str
    pool: Address
    new_pool: Address | None = None
    launchpad: str | None = None
    protocol: str | None = None
    retracted: bool = False
