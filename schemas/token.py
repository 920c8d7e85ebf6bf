"""The token as everybody sees it: records of ``btracker.tokens``, REST and WebSocket."""

from typing import Literal

from msgspec import field

from schemas.base import Record
from schemas.fields import (
    Address,
    Amount,
    Decimals,
    Mint,
    Origin,
    Price,
    Share,
    Signature,
    Slot,
    Stage,
    Timestamp,
)
from schemas.link import Candidate
from schemas.post import Author
from schemas.project import Project


class Quote(Record, frozen=True, kw_only=True, rename="camel"):
    """The currency a token is priced in; null while nothing has said which.

    ``price_usd``: dollars for one whole quote token at ``priced_at``, which all ``…Usd`` of the
    token are made with; null where no price is known that is recent enough.
    """

    mint: Mint | None
    symbol: str | None
    decimals: Decimals | None
    price_usd: Price | None = None
    priced_at: Timestamp | None = None


class SocialLinks(Record, frozen=True, kw_only=True, rename="camel"):
    """Addresses from the token's document; untrusted."""

    website: str | None = None
    x: str | None = None
    telegram: str | None = None


class CurveState(Record, frozen=True, kw_only=True, rename="camel"):
    """The bonding curve after its last trade; after the migration the pool where it went."""

    base_reserve: Amount | None
    quote_reserve: Amount | None
    threshold: Amount | None
    sqrt_price_x64: str | None = field(name="sqrtPriceX64", default=None)


class WindowFigures(Record, frozen=True, kw_only=True, rename="camel"):
    """Trading in one window that ends at ``asOf``. ``price_change`` is a ratio, 0.01 = +1 %.

    Windows go by whole buckets of chain time: 5 s in 5m, 1 min in 1h, 5 min in 6h and 24h. The
    last bucket is the one that contains ``asOf``, so at the far edge up to one bucket less than
    the name says is counted. ``volume`` is null while the quote's decimals are unknown;
    ``volume_usd`` is what it is worth at ``quote.price_usd``.
    """

    volume: Amount | None
    volume_usd: Amount | None
    buys: int
    sells: int
    trades: int
    traders: int
    price_change: float | None


class TokenPost(Record, frozen=True, kw_only=True, rename="camel"):
    """The post that asked for the token, or the posts that may have.

    ``delay_ms`` is launch time minus post time.
    """

    status: Literal["matched", "ambiguous", "pending", "none"]
    id: str | None = None
    url: str | None = None
    text: str | None = None
    author: Author | None = None
    created_at: Timestamp | None = None
    confidence: float | None = None
    evidence: tuple[str, ...] = ()
    delay_ms: int | None = None
    candidates: tuple[Candidate, ...] = ()


class Token(Record, frozen=True, kw_only=True, rename="camel"):
    """One token. Amounts and prices are exact decimals; unknown is null, never 0.

    ``windows`` has the keys of ``schemas.fields.WINDOWS`` and holds at chain time ``as_of``.
    ``version`` never goes down for a mint.
    ``holders`` and both shares go by balances after transactions of launchpads' programs; transfers
    between wallets are not seen before the account next trades.
    ``origin`` says what it rests on: ``launch``, which was seen; ``accounts`` of the chain, read
    because it was launched before we looked, so trades, holders and windows begin with the first
    trade seen and what accounts do not say is null; ``unknown``: incomplete, nothing was read yet.
    """

    mint: Mint
    name: str | None
    symbol: str | None
    uri: str | None
    image: str | None
    description: str | None
    links: SocialLinks
    launchpad: str | None
    protocol: str | None
    program: Address | None
    pool: Address | None
    config: Address | None
    creator: Address | None
    signer: Address | None
    decimals: Decimals | None
    supply: Amount | None
    quote: Quote
    stage: Stage
    progress: float | None
    curve: CurveState
    price: Price | None
    price_usd: Price | None
    market_cap: Amount | None
    market_cap_usd: Amount | None
    liquidity: Amount | None
    liquidity_usd: Amount | None
    windows: dict[str, WindowFigures]
    trades: int
    holders: int
    top10_share: Share | None
    creator_share: Share | None
    launched_at: Timestamp | None
    launch_slot: Slot | None
    launch_signature: Signature | None
    completed_at: Timestamp | None
    migrated_at: Timestamp | None
    migrated_pool: Address | None
    origin: Origin = "launch"
    post: TokenPost
    project: Project | None
    version: int
    slot: Slot
    as_of: Timestamp
