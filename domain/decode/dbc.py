"""Meteora's Dynamic Bonding Curve: the program that Believe and others launch on."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from domain.decode.balances import decimals_of, holding
from domain.decode.dbc_config import CONFIG_EVENTS, read_config
from domain.decode.dbc_layout import Swap, read_complete, read_swap, read_swap2, read_texts
from domain.decode.dbc_names import EVENTS, INSTRUCTIONS
from domain.decode.launchpads import launchpad_of
from domain.decode.program import Call, Event, Found, Names, Reading, calls, read_calls, times_at
from domain.decode.program_ids import DBC as PROGRAM
from domain.decode.transaction import Transaction
from domain.errors import UnreadableError
from schemas.chain_events import Complete, Config, Launch, Migrate, Other, Trade
from schemas.fields import Address, BaseUnits

PROTOCOL = "meteora-dbc"
VAULT_OWNERS = frozenset({"FhVo3mqL8PW5pH5U2CN4XE33DokiyZnUwuGpH2hmHLuM"})
"""The authority of all vaults. Source: seed ``pool_authority``; all recorded launches and swaps."""

PAYER_OF_LAUNCH: Mapping[str, int] = MappingProxyType(
    {
        "initialize_virtual_pool_with_spl_token": 10,
        "initialize_virtual_pool_with_token2022": 8,
        "initialize_virtual_pool_with_token2022_transfer_hook": 9,
    }
)
"""Which account pays, per instruction that launches."""
MIGRATIONS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {"migration_damm_v2": (13, "meteora-damm-v2"), "migrate_meteora_damm": (7, "meteora-damm-v1")}
)
"""Which account is the launched mint, and where the liquidity goes, per instruction."""
SWAPS = frozenset({"swap", "swap2", "swap2_with_transfer_hook"})
CONFIGS = frozenset({"create_config", "create_config_with_transfer_hook"})

SWAP2_EVENTS = frozenset({"EvtSwap2", "EvtSwap2WithTransferHook"})
SWAP_EVENTS = SWAP2_EVENTS | {"EvtSwap"}
COMPLETE_EVENTS = frozenset({"EvtCurveComplete", "EvtCurveCompleteWithTransferHook"})
LAUNCH_EVENTS = frozenset({"EvtInitializePool", "EvtInitializePoolWithTransferHook"})
READ_EVENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    dict.fromkeys(SWAPS, SWAP_EVENTS | COMPLETE_EVENTS)
    | dict.fromkeys(PAYER_OF_LAUNCH, LAUNCH_EVENTS)
    | dict.fromkeys(CONFIGS, CONFIG_EVENTS)
)
"""The events that are read, per instruction that records them."""
KEPT_EVENTS = frozenset[str]().union(*READ_EVENTS.values())

NAMES = Names(PROGRAM, INSTRUCTIONS, EVENTS)
TIMES = times_at(EvtSwap=146, EvtSwap2=171, EvtSwap2WithTransferHook=171)


class DBC:
    """The decoder of Meteora DBC."""

    program = PROGRAM
    vault_owners = VAULT_OWNERS

    def decode(self, tx: Transaction) -> Reading:
        """Return launches, trades, completions, migrations, configurations; all else as Other.

        Raises:
            UnreadableError: *tx* contradicts itself.
        """
        found = calls(tx, NAMES)
        return read_calls(found, lambda call: _read(found, call), times=TIMES)


def _read(all_calls: Sequence[Call], call: Call) -> Iterator[Found]:
    """Yield what one instruction did."""
    name = call.name
    if name in SWAPS:
        yield from _trade(call)
    elif name in PAYER_OF_LAUNCH:
        yield _launch(all_calls, call, payer=call.account(PAYER_OF_LAUNCH[name]))
    elif name in MIGRATIONS:
        yield _migrate(call, *MIGRATIONS[name])
    elif name in CONFIGS:
        yield _config(call)
    elif not call.events:
        yield _other(call)
    yield from _other_events(call)


def _other_events(call: Call) -> Iterator[Found]:
    """Yield the events of a call that change nothing we keep.

    Raises:
        UnreadableError: an event that we keep came with an instruction that is not known for it,
            so that nobody can tell which of its accounts is the mint.
    """
    read = READ_EVENTS.get(call.name, frozenset())
    for event in call.events:
        if event.name not in KEPT_EVENTS:
            yield _other(event)
        elif event.name not in read:
            raise UnreadableError(f"{event.name} came with instruction {call.name}")


def _other(at: Call | Event) -> Found:
    return Found(at.outer, at.inner, Other(PROGRAM, PROTOCOL, at.name))


def _swap(call: Call) -> Swap:
    """Return the one swap that an instruction made; both kinds of event speak of the same."""
    for event in call.events:
        if event.name in SWAP2_EVENTS:
            return read_swap2(event)
    for event in call.events:
        if event.name in SWAP_EVENTS:
            return read_swap(event)
    raise UnreadableError(f"{call.name} came without its event")


def _trade(call: Call) -> Iterator[Found]:
    """Yield the trade that a swap is, and the completion that it may have caused."""
    swap = _swap(call)
    mint, quote_mint = call.account(7), call.account(8)
    bought = swap.included, swap.output
    quote_amount, base_amount = bought if swap.is_buy else bought[::-1]
    trade = Trade(
        mint=mint,
        pool=call.account(2),
        program=PROGRAM,
        protocol=PROTOCOL,
        side="buy" if swap.is_buy else "sell",
        trader=call.account(9),
        base_amount=base_amount,
        quote_amount=quote_amount,
        base_change=swap.base_change,
        fee=swap.fee,
        fee_in_base=swap.fee_in_base,
        quote_mint=quote_mint,
        base_decimals=decimals_of(call.tx, mint),
        quote_decimals=decimals_of(call.tx, quote_mint),
        sqrt_price=swap.sqrt_price,
        quote_reserve=swap.quote_reserve,
        threshold=swap.threshold,
        config=call.account(1),
    )
    yield Found(swap.outer, swap.inner, trade)
    for event in call.events:
        if event.name in COMPLETE_EVENTS:
            yield _complete(event, mint=mint, pool=trade.pool)


def _complete(event: Event, *, mint: Address, pool: Address) -> Found:
    base, quote = read_complete(event)
    return Found(event.outer, event.inner, Complete(mint, pool, PROGRAM, PROTOCOL, base, quote))


def _launch(all_calls: Sequence[Call], call: Call, *, payer: Address) -> Found:
    """Return the launch that an init instruction is."""
    name, symbol, uri = read_texts(call, 3)
    mint, quote_mint = call.account(3), call.account(4)
    pad = launchpad_of(call.tx.signers, payer, protocol=PROTOCOL)
    launch = Launch(
        mint=mint,
        pool=call.account(5),
        program=PROGRAM,
        protocol=PROTOCOL,
        launchpad=pad.name,
        config=call.account(0),
        creator=call.account(2),
        signer=pad.signer,
        name=name,
        symbol=symbol,
        uri=uri,
        quote_mint=quote_mint,
        base_decimals=decimals_of(call.tx, mint),
        quote_decimals=decimals_of(call.tx, quote_mint),
        supply=_minted(call.tx, all_calls, pool=call.account(5), vault=call.account(6)),
        by_authority=pad.by_authority,
    )
    at = next((event for event in call.events if event.name in LAUNCH_EVENTS), call)
    return Found(at.outer, at.inner, launch)


def _minted(
    tx: Transaction, all_calls: Sequence[Call], *, pool: Address, vault: Address
) -> BaseUnits | None:
    """Return what was minted into a new vault: its balance without the trades since the launch.

    None where the balance, or one of those trades, is not known.
    """
    held = holding(tx, vault)
    try:
        traded = sum(swap.vault_change for swap in _swaps(all_calls, pool=pool))
    except UnreadableError:
        return None
    return None if held is None else held - traded


def _swaps(all_calls: Sequence[Call], *, pool: Address) -> Iterator[Swap]:
    """Yield a transaction's swaps in one pool."""
    for call in all_calls:
        if call.name in SWAPS and pool == call.account(2):
            yield _swap(call)


def _migrate(call: Call, mint_index: int, venue: str) -> Found:
    mint, pool, new_pool = call.account(mint_index), call.account(0), call.account(4)
    return Found(call.outer, call.inner, Migrate(mint, pool, PROGRAM, PROTOCOL, new_pool, venue))


def _config(call: Call) -> Found:
    """Return the configuration that an instruction created, once for all events that state it."""
    events = [event for event in call.events if event.name in CONFIG_EVENTS]
    if not events:
        raise UnreadableError(f"{call.name} came without its event")
    stated = read_config(events)
    config = Config(
        config=call.account(0),
        program=PROGRAM,
        protocol=PROTOCOL,
        quote_mint=call.account(3),
        base_decimals=stated.decimals,
        threshold=stated.threshold,
        start_sqrt_price=stated.start_sqrt_price,
    )
    return Found(events[-1].outer, events[-1].inner, config)
