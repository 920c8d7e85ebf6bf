"""Decoded transactions as JSON lines for people and scripts; amounts are strings in base units."""

from typing import Any, assert_never

from domain import curve, quotes
from domain.amounts import timestamp
from domain.decode.decoding import Decoded
from schemas.chain_events import Balances, Complete, Config, Launch, Migrate, Other, Trade
from schemas.fields import Ratio
from schemas.place import OUTER

Line = dict[str, Any]
Printed = Launch | Trade | Complete | Migrate | Config | Other


def event_lines(decoded: Decoded) -> list[Line]:
    """Return one JSON object per event, in path order; balances are no event.

    What the chain does not say is null. A failed transaction has no lines.
    """
    return [
        _line(decoded, str(outer) if inner == OUTER else f"{outer}.{inner}", event)
        for outer, inner, event in decoded.events
        if not isinstance(event, Balances)
    ]


def _line(decoded: Decoded, path: str, event: Printed) -> Line:
    """Return what every kind has, in one order, with the kind's own fields behind it."""
    return {
        "kind": type(event).__name__.lower(),
        "protocol": event.protocol,
        "launchpad": None,
        "slot": decoded.slot,
        "signature": decoded.signature,
        "path": path,
        "time": None if decoded.time is None else timestamp(decoded.time),
        "program": event.program,
        "mint": None,
        "pool": None,
        **_details(event),
    }


def _details(event: Printed) -> Line:
    match event:
        case Launch():
            return _launch(event)
        case Trade():
            return _trade(event)
        case Complete():
            return _complete(event)
        case Migrate():
            return _migrate(event)
        case Config():
            return _config(event)
        case Other():
            return {"name": event.name}
        case _:
            assert_never(event)


def _token(event: Launch | Trade | Complete | Migrate) -> Line:
    return {"mint": event.mint, "pool": event.pool}


def _launch(event: Launch) -> Line:
    return _token(event) | {
        "launchpad": event.launchpad,
        "name": event.name,
        "symbol": event.symbol,
        "uri": event.uri,
        "creator": event.creator,
        "signer": event.signer,
        "config": event.config or None,
        "decimals": event.base_decimals,
        "supply": _text(event.supply),
        "forSale": _text(event.for_sale),
        "threshold": _text(event.threshold),
        "price": _price(event, event.start_price),
        "quoteMint": event.quote_mint,
        "quoteDecimals": event.quote_decimals,
    }


def _trade(event: Trade) -> Line:
    return _token(event) | {
        "side": event.side,
        "trader": event.trader,
        "baseAmount": _text(event.base_amount),
        "quoteAmount": _text(event.quote_amount),
        "fee": _text(event.fee),
        "feeInBase": event.fee_in_base,
        "decimals": event.base_decimals,
        "quoteMint": event.quote_mint,
        "quoteDecimals": event.quote_decimals,
        "baseReserve": _text(event.base_reserve),
        "quoteReserve": _text(event.quote_reserve),
        "threshold": _text(event.threshold),
        "sqrtPriceX64": _text(event.sqrt_price),
        "price": _price(event, curve.price_of(event.price, event.sqrt_price)),
        "aside": event.aside,
        "config": event.config,
    }


def _complete(event: Complete) -> Line:
    return _token(event) | {
        "baseReserve": _text(event.base_reserve),
        "quoteReserve": _text(event.quote_reserve),
    }


def _migrate(event: Migrate) -> Line:
    return _token(event) | {
        "newPool": event.new_pool,
        "venue": event.venue,
        "baseReserve": _text(event.base_reserve),
        "quoteReserve": _text(event.quote_reserve),
    }


def _price(event: Launch | Trade, price: Ratio | None) -> str | None:
    """Return the spot price in whole tokens; None where it or the decimals are unknown."""
    quote_decimals = event.quote_decimals
    if quote_decimals is None:
        quote_decimals = quotes.decimals_of(event.quote_mint)
    if price is None or event.base_decimals is None or quote_decimals is None:
        return None
    return curve.spot_price(price, base_decimals=event.base_decimals, quote_decimals=quote_decimals)


def _config(event: Config) -> Line:
    return {
        "config": event.config,
        "quoteMint": event.quote_mint,
        "decimals": event.base_decimals,
        "threshold": _text(event.threshold),
        "sqrtPriceX64": _text(event.start_sqrt_price),
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
