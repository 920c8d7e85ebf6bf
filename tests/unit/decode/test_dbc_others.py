"""Migrations, configurations, balances, and what changes nothing that we keep."""

import pytest

from domain.decode import decode
from schemas.chain_events import Balances, Config, Migrate
from schemas.place import OUTER
from tests.borsh import idl
from tests.shared import SHARED, needs_shared
from tests.unit.decode.scene import (
    POOL_AUTHORITY,
    Scene,
    arguments,
    discriminator,
    fresh,
    names,
    newest,
    only,
    swap2,
    swap_accounts,
)

pytestmark = needs_shared

NEVER_KEPT = [
    "EvtClaimCreatorTradingFee",
    "EvtClaimPoolCreationFee",
    "EvtClaimProtocolFee2",
    "EvtClaimTradingFee",
    "EvtCreateMeteoraMigrationMetadata",
    "EvtCreatorWithdrawSurplus",
    "EvtPartnerClaimPoolCreationFee",
    "EvtPartnerMetadata",
    "EvtPartnerWithdrawSurplus",
    "EvtUpdatePoolCreator",
    "EvtVirtualPoolMetadata",
    "EvtWithdrawLeftover",
    "EvtWithdrawMigrationFee",
    "EvtCreateTokenBadge",
    "EvtCloseTokenBadge",
    "EvtCreateClaimFeeOperator",
    "EvtCloseClaimFeeOperator",
]
CONFIGS = [
    ("EvtCreateConfig", "0.1.4"),
    ("EvtCreateConfig", "0.2.1"),
    ("EvtCreateConfigV2", "0.2.1"),
]


@pytest.mark.parametrize(
    ("instruction", "mint", "venue"),
    [
        ("migration_damm_v2", 13, "meteora-damm-v2"),
        ("migrate_meteora_damm", 7, "meteora-damm-v1"),
    ],
)
def test_both_migrations(instruction: str, mint: int, venue: str) -> None:
    """The old pool is account 0, the new one account 4; more may follow at the end."""
    scene = Scene()
    accounts = [fresh(scene.rng) for _ in range(27)]
    decoded = decode(scene.call(arguments(instruction), accounts).json())
    migrate = only(decoded, Migrate)

    assert (0, OUTER) == decoded.events[0][:2]
    assert (migrate.pool, migrate.new_pool) == (accounts[0], accounts[4])
    assert (migrate.mint, migrate.venue) == (accounts[mint], venue)


@pytest.mark.parametrize(("name", "version"), CONFIGS)
@pytest.mark.parametrize("seed", range(6))
def test_every_configuration_event(name: str, version: str, seed: int) -> None:
    """Threshold, decimals and start price of both events, with a dynamic fee and without."""
    known, scene = idl(SHARED / "idl", version), Scene(seed)
    values = known.made_up(name, scene.rng)
    stated = values.get("config_parameters", values)
    accounts = [fresh(scene.rng) for _ in range(6)]
    scene.call(arguments("create_config"), accounts)
    scene.inside(known.event(name, values), [POOL_AUTHORITY])
    config = only(decode(scene.json()), Config)

    assert (config.config, config.quote_mint) == (accounts[0], accounts[3])
    assert config.threshold == stated["migration_quote_threshold"]
    assert config.base_decimals == stated["token_decimal"]
    assert config.start_sqrt_price == stated["sqrt_start_price"]


def test_one_configuration_however_many_events_state_it() -> None:
    """Where the events disagree the layout is unsure, so the field is unknown."""
    scene = Scene().call(arguments("create_config"), swap_accounts(Scene().rng))
    older = newest().made_up("EvtCreateConfig", scene.rng)
    newer = newest().made_up("EvtCreateConfigV2", scene.rng)
    agreed = {name: older[name] for name in ("migration_quote_threshold", "sqrt_start_price")}
    scene.event("EvtCreateConfig", **older | {"token_decimal": 6})
    scene.event(
        "EvtCreateConfigV2",
        config_parameters=newer["config_parameters"] | agreed | {"token_decimal": 9},
    )
    config = only(decode(scene.json()), Config)

    assert config.threshold == older["migration_quote_threshold"]
    assert config.start_sqrt_price == older["sqrt_start_price"]
    assert config.base_decimals is None


def test_a_configuration_with_a_transfer_hook() -> None:
    """Its event is the newer one with a program behind it."""
    scene = Scene().call(arguments("create_config_with_transfer_hook"), swap_accounts(Scene().rng))
    values = newest().made_up("EvtCreateConfigV2WithTransferHook", scene.rng)
    config = only(decode(scene.event("EvtCreateConfigV2WithTransferHook", **values).json()), Config)

    assert config.threshold == values["config_parameters"]["migration_quote_threshold"]


@pytest.mark.parametrize("name", NEVER_KEPT)
def test_every_other_event_keeps_its_name(name: str) -> None:
    """Events that change nothing we keep are there by their IDL name, one each."""
    scene = Scene().call(arguments("claim_trading_fee"), swap_accounts(Scene().rng))

    assert [name] == names(decode(scene.event(name).json()))


def test_no_event_of_the_idl_is_unknown() -> None:
    """The lists above and the events we read are all that the newest IDL has."""
    read = {"EvtSwap", "EvtCurveComplete", "EvtInitializePool", "EvtCreateConfig"}
    rest = set(newest().events) - set(NEVER_KEPT)

    assert rest == read | {"EvtSwap2", "EvtCreateConfigV2"} | {
        f"{name}WithTransferHook"
        for name in ("EvtSwap2", "EvtCurveComplete", "EvtInitializePool", "EvtCreateConfigV2")
    }


def test_an_instruction_without_events_keeps_its_name() -> None:
    """What records nothing is known by the instruction."""
    scene = Scene().call(discriminator("create_locker"), [])

    assert ["create_locker"] == names(decode(scene.json()))


def test_balances_follow_the_last_event_of_their_mint() -> None:
    """Two trades of one mint and one of another: one balances event each, at the last path."""
    scene, accounts = Scene(), swap_accounts(Scene(3).rng)
    other = swap_accounts(Scene(4).rng)
    for each in (accounts, other, accounts):
        swap2(scene, each)
    owner, closed = fresh(scene.rng), fresh(scene.rng)
    scene.balance(fresh(scene.rng), accounts[7], owner, before=1, after=2)
    scene.balance(closed, accounts[7], owner, before=9, after=None)
    scene.balance(fresh(scene.rng), accounts[7], POOL_AUTHORITY, before=1, after=2)
    scene.balance(fresh(scene.rng), other[7], owner, before=None, after=3)
    events = decode(scene.json()).events
    held = {
        e.mint: [(b.owner, b.amount) for b in e.accounts]
        for _, _, e in events
        if isinstance(e, Balances)
    }

    assert {accounts[7]: [(owner, 2), (owner, 0)], other[7]: [(owner, 3)]} == held
    assert ["Trade", "Trade", "Balances", "Trade", "Balances"] == [
        type(e).__name__ for *_, e in events
    ]
    assert [(0, 0), (1, 0), (1, 0), (2, 0), (2, 0)] == [event[:2] for event in events]
