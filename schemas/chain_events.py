"""What a transaction did, as decoders say it: exact integers in smallest units, no raw position."""

from schemas.base import Row
from schemas.fields import (
    Address,
    BaseUnits,
    Decimals,
    Mint,
    QuoteUnits,
    Ratio,
    Side,
    SqrtPrice,
)


class Launch(Row, frozen=True, array_like=True, gc=False, tag="launch"):
    """A launchpad minted a token.

    ``signer`` is the launchpad's authority where it signed, else the payer of the instruction.
    ``supply`` is what was minted. ``name``, ``symbol`` and ``uri`` are untrusted text.
    ``config`` is empty where the program has no configurations; there the launch itself states
    ``start_price``, how much of the base is ``for_sale`` on the curve, or the quote ``threshold``.
    """

    mint: Mint
    pool: Address
    program: Address
    protocol: str
    launchpad: str
    config: Address
    creator: Address
    signer: Address
    name: str
    symbol: str
    uri: str
    quote_mint: Mint
    base_decimals: Decimals | None
    quote_decimals: Decimals | None
    supply: BaseUnits | None
    by_authority: bool
    start_price: Ratio | None = None
    for_sale: BaseUnits | None = None
    threshold: QuoteUnits | None = None


class Trade(Row, frozen=True, array_like=True, gc=False, tag="trade"):
    """Somebody bought or sold on a curve or in a pool.

    ``quote_amount`` is what the trader paid, fees included, or received, after fees.
    ``base_amount`` is what the trader got or gave. ``base_change`` is the change of the base
    reserve (signed). ``fee`` is the sum of all fees, in ``fee_in_base`` units of the base token
    else of the quote token. ``sqrt_price`` or ``price``, ``quote_reserve``, ``threshold`` and
    ``base_reserve`` (of a curve: what it can still sell) are the state after the trade, None where
    the program does not say. ``aside``: in a pool that is not where the token's curve went, which
    anybody may have made. ``in_pool``: in an ordinary pool, after the curve.
    """

    mint: Mint
    pool: Address
    program: Address
    protocol: str
    side: Side
    trader: Address
    base_amount: BaseUnits
    quote_amount: QuoteUnits
    base_change: BaseUnits
    fee: int
    fee_in_base: bool
    quote_mint: Mint
    base_decimals: Decimals | None
    quote_decimals: Decimals | None
    sqrt_price: SqrtPrice | None
    quote_reserve: QuoteUnits | None
    threshold: QuoteUnits | None
    config: Address | None
    price: Ratio | None = None
    base_reserve: BaseUnits | None = None
    aside: bool = False
    in_pool: bool = False


class Complete(Row, frozen=True, array_like=True, gc=False, tag="complete"):
    """A curve has collected its threshold and is closed."""

    mint: Mint
    pool: Address
    program: Address
    protocol: str
    base_reserve: BaseUnits | None
    quote_reserve: QuoteUnits | None


class Migrate(Row, frozen=True, array_like=True, gc=False, tag="migrate"):
    """The liquidity of a completed curve went to an ordinary pool.

    The reserves are the new pool's when it opened, None where the program does not say.
    """

    mint: Mint
    pool: Address
    program: Address
    protocol: str
    new_pool: Address
    venue: str
    base_reserve: BaseUnits | None = None
    quote_reserve: QuoteUnits | None = None


class Config(Row, frozen=True, array_like=True, gc=False, tag="config"):
    """A curve configuration was created; launches refer to it by address."""

    config: Address
    program: Address
    protocol: str
    quote_mint: Mint
    base_decimals: Decimals | None
    threshold: QuoteUnits | None
    start_sqrt_price: SqrtPrice | None


class Balance(Row, frozen=True, array_like=True, gc=False):
    """A token account after a transaction; ``amount`` 0 when it is empty or closed."""

    account: Address
    owner: Address
    amount: BaseUnits


class Balances(Row, frozen=True, array_like=True, gc=False, tag="balances"):
    """The accounts of one launched token that a transaction touched; program vaults left out."""

    mint: Mint
    accounts: tuple[Balance, ...]


class Other(Row, frozen=True, array_like=True, gc=False, tag="other"):
    """An event or instruction of a known program that changes nothing we keep, by its IDL name."""

    program: Address
    protocol: str
    name: str


ByMint = Launch | Trade | Complete | Migrate | Balances
ChainEvent = ByMint | Config | Other
