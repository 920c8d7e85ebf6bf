"""The parts of a token's record: who it is, what its curve says, what became of it."""

from typing import TypedDict, cast

from domain import curve, quotes
from domain.amounts import amount_text, timestamp
from domain.dollars import in_dollars, price_text, worth
from domain.fold.known import Known
from schemas.accounts import Standing
from schemas.chain_events import Launch, Migrate
from schemas.dollars import DollarPrice
from schemas.fields import (
    Address,
    Amount,
    BaseUnits,
    Decimals,
    Price,
    QuoteUnits,
    Ratio,
    Signature,
    Slot,
    Stage,
    Timestamp,
)
from schemas.rows import Milestone
from schemas.token import CurveState, Quote, SocialLinks

NO_LINKS = SocialLinks()


class Names(TypedDict):
    """What a token is called, and what its document says; untrusted text."""

    name: str | None
    symbol: str | None
    uri: str | None
    image: str | None
    description: str | None
    links: SocialLinks


class Origin(TypedDict):
    """Where a token was launched, and by whom."""

    launchpad: str | None
    protocol: str | None
    program: Address | None
    pool: Address | None
    config: Address | None
    creator: Address | None
    signer: Address | None


class Market(TypedDict):
    """What a token's curve says, or the pool it went to; in dollars where they are known."""

    decimals: Decimals | None
    supply: Amount | None
    quote: Quote
    progress: float | None
    curve: CurveState
    price: Price | None
    price_usd: Price | None
    market_cap: Amount | None
    market_cap_usd: Amount | None
    liquidity: Amount | None
    liquidity_usd: Amount | None


class History(TypedDict):
    """The milestones of a token."""

    stage: Stage
    launched_at: Timestamp | None
    launch_slot: Slot | None
    launch_signature: Signature | None
    completed_at: Timestamp | None
    migrated_at: Timestamp | None
    migrated_pool: Address | None


def names_of(known: Known) -> Names:
    """Return the names of the launch, else of accounts or document, and the document's own."""
    standing, document = known.standing, known.metadata
    is_named = standing is not None and standing.name is not None
    first = standing if is_named else known.launch or document
    return Names(
        name=None if first is None else first.name,
        symbol=None if first is None else first.symbol,
        uri=None if first is None else first.uri,
        image=None if document is None else document.image,
        description=None if document is None else document.description,
        links=NO_LINKS
        if document is None
        else SocialLinks(website=document.website, x=document.x, telegram=document.telegram),
    )


def origin_of(began: Launch | Standing | None) -> Origin:
    """Return where the token comes from; all None while nothing says so."""
    if began is None:
        return _UNKNOWN_ORIGIN
    return Origin(
        launchpad=began.launchpad,
        protocol=began.protocol,
        program=began.program,
        pool=began.pool,
        config=began.config or None,
        creator=began.creator,
        signer=began.signer if isinstance(began, Launch) else None,
    )


def market_of(known: Known, dollars: DollarPrice | None) -> Market:
    """Return what the curve says now, amounts in whole tokens."""
    base_decimals, quote_decimals = known.base_decimals, known.quote_decimals
    price, sqrt_price = known.price, known.sqrt_price
    quote_reserve, threshold = quote_reserve_of(known), threshold_of(known)
    liquidity = _amount(quote_reserve, quote_decimals)
    in_usd = in_dollars(price, dollars) if price and dollars else None
    return Market(
        decimals=base_decimals,
        supply=_amount(known.supply, base_decimals),
        quote=_quote(known, dollars),
        progress=_progress(known, quote_reserve, threshold),
        curve=CurveState(
            base_reserve=_amount(base_reserve_of(known), base_decimals),
            quote_reserve=liquidity,
            threshold=_amount(threshold, quote_decimals),
            sqrt_price_x64=None if sqrt_price is None else str(sqrt_price),
        ),
        price=_price(price, base_decimals, quote_decimals),
        price_usd=_price(in_usd, base_decimals, quote_decimals),
        market_cap=_market_cap(price, known.supply, quote_decimals),
        market_cap_usd=_market_cap(in_usd, known.supply, quote_decimals),
        liquidity=liquidity,
        liquidity_usd=_worth(quote_reserve, quote_decimals, dollars),
    )


def history_of(known: Known) -> History:
    """Return the milestones that count, the first of each kind in chain order."""
    launched, migrated = known.launched, known.migrated
    return History(
        stage=known.stage,
        launched_at=_time(launched),
        launch_slot=None if launched is None else launched.place.slot,
        launch_signature=None if launched is None else launched.place.signature,
        completed_at=_time(known.completed),
        migrated_at=_time(migrated),
        migrated_pool=None if migrated is None else cast("Migrate", migrated.event).new_pool,
    )


def base_reserve_of(known: Known) -> BaseUnits | None:
    """Return what the curve has left, or the pool: as stated, else supply and all changes since."""
    if known.opened is not None:
        return known.opened.base_reserve
    if known.spot is not None and known.spot.base_reserve is not None:
        return known.spot.base_reserve
    if known.standing is not None:
        return _read_reserve(known, known.standing)
    if known.spot is None and known.launch is not None and known.launch.for_sale is not None:
        return known.launch.for_sale
    if known.supply is None:
        return None
    return known.supply + (0 if known.curve is None else known.curve.base_change)


def quote_reserve_of(known: Known) -> QuoteUnits | None:
    """Return what the curve has collected, or the pool holds; 0 from launch to first trade."""
    if known.opened is not None:
        return known.opened.quote_reserve
    if known.spot is not None:
        return known.spot.quote_reserve
    if known.standing is not None:
        return known.standing.quote_reserve
    return 0 if known.launch is not None else None


def threshold_of(known: Known) -> QuoteUnits | None:
    """Return what the curve is to collect: as its newest trade says, its launch, its config."""
    if known.spot is not None and known.spot.threshold is not None:
        return known.spot.threshold
    if known.began is not None and known.began.threshold is not None:
        return known.began.threshold
    return None if known.config is None else known.config.threshold


def _read_reserve(known: Known, standing: Standing) -> BaseUnits | None:
    """Return what a curve had left when it was read, if nobody has traded since."""
    is_newest = known.spot is None or known.spot.place.slot <= standing.slot
    return standing.base_reserve if is_newest else None


_UNKNOWN_ORIGIN = Origin(
    launchpad=None,
    protocol=None,
    program=None,
    pool=None,
    config=None,
    creator=None,
    signer=None,
)


def _progress(
    known: Known, quote_reserve: QuoteUnits | None, threshold: QuoteUnits | None
) -> float | None:
    if known.stage != "bonding":
        return 1.0
    if threshold is not None:
        return None if quote_reserve is None else curve.progress(quote_reserve, threshold)
    for_sale = None if known.began is None else known.began.for_sale
    base_reserve = base_reserve_of(known)
    if for_sale is None or base_reserve is None:
        return None
    return curve.progress(for_sale - base_reserve, for_sale)


def _price(
    price: Ratio | None, base_decimals: Decimals | None, quote_decimals: Decimals | None
) -> Price | None:
    if price is None or base_decimals is None or quote_decimals is None:
        return None
    return curve.spot_price(price, base_decimals=base_decimals, quote_decimals=quote_decimals)


def _market_cap(
    price: Ratio | None, supply: BaseUnits | None, quote_decimals: Decimals | None
) -> Amount | None:
    if price is None or supply is None or quote_decimals is None:
        return None
    return curve.market_cap(price, supply, quote_decimals=quote_decimals)


def _quote(known: Known, dollars: DollarPrice | None) -> Quote:
    return Quote(
        mint=known.quote_mint,
        symbol=quotes.symbol_of(known.quote_mint),
        decimals=known.quote_decimals,
        price_usd=None if dollars is None else price_text(dollars),
        priced_at=None if dollars is None else timestamp(dollars.time),
    )


def _worth(
    units: QuoteUnits | None, decimals: Decimals | None, dollars: DollarPrice | None
) -> Amount | None:
    if units is None or decimals is None or dollars is None:
        return None
    return worth(units, decimals, dollars)


def _amount(units: int | None, decimals: Decimals | None) -> Amount | None:
    return None if units is None or decimals is None else amount_text(units, decimals)


def _time(milestone: Milestone | None) -> Timestamp | None:
    return None if milestone is None else timestamp(milestone.time)
