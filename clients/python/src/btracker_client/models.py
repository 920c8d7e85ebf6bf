"""The shapes of the API. Generated from contracts/openapi.json; do not edit.

A field whose values are named may have others one day: it is any text.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Author(Struct, frozen=True, kw_only=True):
    """Who wrote a post."""

    id: str
    username: str | None = None
    name: str | None = None
    followers: int | None = None
    verified: bool | None = None


class Bars(Struct, frozen=True, kw_only=True):
    """Candles as columns, oldest first: time, open, high, low, close, volume."""

    s: str
    t: list[int] | None = None
    o: list[Any] | None = None
    h: list[Any] | None = None
    l: list[Any] | None = None
    c: list[Any] | None = None
    v: list[Any] | None = None
    next_time: int | None = field(name="nextTime", default=None)


class Batch(Struct, frozen=True, kw_only=True):
    """Tokens asked for together."""

    mints: list[str]


class Candidate(Struct, frozen=True, kw_only=True):
    """A post that might belong to a token, with its score in points."""

    id: str
    url: str
    score: float


class Candle(Struct, frozen=True, kw_only=True):
    """One interval of one token, which starts at `time`; nothing traded: `trades` is 0."""

    time: str
    open: str | None
    high: str | None
    low: str | None
    close: str | None
    volume: str | None
    trades: int
    rev: int
    final: bool


class ChainStatus(Struct, frozen=True, kw_only=True):
    """The chain in `GET /status`. `lag_ms` is the wall clock minus chain time."""

    head_slot: int = field(name="headSlot")
    chain_time: str | None = field(name="chainTime")
    complete_through_slot: int = field(name="completeThroughSlot")
    lag_ms: int | None = field(name="lagMs")


class Command(Struct, frozen=True, kw_only=True):
    """A request to launch a token, as far as a post's text shows one."""

    addressee: str
    launcher: str
    ticker: str | None
    name: str | None
    tier: str
    confidence: float


class Configuration(Struct, frozen=True, kw_only=True):
    """What this datafeed can do."""

    supports_search: bool | None = None
    supports_group_request: bool | None = None
    supports_marks: bool | None = None
    supports_timescale_marks: bool | None = None
    supports_time: bool | None = None
    exchanges: list[dict[str, str]] | None = None
    symbols_types: list[dict[str, str]] | None = None
    supported_resolutions: list[str] | None = None


class CreatorFigures(Struct, frozen=True, kw_only=True):
    """A creator's launches and what became of them; `completed` counts the migrated ones too."""

    address: str
    launches: int
    completed: int
    migrated: int
    first_launch_at: str | None = field(name="firstLaunchAt")
    last_launch_at: str | None = field(name="lastLaunchAt")


class CreatorView(Struct, frozen=True, kw_only=True):
    """A creator: what became of the launches, and the newest of them."""

    figures: CreatorFigures
    tokens: list[Token]


class CurveState(Struct, frozen=True, kw_only=True):
    """The bonding curve after its last trade; after the migration the pool where it went."""

    base_reserve: str | None = field(name="baseReserve")
    quote_reserve: str | None = field(name="quoteReserve")
    threshold: str | None
    sqrt_price_x64: str | None = field(name="sqrtPriceX64", default=None)


class DayUsage(Struct, frozen=True, kw_only=True):
    """The requests that were charged on one day, UTC, by all replicas."""

    day: str
    requests: int


class EngagementPoint(Struct, frozen=True, kw_only=True):
    """What X counted of a post at one time; null where it said nothing of it."""

    after_s: int = field(name="afterS")
    at: str
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    quotes: int | None = None
    bookmarks: int | None = None
    views: int | None = None


class Failure(Struct, frozen=True, kw_only=True):
    """Why there is no answer."""

    s: str | None = None
    errmsg: str


class Feature(Struct, frozen=True, kw_only=True):
    """Something the text claims, in the words `text`."""

    name: str
    span: list[int]
    text: str


class Found(Struct, frozen=True, kw_only=True):
    """A symbol that a search found."""

    symbol: str
    full_name: str
    description: str
    exchange: str
    ticker: str
    type: str | None = None


class GraphQLAnswer(Struct, frozen=True, kw_only=True):
    """What a query asked for, by its own names; null where nothing was done."""

    data: dict[str, Any] | None
    errors: list[GraphQLError] | None = None


class GraphQLError(Struct, frozen=True, kw_only=True):
    """An error of a query, or of a field of it. `extensions` has its `code`."""

    message: str
    extensions: dict[str, Any]
    locations: list[dict[str, int]] | None = None
    path: list[str | int] | None = None


class Health(Struct, frozen=True, kw_only=True):
    """That the process answers."""

    status: str


class HitView(Struct, frozen=True, kw_only=True):
    """Something found. `score`: 0 to 1; `highlights` maps a field to what matched in it."""

    kind: str
    id: str
    score: float
    highlights: dict[str, list[Span]]
    token: Token | None = None
    post: Post | None = None


class Holder(Struct, frozen=True, kw_only=True):
    """What one address holds of a token, over all its accounts; `share` is of the supply."""

    address: str
    amount: str | None
    share: float | None
    as_of_slot: int | None = field(name="asOfSlot", default=None)


class IssuedToken(Struct, frozen=True, kw_only=True):
    """A token, good for `expires_in` seconds."""

    token: str
    token_type: str = field(name="tokenType")
    expires_in: int = field(name="expiresIn")
    scopes: list[str]


class KeyLimits(Struct, frozen=True, kw_only=True):
    """The limits of a key; null: none. `connections` are live ones, per process."""

    per_minute: int = field(name="perMinute")
    burst: int
    per_day: int | None = field(name="perDay")
    connections: int | None


class LifecycleRecord(Struct, frozen=True, kw_only=True):
    """A record of `btracker.lifecycle`: launch, completion, migration, or its retraction."""

    id: str
    mint: str
    kind: str
    time: str
    slot: int
    signature: str
    path: str
    pool: str
    new_pool: str | None = field(name="newPool", default=None)
    launchpad: str | None = None
    protocol: str | None = None
    retracted: bool | None = None


class LinkedPost(Struct, frozen=True, kw_only=True):
    """A post beside a token: the matched one, or a candidate with its score in points."""

    id: str
    url: str
    relation: str
    confidence: float | None
    score: float | None
    post: Post | None
    engagement: list[EngagementPoint] | None = None


class MarketFigures(Struct, frozen=True, kw_only=True):
    """The market in one window, of one launchpad and quote; null where these are unknown."""

    launchpad: str | None
    quote_mint: str | None = field(name="quoteMint")
    window: str
    launches: int
    graduations: int
    trades: int
    buys: int
    sells: int
    volume: str | None


class Marks(Struct, frozen=True, kw_only=True):
    """Marks on bars, as columns."""

    id: list[str]
    time: list[int]
    color: list[str]
    text: list[str]
    label: list[str]
    label_font_color: list[str] = field(name="labelFontColor")
    min_size: list[int] = field(name="minSize")


class Operation(Struct, frozen=True, kw_only=True):
    """A query as GraphQL over HTTP sends it."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = field(name="operationName", default=None)
    extensions: dict[str, Any] | None = None


class ParameterError(Struct, frozen=True, kw_only=True):
    """What is wrong with one parameter or field of the body."""

    name: str
    detail: str


class Position(Struct, frozen=True, kw_only=True):
    """What a wallet holds of one token, over all its accounts."""

    mint: str
    name: str | None
    symbol: str | None
    amount: str | None
    share: float | None


class Post(Struct, frozen=True, kw_only=True):
    """A post with its analysis. `id` is the first of its edit history."""

    id: str
    url: str
    text: str
    author: Author
    created_at: str = field(name="createdAt")
    created_ms: int = field(name="createdMs")
    conversation_id: str | None = field(name="conversationId", default=None)
    language: str | None = None
    command: Command | None = None
    mints: list[str] | None = None
    cashtags: list[str] | None = None
    edit_ids: list[str] | None = field(name="editIds", default=None)
    reply_to: str | None = field(name="replyTo", default=None)
    engine: str | None = None
    version: str | None = None
    project: Project | None = None


class PostLink(Struct, frozen=True, kw_only=True):
    """A token beside a post."""

    mint: str
    relation: str
    status: str
    confidence: float | None
    evidence: list[str]


class PostView(Struct, frozen=True, kw_only=True):
    """A post with its analysis, the tokens it is linked to, and how it did on X."""

    post: Post
    links: list[PostLink]
    engagement: list[EngagementPoint] | None = None


class ProblemDocument(Struct, frozen=True, kw_only=True):
    """The body of every error. `code` never changes its meaning; `detail` is for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str = field(name="requestId")
    errors: list[ParameterError] | None = None


class Project(Struct, frozen=True, kw_only=True):
    """What a text says of a project."""

    category: str
    scores: dict[str, float]
    features: list[Feature] | None = None
    language: str | None = None
    sentiment: float | None = None
    spam: Spam | None = None
    engine: str
    version: str
    degraded: bool | None = None


class PublicKey(Struct, frozen=True, kw_only=True):
    """A public key as RFC 7517 has it: of an elliptic curve, or of RSA."""

    kty: str
    kid: str
    alg: str
    use: str
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    n: str | None = None
    e: str | None = None


class PublicKeySet(Struct, frozen=True, kw_only=True):
    """Public keys."""

    keys: list[PublicKey]


class Quote(Struct, frozen=True, kw_only=True):
    """The currency a token is priced in; null while nothing has said which."""

    mint: str | None
    symbol: str | None
    decimals: int | None
    price_usd: str | None = field(name="priceUsd", default=None)
    priced_at: str | None = field(name="pricedAt", default=None)


class SimilarPost(Struct, frozen=True, kw_only=True):
    """A post that is like another. `similarity`: 0 to 1, the cosine to 4 places."""

    similarity: float
    post: Post


class SimilarPosts(Struct, frozen=True, kw_only=True):
    """Posts that are like one, most alike first, ties by id."""

    engine: str | None
    version: str | None
    items: list[SimilarPost]


class SimilarToken(Struct, frozen=True, kw_only=True):
    """A token that is like another. `similarity`: 0 to 1, the cosine to 4 places."""

    similarity: float
    token: Token


class SimilarTokens(Struct, frozen=True, kw_only=True):
    """Tokens whose projects are like one's, most alike first, ties by mint."""

    engine: str | None
    version: str | None
    items: list[SimilarToken]


class SocialLinks(Struct, frozen=True, kw_only=True):
    """Addresses from the token's document; untrusted."""

    website: str | None = None
    x: str | None = None
    telegram: str | None = None


class SourceStatus(Struct, frozen=True, kw_only=True):
    """A source; done only when everything it delivered can be seen here."""

    name: str
    kind: str
    state: str
    detail: str | None


class Spam(Struct, frozen=True, kw_only=True):
    """Signals of scams: a score, which counts as spam from 0.4, and why. Never a verdict."""

    score: float | None = None
    reasons: list[str] | None = None


class Span(Struct, frozen=True, kw_only=True):
    """A part of a text that matched, in code points: from `start` up to before `end`."""

    start: int
    end: int


class StatsView(Struct, frozen=True, kw_only=True):
    """The market's figures at chain time `as_of`."""

    as_of: str | None = field(name="asOf")
    items: list[MarketFigures]


class Status(Struct, frozen=True, kw_only=True):
    """The answer of `GET /status`."""

    chain: ChainStatus
    sources: list[SourceStatus]
    counts: TotalCounts
    store: StoreStatus


class StoreStatus(Struct, frozen=True, kw_only=True):
    """The store that answers."""

    kind: str
    indexed_slot: int = field(name="indexedSlot")


class SymbolInfo(Struct, frozen=True, kw_only=True):
    """A token as a symbol: `ticker` is its mint, which names it in all requests."""

    name: str
    ticker: str
    description: str
    exchange: str
    listed_exchange: str
    pricescale: int
    type: str | None = None
    session: str | None = None
    timezone: str | None = None
    format: str | None = None
    minmov: int | None = None
    has_intraday: bool | None = None
    has_seconds: bool | None = None
    has_daily: bool | None = None
    has_weekly_and_monthly: bool | None = None
    has_empty_bars: bool | None = None
    visible_plots_set: str | None = None
    seconds_multipliers: list[str] | None = None
    intraday_multipliers: list[str] | None = None
    daily_multipliers: list[str] | None = None
    supported_resolutions: list[str] | None = None
    volume_precision: int | None = None
    data_status: str | None = None


class TimescaleMark(Struct, frozen=True, kw_only=True):
    """A mark below a chart."""

    id: str
    time: int
    color: str
    label: str
    tooltip: list[str]


class Token(Struct, frozen=True, kw_only=True):
    """One token. Amounts and prices are exact decimals; unknown is null, never 0."""

    mint: str
    name: str | None
    symbol: str | None
    uri: str | None
    image: str | None
    description: str | None
    links: SocialLinks
    launchpad: str | None
    protocol: str | None
    program: str | None
    pool: str | None
    config: str | None
    creator: str | None
    signer: str | None
    decimals: int | None
    supply: str | None
    quote: Quote
    stage: str
    progress: float | None
    curve: CurveState
    price: str | None
    price_usd: str | None = field(name="priceUsd")
    market_cap: str | None = field(name="marketCap")
    market_cap_usd: str | None = field(name="marketCapUsd")
    liquidity: str | None
    liquidity_usd: str | None = field(name="liquidityUsd")
    windows: dict[str, WindowFigures]
    trades: int
    holders: int
    top10_share: float | None = field(name="top10Share")
    creator_share: float | None = field(name="creatorShare")
    launched_at: str | None = field(name="launchedAt")
    launch_slot: int | None = field(name="launchSlot")
    launch_signature: str | None = field(name="launchSignature")
    completed_at: str | None = field(name="completedAt")
    migrated_at: str | None = field(name="migratedAt")
    migrated_pool: str | None = field(name="migratedPool")
    origin: str | None = None
    post: TokenPost
    project: Project | None
    version: int
    slot: int
    as_of: str = field(name="asOf")


class TokenPost(Struct, frozen=True, kw_only=True):
    """The post that asked for the token, or the posts that may have."""

    status: str
    id: str | None = None
    url: str | None = None
    text: str | None = None
    author: Author | None = None
    created_at: str | None = field(name="createdAt", default=None)
    confidence: float | None = None
    evidence: list[str] | None = None
    delay_ms: int | None = field(name="delayMs", default=None)
    candidates: list[Candidate] | None = None


class TokenRequest(Struct, frozen=True, kw_only=True):
    """What a token should be good for; at most what its key is."""

    scopes: list[str] | None = None
    expires_in: int | None = field(name="expiresIn", default=None)


class TotalCounts(Struct, frozen=True, kw_only=True):
    """What became of everything seen. `transactions` counts each one once, failed included."""

    transactions: int
    failed: int
    events: int
    trades: int
    tokens: int
    posts: int
    links: int
    dead_lettered: int = field(name="deadLettered")
    duplicates: int


class TradeRecord(Struct, frozen=True, kw_only=True):
    """A record of `btracker.trades`: one trade, or its retraction."""

    id: str
    mint: str
    time: str
    slot: int
    signature: str
    path: str
    sort_key: str = field(name="sortKey")
    side: str
    trader: str
    base_amount: str | None = field(name="baseAmount")
    quote_amount: str | None = field(name="quoteAmount")
    price: str | None
    fee: str | None
    fee_in_base: bool = field(name="feeInBase")
    program: str
    retracted: bool | None = None


class Usage(Struct, frozen=True, kw_only=True):
    """A key, its limits and its use. `remaining_today` is null without a quota of the day."""

    key: str
    name: str
    scopes: list[str]
    expires_at: str | None = field(name="expiresAt")
    limits: KeyLimits
    remaining_today: int | None = field(name="remainingToday")
    resets_in_s: int = field(name="resetsInS")
    days: list[DayUsage]


class WalletView(Struct, frozen=True, kw_only=True):
    """A wallet: what it holds, by mint, and its newest trades."""

    address: str
    positions: list[Position]
    trades: list[TradeRecord]


class WindowFigures(Struct, frozen=True, kw_only=True):
    """Trading in one window that ends at `asOf`. `price_change` is a ratio, 0.01 = +1 %."""

    volume: str | None
    volume_usd: str | None = field(name="volumeUsd")
    buys: int
    sells: int
    trades: int
    traders: int
    price_change: float | None = field(name="priceChange")
