"""Tokens launched before we looked: what is asked of nodes, and what accounts answer."""

from schemas.base import Row
from schemas.fields import (
    Address,
    BaseUnits,
    Decimals,
    Mint,
    QuoteUnits,
    Ratio,
    Slot,
)


class Wanted(Row, frozen=True, array_like=True, gc=False):
    """A token whose launch nobody has seen. Records of ``btracker.wanted``, keyed by mint.

    ``pool``, ``program`` and ``config`` are those of a trade, at or before ``slot``.
    """

    mint: Mint
    pool: Address
    program: Address
    config: Address | None
    slot: Slot


class Account(Row, frozen=True, array_like=True, gc=False):
    """An account as a node gave it: its owner, and its bytes in base64."""

    owner: Address
    data: str


class AccountsRead(Row, frozen=True, array_like=True, gc=False):
    """The accounts of a token at ``slot``. Records of ``btracker.accounts``, keyed by mint.

    None is one that is not there.
    """

    wanted: Wanted
    slot: Slot
    accounts: dict[Address, Account | None]


class Standing(Row, frozen=True, array_like=True, gc=False, tag="standing"):
    """What its accounts said of a token at ``slot``; None: they do not say.

    ``supply`` is what the mint had then. ``price`` and the reserves are those of the curve.
    ``name``, ``symbol`` and ``uri`` are untrusted text.
    """

    mint: Mint
    slot: Slot
    pool: Address | None = None
    program: Address | None = None
    protocol: str | None = None
    launchpad: str | None = None
    config: Address | None = None
    creator: Address | None = None
    name: str | None = None
    symbol: str | None = None
    uri: str | None = None
    quote_mint: Mint | None = None
    base_decimals: Decimals | None = None
    supply: BaseUnits | None = None
    start_price: Ratio | None = None
    for_sale: BaseUnits | None = None
    threshold: QuoteUnits | None = None
    price: Ratio | None = None
    base_reserve: BaseUnits | None = None
    quote_reserve: QuoteUnits | None = None
    is_complete: bool = False
    is_migrated: bool = False
