"""Accounts by the published layouts, where they are, and what the fold makes of a token by them."""

import random
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.accounts.addresses import addresses_of, curve_of, metadata_of
from domain.accounts.reading import standing_of
from domain.decode import decode
from domain.errors import UnreadableError
from schemas.accounts import Account as Read
from schemas.accounts import AccountsRead, Standing, Wanted
from schemas.chain_events import Launch, Trade
from schemas.event import About, Clock, Event, OnChain
from tests.borsh import named_idl
from tests.node.view import Account
from tests.shared import SHARED, market_truth, needs_shared, recorded
from tests.truth import whole
from tests.unit.accounts.written import (
    DBC,
    TOKEN,
    WSOL,
    dbc,
    key,
    market_accounts,
    metadata_bytes,
    mint_bytes,
)
from tests.unit.decode.scene import fresh
from tests.unit.fold.market import events
from tests.unit.fold.store import Store

pytestmark = needs_shared

PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
PUMP_SWAP = "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA"
LAUNCHLAB = "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj"
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105


def read(wanted: Wanted, there: Mapping[str, Account], *, slot: int = 500_000_000) -> AccountsRead:
    """Return what a node answers that has just these accounts."""
    answered = {
        address: Read(found.owner, b64encode(found.data).decode())
        if (found := there.get(address))
        else None
        for address in addresses_of(wanted).known()
    }
    return AccountsRead(wanted, slot, answered)


def wanted_of(mint: str, pool: str, program: str, config: str | None = None) -> Wanted:
    """Return a request for a token."""
    return Wanted(mint, pool, program, config, 1)


def event_of(name: str, kind: type) -> Any:
    """Return the first event of a kind in a recorded transaction."""
    return next(one.event for one in decode(recorded(name)).events if isinstance(one.event, kind))


@pytest.mark.parametrize(
    ("name", "program", "metadata"),
    [
        ("dbc/init_pool-3tGnaX8D", DBC, 8), ("pumpfun/create-buy-2s393PSY", PUMP, 6),
        ("pumpfun/create-buy-52ar89rg", PUMP, 6),
    ],
)  # fmt: skip
def test_accounts_are_where_launches_put_them(name: str, program: str, metadata: int) -> None:
    """Pool, curve and metadata are where real launches made them."""
    launch = event_of(name, Launch)
    found = addresses_of(wanted_of(launch.mint, launch.pool, program, launch.config or None))

    assert launch.pool == found.pool
    assert recorded(name).decode().count(found.metadata) >= 1
    assert metadata_of(launch.mint) == found.metadata


def test_a_curve_is_found_from_its_pump_swap_pool() -> None:
    """A token that has migrated to PumpSwap is asked for at pump.fun's curve."""
    launch = event_of("pumpfun/create_v2-buy-5EDHe12K", Launch)
    trade = event_of("pumpswap/buy-2F7KM7K1", Trade)
    found = addresses_of(wanted_of(trade.mint, trade.pool, trade.program))

    assert launch.pool == curve_of(launch.mint)
    assert found.pool == curve_of(trade.mint) != trade.pool


def test_dbc_as_its_idl_writes_it() -> None:
    """Pools and configurations of any content are read where the IDL puts their fields."""
    rng = random.Random(7)
    mint, pool, config = (fresh(rng) for _ in range(3))
    said = dbc().made_up("VirtualPool", rng)
    state, made = said["pool_state"], dbc().made_up("PoolConfig", rng)
    state |= {"base_mint": key(mint), "config": key(config)}
    there = {
        pool: Account(DBC, dbc().account("VirtualPool", said)),
        config: Account(DBC, dbc().account("PoolConfig", made)),
    }
    got = standing_of(read(wanted_of(mint, pool, DBC, config), there))

    assert (424, 1_048) == tuple(len(one.data) for one in there.values())
    assert (state["base_reserve"], state["quote_reserve"]) == (got.base_reserve, got.quote_reserve)
    assert (state["sqrt_price"] ** 2, 2**128) == got.price
    assert key(got.creator) == state["creator"]
    assert bool(state["is_migrated"]) == got.is_migrated
    assert (state["migration_progress"] > 0) == got.is_complete
    assert key(got.quote_mint) == made["quote_mint"]
    assert (made["migration_quote_threshold"], made["token_decimal"]) == (
        got.threshold,
        got.base_decimals,
    )
    assert (made["sqrt_start_price"] ** 2, 2**128) == got.start_price
    assert (None, pool, config) == (got.launchpad, got.pool, got.config)


def test_a_configuration_counts_only_for_its_own_pool() -> None:
    """A configuration that the pool does not name is not its own, whatever a trade said."""
    rng = random.Random(8)
    mint, pool, config = (fresh(rng) for _ in range(3))
    said = dbc().made_up("VirtualPool", rng)
    said["pool_state"]["base_mint"] = key(mint)
    there = {
        pool: Account(DBC, dbc().account("VirtualPool", said)),
        config: Account(DBC, dbc().account("PoolConfig", dbc().made_up("PoolConfig", rng))),
    }

    assert standing_of(read(wanted_of(mint, pool, DBC, config), there)).threshold is None


@pytest.mark.parametrize(
    ("virtual", "quote"), [((279_900_000_000_000, 30 * 10**9), None), ((1, 2), WSOL)]
)
def test_pump_as_its_idl_writes_it(virtual: tuple[int, int], quote: str | None) -> None:
    """A curve of pump.fun says all but how it began, which follows where it is a standard one."""
    idl, rng = named_idl(SHARED / "idl", "pump-2.0.0"), random.Random(9)
    mint = fresh(rng)
    said = idl.made_up("BondingCurve", rng) | {
        "real_token_reserves": 7 * 10**14, "real_quote_reserves": 4 * 10**9,
        "virtual_token_reserves": 7 * 10**14 + virtual[0], "complete": True,
        "virtual_quote_reserves": 4 * 10**9 + virtual[1], "quote_mint": bytes(32),
    }  # fmt: skip
    data = idl.account("BondingCurve", said)
    curve = Account(PUMP, data if quote else data[: 8 + 49 + 24])
    got = standing_of(read(wanted_of(mint, "any", PUMP), {curve_of(mint): curve}))

    assert (said["token_total_supply"], 7 * 10**14, 4 * 10**9) == (
        got.supply,
        got.base_reserve,
        got.quote_reserve,
    )
    assert (said["virtual_quote_reserves"], said["virtual_token_reserves"]) == got.price
    assert (key(got.creator), got.is_complete, got.quote_mint) == (said["creator"], True, WSOL)
    assert (None if quote else 793_100_000_000_000) == got.for_sale


def test_launchlab_as_its_idl_writes_it() -> None:
    """A pool of LaunchLab says supply, what it sells and raises, and where its liquidity is."""
    idl, rng = named_idl(SHARED / "idl", "raydium_launchpad-0.2.0"), random.Random(10)
    mint, pool = fresh(rng), fresh(rng)
    said = idl.made_up("PoolState", rng) | {
        "base_mint": key(mint), "status": 1, "supply": 10**15, "total_base_sell": 8 * 10**14,
        "virtual_base": 1_073 * 10**12, "virtual_quote": 30 * 10**9, "real_base": 10**14,
        "real_quote": 10**9,
    }  # fmt: skip
    there = {pool: Account(LAUNCHLAB, idl.account("PoolState", said))}
    got = standing_of(read(wanted_of(mint, pool, LAUNCHLAB), there))

    assert (10**15, 8 * 10**14, 7 * 10**14, 10**9) == (
        got.supply, got.for_sale, got.base_reserve, got.quote_reserve,
    )  # fmt: skip
    assert ((30 * 10**9, 1_073 * 10**12), (31 * 10**9, 973 * 10**12)) == (
        got.start_price,
        got.price,
    )
    assert (said["platform_config"], said["quote_mint"], said["creator"]) == tuple(
        map(key, (got.config, got.quote_mint, got.creator))
    )
    assert (said["base_decimals"], said["total_quote_fund_raising"], True, False) == (
        got.base_decimals, got.threshold, got.is_complete, got.is_migrated,
    )  # fmt: skip


def test_a_mint_that_names_itself() -> None:
    """A Token-2022 mint carries its names behind other extensions."""
    mint = fresh(random.Random(11))
    texts = b"".join(len(t).to_bytes(4, "little") + t for t in (b"Nova", b"NV", b"ipfs://x"))
    body = bytes(32) + key(mint) + texts + bytes(4)
    parts = [(3, bytes(32)), (19, body)]
    tail = b"".join(
        kind.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data for kind, data in parts
    )
    data = mint_bytes(10**15, 6).ljust(165, b"\0") + b"\1" + tail
    got = standing_of(read(wanted_of(mint, "x", "y"), {mint: Account(TOKEN_2022, data)}))

    assert ("Nova", "NV", "ipfs://x", 10**15, 6) == (
        got.name, got.symbol, got.uri, got.supply, got.base_decimals,
    )  # fmt: skip


def wrong() -> list[tuple[str, str, Account]]:
    """Return accounts that are not what they should be, by what is wrong and where they lie."""
    mint, token = next(iter(market_truth()["tokens"].items()))
    there, other = market_accounts(), fresh(random.Random(12))
    pool, metadata = there[token["pool"]], metadata_of(mint)
    return [
        ("another program's pool", token["pool"], pool._replace(owner=PUMP)),
        ("another kind of account", token["pool"], pool._replace(data=b"\0" * 8 + pool.data[8:])),
        ("half a pool", token["pool"], pool._replace(data=pool.data[:200])),
        ("another token's pool", token["pool"],
         there[list(market_truth()["tokens"].values())[1]["pool"]]),
        ("a mint of nobody's", mint, Account(DBC, there[mint].data)),
        ("half a mint", mint, Account(TOKEN, there[mint].data[:40])),
        ("no mint yet", mint, Account(TOKEN, bytes(82))),
        ("metadata of another", metadata,
         there[metadata]._replace(data=metadata_bytes(other, *"abc"))),
        ("no metadata", metadata, there[metadata]._replace(data=b"")),
        ("half metadata", metadata, there[metadata]._replace(data=there[metadata].data[:80])),
        ("a pool as configuration", token["config"], pool),
    ]  # fmt: skip


@pytest.mark.parametrize("index", range(11))
def test_what_is_not_a_tokens_own_is_refused(index: int) -> None:
    """Accounts of other owners, kinds or tokens, and parts of some, are dead letters."""
    _, address, account = wrong()[index]
    mint, token = next(iter(market_truth()["tokens"].items()))
    there = {**market_accounts(), address: account}

    with pytest.raises(UnreadableError):
        standing_of(read(wanted_of(mint, token["pool"], DBC, token["config"]), there))


@given(data=st.binary(max_size=1_100), which=st.integers(0, 3), owner=st.sampled_from([DBC, TOKEN]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes, which: int, owner: str) -> None:
    """Whatever stands in an account, reading it ends, and in no other error."""
    mint, token = next(iter(market_truth()["tokens"].items()))
    wanted = wanted_of(mint, token["pool"], DBC, token["config"])
    address = addresses_of(wanted).known()[which]
    there = {
        **market_accounts(),
        address: Account(owner, market_accounts()[address].data[:8] + data),
    }
    with suppress(UnreadableError):
        assert isinstance(standing_of(read(wanted, there)), Standing)


def late(since: int) -> list[Event]:
    """Return the market's events from a time on, as somebody sees it who begins then."""
    return [one for one in events() if isinstance(one, Clock) or getattr(one, "time", 0) >= since]


def test_a_market_half_seen_is_completed() -> None:
    """Begun in its last hours, a market's tokens end as the chain's own accounts have them.

    Before their accounts are read they say that they are incomplete, and each is asked for once.
    """
    store = Store()
    fold = store.open()
    seen = late(market_truth()["end_time"] - 6 * 3_600)
    half = fold.fold(list(enumerate(seen)))
    store.keep(half)
    before = store.of("tokens")
    facts = [standing_of(read(one, market_accounts())) for one in half.wanted]
    again = fold.fold([(len(seen) + n, About(f.mint, f.slot, f)) for n, f in enumerate(facts)])
    store.keep(again)
    launched = {
        one.event.mint for one in seen if isinstance(one, OnChain) and isinstance(one.event, Launch)
    }

    assert [] == again.wanted
    assert {one.mint for one in half.wanted} == set(before) - launched
    assert len(facts) > 10
    for fact in facts:
        got, true = store.of("tokens")[fact.mint], market_truth()["tokens"][fact.mint]
        decimals = true["decimals"]
        assert ("unknown", "accounts", None) == (
            before[got.mint].origin,
            got.origin,
            before[got.mint].name,
        )
        assert (true["name"], true["symbol"], true["uri"]) == (got.name, got.symbol, got.uri)
        assert (true["pool"], true["config"], true["creator"]) == (
            got.pool,
            got.config,
            got.creator,
        )
        assert (None, "meteora-dbc", None) == (got.launchpad, got.protocol, got.launched_at)
        assert whole(true["supply"], decimals) == Decimal(got.supply)
        assert whole(true["base_reserve"], decimals) == Decimal(got.curve.base_reserve)
        assert whole(true["quote_reserve"], 9) == Decimal(got.liquidity)
        assert whole(true["threshold"], 9) == Decimal(got.curve.threshold)
        assert ("completed" if true["complete"] else "bonding") == got.stage
        exact = Decimal(int(true["sqrt_price_x64"])) ** 2 / 2**128 * Decimal(10) ** (decimals - 9)
        assert abs(Decimal(got.price) / exact - 1) < Decimal("1e-20")
        cap = Decimal(got.price) * Decimal(got.supply)
        assert abs(Decimal(got.market_cap) / cap - 1) < Decimal("1e-20")


def test_a_launch_under_way_is_waited_for() -> None:
    """While slots are missing a launch may still come, so nothing is asked; if it comes, never."""
    whole_market = list(events())
    launch = next(
        n for n, one in enumerate(whole_market) if isinstance(getattr(one, "event", 0), Launch)
    )
    trade = next(
        n for n, one in enumerate(whole_market)
        if isinstance(getattr(one, "event", 0), Trade)
        and one.event.mint == whole_market[launch].event.mint
    )  # fmt: skip
    clocks = whole_market[-4:]
    early = Store().open().fold(list(enumerate([whole_market[trade], *clocks[:3]])))
    there = (
        Store().open().fold(list(enumerate([whole_market[trade], whole_market[launch], *clocks])))
    )
    missing = Store().open().fold(list(enumerate([whole_market[trade], *clocks])))

    assert ([], []) == (early.wanted, there.wanted)
    assert [whole_market[trade].event.mint] == [one.mint for one in missing.wanted]


def test_a_launch_that_is_seen_wins() -> None:
    """A launch that turns up after the accounts were read is what the token rests on."""
    mint, true = next(iter(market_truth()["tokens"].items()))
    wanted = wanted_of(mint, true["pool"], DBC, true["config"])
    fact = About(mint, 5, standing_of(read(wanted, market_accounts())))
    store = Store()
    store.feed([fact, *events()])
    got = store.of("tokens")[mint]

    assert ("launch", true["launchpad"]) == (got.origin, got.launchpad)
    assert got.launched_at is not None
