"""Moonshot: curves whose events are only in the log, and state no reserves."""

from collections.abc import Iterator
from struct import Struct

from domain.decode.balances import decimals_of
from domain.decode.launchpads import launchpad_of
from domain.decode.layout import address_of, fields, text_at, u64_at, units
from domain.decode.logged import calls_with_logs
from domain.decode.program import Call, Event, Found, Names, Reading, named, read_calls
from domain.decode.program_ids import MOONSHOT as PROGRAM
from domain.decode.pump_layout import WSOL
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Complete, Launch, Other, Trade
from schemas.fields import Address

PROTOCOL = "moonshot"
INSTRUCTIONS = named("global", "token_mint buy sell migrate_funds config_init config_update")
EVENTS = named("event", "TradeEvent MigrationEvent")
"""Source: the decoder of sevenlabs-hq/carbon; no IDL is published beside it."""
NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
TRADES = frozenset({"buy", "sell"})

_TRADE = Struct("<QQQQ 40x 32s 32x B")
"""Base 0, quote 8, fees 16 and 24, quote token 72, kind 136.

Source: the recorded buy, of which balances and the text of the log state the same.
"""
SELL = 1
_SOL = 0
"""How a launch names its quote token, of which there are others."""


class Moonshot:
    """The decoder of Moonshot."""

    program = PROGRAM
    vault_owners: frozenset[Address] = frozenset()  # A token's vault belongs to its own curve.

    def decode(self, tx: Transaction) -> Reading:
        """Return launches, trades and completions; all else as Other.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        return read_calls(calls_with_logs(tx, NAMES), _read)


def _read(call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    name = call.name
    if name in TRADES:
        yield Found(call.outer, call.inner, _trade(call, name))
    elif name == "token_mint":
        yield Found(call.outer, call.inner, _launch(call))
    elif name == "migrate_funds":
        # Where the liquidity goes is not said: a wallet takes it, and makes the pool later.
        mint, curve = call.account(5), call.account(2)
        complete = Complete(mint, curve, PROGRAM, PROTOCOL, None, None)
        yield Found(call.outer, call.inner, complete)
    else:
        yield Found(call.outer, call.inner, Other(PROGRAM, PROTOCOL, name))


def _event(call: Call, name: str) -> Event:
    """Return the one event of a trade."""
    for event in call.events:
        if event.name == "TradeEvent":
            return event
    raise UnreadableError(f"{name} came without its event, which only a whole log has")


def _trade(call: Call, name: str) -> Trade:
    """Return the trade that an event states: the fees are beside the quote.

    Raises:
        UnreadableError: the event is not there, or contradicts itself.
    """
    event = _event(call, name)
    base, quote, dex_fee, helio_fee, cost_token, kind = fields(_TRADE, event)
    if kind != (name == "sell"):
        raise UnreadableError(f"the event of a {name} says of itself that it is of kind {kind}")
    fee, is_buy, mint = dex_fee + helio_fee, kind != SELL, call.account(6)
    quote_mint = address_of(cost_token)
    return Trade(
        mint=mint,
        pool=call.account(2),
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if is_buy else "sell",
        trader=call.account(0),
        base_amount=base,
        quote_amount=units(quote + fee if is_buy else quote - fee),
        base_change=-base if is_buy else base,
        fee=units(fee),
        fee_in_base=False,
        quote_mint=quote_mint,
        base_decimals=decimals_of(call.tx, mint),
        quote_decimals=decimals_of(call.tx, quote_mint),
        sqrt_price=None,
        quote_reserve=None,
        threshold=None,
        config=call.account(7),
    )


def _launch(call: Call) -> Launch:
    """Return the launch that the arguments of an instruction state; there is no event.

    Raises:
        UnreadableError: the arguments end before, or name a quote token that nobody knows.
    """
    data, start, texts = call.data, 8, []
    for _ in range(3):
        text, start = text_at(data, start)
        texts.append(text)
    supply = u64_at(data, start + 2)
    if supply is None:
        raise UnreadableError(f"token_mint of {len(data)} bytes ends in its numbers")
    if data[start + 1] != _SOL:
        raise UnreadableError(f"token_mint names currency {data[start + 1]}, which is not SOL")
    name, symbol, uri = texts
    payer = call.account(0)
    pad = launchpad_of(call.tx.signers, payer, protocol=PROTOCOL)
    return Launch(
        mint=call.account(3),
        pool=call.account(2),
        program=PROGRAM,
        protocol=PROTOCOL,
        launchpad=pad.name,
        config=call.account(6),
        creator=payer,
        signer=pad.signer,
        name=name,
        symbol=symbol,
        uri=uri,
        quote_mint=WSOL,
        base_decimals=data[start],
        quote_decimals=decimals_of(call.tx, WSOL),
        supply=supply,
        by_authority=pad.by_authority,
    )
