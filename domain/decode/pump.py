"""pump.fun: a constant product on virtual reserves, one curve per coin, in SOL or another quote."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from domain.curve import reserve_price
from domain.decode.balances import decimals_of, minted
from domain.decode.launchpads import launchpad_of
from domain.decode.layout import units
from domain.decode.logged import calls_or_logged
from domain.decode.program import Call, Event, Found, Names, Reading, read_calls, times_at
from domain.decode.program_ids import PUMP as PROGRAM
from domain.decode.pump_layout import (
    read_completed,
    read_created,
    read_migrated,
    read_trade,
)
from domain.decode.pump_names import EVENTS, INSTRUCTIONS
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Complete, Launch, Migrate, Other, Trade
from schemas.fields import Address

PROTOCOL = "pump.fun"
VENUE = "pumpswap"

STANDARD_PRICE = 30_000_000_000, 1_073_000_000_000_000
"""The virtual reserves with which every coin began while launches did not state them.

Source: docs/PUMP_PROGRAM_README.md of pump-fun/pump-public-docs; first trades of the recorded
launches 2s393PSY and 52ar89rg.
"""
STANDARD_FOR_SALE = 793_100_000_000_000
"""What such a curve could sell. Source: the same."""

_LEGACY, _V2 = 3, 10
CURVE_OF_TRADE: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(("buy", "buy_exact_sol_in", "sell"), _LEGACY)
    | dict.fromkeys(("buy_v2", "buy_exact_quote_in_v2", "sell_v2"), _V2)
)
"""Which account is the curve, per instruction that trades."""
EVENT_OF: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(CURVE_OF_TRADE, "TradeEvent")
    | dict.fromkeys(("create", "create_v2"), "CreateEvent")
    | dict.fromkeys(("migrate", "migrate_v2"), "CompletePumpAmmMigrationEvent")
)
"""The event without which an instruction cannot have run: what it did is read from there."""

NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
TIMES = times_at(TradeEvent=81, CompleteEvent=96, CompletePumpAmmMigrationEvent=120)


class PumpFun:
    """The decoder of pump.fun."""

    program = PROGRAM
    vault_owners: frozenset[Address] = frozenset()  # A coin's vault belongs to its own curve.

    def decode(self, tx: Transaction) -> Reading:
        """Return launches, trades, completions and migrations; all else as Other.

        Events come twice, as instructions and in the log, which is read where there are none.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        return read_calls(calls_or_logged(tx, NAMES), _read, times=TIMES)


def _read(call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    for event in call.events:
        yield _found(call, event)
    needed = EVENT_OF.get(call.name)
    if needed is not None and needed not in [event.name for event in call.events]:
        raise UnreadableError(f"{call.name} came without its event")
    if not call.events:
        yield _other(call)


def _found(call: Call, event: Event) -> Found:
    """Return what one event says."""
    match event.name:
        case "TradeEvent":
            return Found(event.outer, event.inner, _trade(call, event))
        case "CreateEvent":
            return Found(event.outer, event.inner, _launch(call.tx, event))
        case "CompleteEvent":
            mint, curve = read_completed(event)
            complete = Complete(mint, curve, PROGRAM, PROTOCOL, None, None)
            return Found(event.outer, event.inner, complete)
        case "CompletePumpAmmMigrationEvent":
            return Found(event.outer, event.inner, _migrate(event))
        case _:
            return _other(event)


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _trade(call: Call, event: Event) -> Trade:
    """Return the trade that an event states.

    Raises:
        UnreadableError: it came with an instruction that is not known for it, so that nobody can
            tell which of its accounts is the curve.
    """
    curve = CURVE_OF_TRADE.get(call.name)
    if curve is None:
        raise UnreadableError(f"TradeEvent came with instruction {call.name}")
    stated = read_trade(event)
    return Trade(
        mint=stated.mint,
        pool=call.account(curve),
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if stated.is_buy else "sell",
        trader=stated.user,
        base_amount=stated.base,
        quote_amount=stated.trader_quote,
        base_change=-stated.base if stated.is_buy else stated.base,
        fee=units(stated.fee),
        fee_in_base=False,
        quote_mint=stated.quote_mint,
        base_decimals=decimals_of(call.tx, stated.mint),
        quote_decimals=decimals_of(call.tx, stated.quote_mint),
        sqrt_price=None,
        quote_reserve=stated.real_quote,
        threshold=None,
        config=None,
        price=reserve_price(stated.virtual_quote, stated.virtual_base),
        base_reserve=stated.real_base,
    )


def _launch(tx: Transaction, event: Event) -> Launch:
    """Return the launch that an event states; older ones leave out how the curve begins."""
    stated = read_created(event)
    pad = launchpad_of(tx.signers, stated.user, protocol=PROTOCOL)
    is_standard = stated.real_base is None
    price = reserve_price(stated.virtual_quote, stated.virtual_base)
    return Launch(
        mint=stated.mint,
        pool=stated.curve,
        program=PROGRAM,
        protocol=PROTOCOL,
        launchpad=pad.name,
        config="",
        creator=stated.creator,
        signer=pad.signer,
        name=stated.name,
        symbol=stated.symbol,
        uri=stated.uri,
        quote_mint=stated.quote_mint,
        base_decimals=decimals_of(tx, stated.mint),
        quote_decimals=decimals_of(tx, stated.quote_mint),
        supply=minted(tx, stated.mint) if stated.supply is None else stated.supply,
        by_authority=pad.by_authority,
        start_price=STANDARD_PRICE if is_standard else price,
        for_sale=STANDARD_FOR_SALE if is_standard else stated.real_base,
    )


def _migrate(event: Event) -> Migrate:
    """Return the migration that an event states; what it states of the pool is what went there."""
    stated = read_migrated(event)
    return Migrate(
        mint=stated.mint,
        pool=stated.curve,
        program=PROGRAM,
        protocol=PROTOCOL,
        new_pool=stated.pool,
        venue=VENUE,
        # For quotes other than SOL the field may be 0, as it is in trades: then nothing is known.
        base_reserve=stated.base if stated.quote else None,
        quote_reserve=stated.quote or None,
    )
