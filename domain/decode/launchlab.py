"""Raydium LaunchLab: constant products, on which several platforms launch, LetsBonk among them."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from domain.decode.balances import decimals_of, holding
from domain.decode.launchlab_layout import CurveTrade, read_created, read_trade
from domain.decode.launchlab_names import EVENTS, INSTRUCTIONS
from domain.decode.launchpads import launchpad_of
from domain.decode.logged import calls_or_logged
from domain.decode.program import Call, Event, Found, Names, Reading, read_calls
from domain.decode.program_ids import LAUNCHLAB as PROGRAM
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Complete, Launch, Migrate, Other, Trade
from schemas.fields import Address, Mint, Ratio

PROTOCOL = "raydium-launchlab"
VAULT_OWNERS = frozenset(
    {
        "WLHv2UAZm6z4KyaaELi5pjdbJh6RESMva1Rnn8pJVVh",
        "GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL",
        "5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1",
    }
)
"""The authorities of its vaults, and of the pools where its curves go: Raydium's CPMM and AMM.

Source: the seeds that IDL 0.2.0 states; the recorded launch mqSGNwKK.
"""

NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
TRADES = frozenset({"buy_exact_in", "buy_exact_out", "sell_exact_in", "sell_exact_out"})
LAUNCHES = frozenset({"initialize", "initialize_v2", "initialize_with_token_2022"})


class Migration(NamedTuple):
    """Which accounts of a migration are the old and the new pool and its vaults, and its venue."""

    pool: int
    new_pool: int
    base_vault: int
    quote_vault: int
    venue: str


MIGRATIONS: Mapping[str, Migration] = MappingProxyType(
    {
        "migrate_to_amm": Migration(23, 13, 17, 18, "raydium-amm"),
        "migrate_to_cpswap": Migration(17, 5, 8, 9, "raydium-cpmm"),
    }
)
EVENT_OF: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(TRADES, "TradeEvent") | dict.fromkeys(LAUNCHES, "PoolCreateEvent")
)
"""The event without which an instruction cannot have run: what it did is read from there."""


class LaunchLab:
    """The decoder of Raydium LaunchLab."""

    program = PROGRAM
    vault_owners = VAULT_OWNERS

    def decode(self, tx: Transaction) -> Reading:
        """Return launches, trades, completions and migrations; all else as Other.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        found = calls_or_logged(tx, NAMES)
        return read_calls(found, lambda call: _read(found, call))


def _read(all_calls: Sequence[Call], call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    name = call.name
    needed, seen = EVENT_OF.get(name), False
    for event in call.events:
        if event.name == needed:
            seen = True
            yield from _trade(call, event) if name in TRADES else _launch(all_calls, call, event)
        elif event.name in EVENT_OF.values():
            raise UnreadableError(f"{event.name} came with instruction {name}")
        else:
            yield _other(event)
    if needed is not None and not seen:
        raise UnreadableError(f"{name} came without its event")
    if name in MIGRATIONS:
        yield _migrate(call, MIGRATIONS[name])
    elif not call.events:
        yield _other(call)


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _trade(call: Call, event: Event) -> Iterator[Found]:
    """Yield the trade that an event states, and the completion that it caused."""
    stated = read_trade(event)
    mint, pool = call.account(9), call.account(4)
    yield Found(event.outer, event.inner, _traded(call, stated, mint=mint, pool=pool))
    if stated.completes:
        closed = Complete(mint, pool, PROGRAM, PROTOCOL, stated.left, stated.real_quote)
        yield Found(event.outer, event.inner, closed)


def _traded(call: Call, stated: CurveTrade, *, mint: Mint, pool: Address) -> Trade:
    quote_mint = call.account(10)
    base, quote = (stated.got, stated.paid) if stated.is_buy else (stated.paid, stated.got)
    return Trade(
        mint=mint,
        pool=pool,
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if stated.is_buy else "sell",
        trader=call.account(0),
        base_amount=base,
        quote_amount=quote,
        base_change=-base if stated.is_buy else base,
        fee=stated.fee,
        fee_in_base=False,
        quote_mint=quote_mint,
        base_decimals=decimals_of(call.tx, mint),
        quote_decimals=decimals_of(call.tx, quote_mint),
        sqrt_price=None,
        quote_reserve=stated.real_quote,
        threshold=None,
        config=call.account(3),
        price=stated.price,
        base_reserve=stated.left,
    )


def _launch(all_calls: Sequence[Call], call: Call, event: Event) -> Iterator[Found]:
    """Yield the launch that an event states, on the platform whose configuration it names."""
    stated = read_created(event)
    payer, platform, quote_mint = call.account(0), call.account(3), call.account(7)
    pad = launchpad_of(call.tx.signers, payer, config=platform, protocol=PROTOCOL)
    launch = Launch(
        mint=call.account(6),
        pool=call.account(5),
        program=PROGRAM,
        protocol=PROTOCOL,
        launchpad=pad.name,
        config=platform,
        creator=call.account(1),
        signer=pad.signer,
        name=stated.name,
        symbol=stated.symbol,
        uri=stated.uri,
        quote_mint=quote_mint,
        base_decimals=stated.decimals,
        quote_decimals=decimals_of(call.tx, quote_mint),
        supply=stated.supply,
        by_authority=pad.by_authority,
        start_price=_start_price(all_calls, pool=call.account(5)),
        for_sale=stated.for_sale,
        threshold=stated.threshold,
    )
    yield Found(event.outer, event.inner, launch)


def _start_price(all_calls: Sequence[Call], *, pool: Address) -> Ratio | None:
    """Return the price of the empty curve.

    Only trades state it: one of the launch's own transaction. None where there is none, or none
    that can be read.
    """
    trades = (
        event
        for call in all_calls
        if call.name in TRADES and call.account(4) == pool
        for event in call.events
        if event.name == "TradeEvent"
    )
    try:
        first = next(trades, None)
        return None if first is None else read_trade(first).start_price
    except UnreadableError:
        return None


def _migrate(call: Call, at: Migration) -> Found:
    """Return the migration that an instruction is, with what the new pool's vaults hold."""
    base_vault, quote_vault = call.account(at.base_vault), call.account(at.quote_vault)
    migrate = Migrate(
        mint=call.account(1),
        pool=call.account(at.pool),
        program=PROGRAM,
        protocol=PROTOCOL,
        new_pool=call.account(at.new_pool),
        venue=at.venue,
        base_reserve=holding(call.tx, base_vault),
        quote_reserve=holding(call.tx, quote_vault),
    )
    return Found(call.outer, call.inner, migrate)
