"""Launches on Meteora DBC: three instructions, outer or inner, Believe's by its key."""

from typing import Any

import pytest

from domain.decode import decode
from schemas.chain_events import Launch
from tests.shared import needs_shared
from tests.unit.decode.scene import (
    BELIEVE,
    POOL_AUTHORITY,
    SQUADS,
    Scene,
    arguments,
    discriminator,
    fresh,
    init_accounts,
    only,
    swap2,
    swap_accounts,
)

pytestmark = needs_shared

INITS = {
    "initialize_virtual_pool_with_spl_token": 10,
    "initialize_virtual_pool_with_token2022": 8,
    "initialize_virtual_pool_with_token2022_transfer_hook": 9,
}


@pytest.mark.parametrize(("instruction", "payer"), INITS.items())
def test_every_init_instruction(instruction: str, payer: int) -> None:
    """Names come from the arguments, Believe from the payer's account of each layout."""
    scene = Scene()
    accounts = init_accounts(scene, payer, payer=BELIEVE)
    scene.call(arguments(instruction, name="Näme 🚀", symbol="S", uri="u"), accounts)
    launch = only(decode(scene.json()), Launch)

    assert (launch.name, launch.symbol, launch.uri) == ("Näme 🚀", "S", "u")
    assert (launch.launchpad, launch.signer, launch.by_authority) == ("believe", BELIEVE, True)
    assert (launch.config, launch.creator, launch.mint) == (*accounts[:1], *accounts[2:4])
    assert (launch.quote_mint, launch.pool) == tuple(accounts[4:6])


def test_a_launch_through_a_multisig() -> None:
    """The vault pays, Believe's key signs: an inner instruction counts by its signer."""
    scene = Scene()
    scene.keys = [fresh(scene.rng), BELIEVE]
    scene.signers = 2
    scene.call(b"execute", [], program=SQUADS)
    accounts = init_accounts(scene, 10)
    scene.inside(arguments("initialize_virtual_pool_with_spl_token"), accounts)
    scene.event("EvtInitializePool")
    decoded = decode(scene.json())
    launch = only(decoded, Launch)

    assert (0, 1) == decoded.events[0][:2]
    assert (launch.launchpad, launch.signer) == ("believe", BELIEVE)


def test_a_key_that_is_only_mentioned_launches_nothing() -> None:
    """Believe's key among the accounts, neither signer nor payer, is not Believe."""
    scene = Scene()
    accounts = init_accounts(scene, 10, creator=BELIEVE)
    scene.call(arguments("initialize_virtual_pool_with_spl_token"), accounts)
    launch = only(decode(scene.json()), Launch)

    assert (launch.launchpad, launch.signer) == ("meteora-dbc", accounts[10])
    assert not launch.by_authority


@pytest.mark.parametrize(
    ("over", "left"),
    [({}, 5_000), ({"excluded_fee_input_amount": 1_000}, 5_001)],
    ids=["fee in quote", "fee in base: the vault pays only the referral's part of it"],
)
def test_the_supply_is_what_was_minted_before_the_first_buys(over: Any, left: int) -> None:
    """Buys and sells in the launching transaction are taken back out of the vault's balance."""
    scene = Scene()
    named = {"mint": fresh(scene.rng), "pool": fresh(scene.rng)}
    vault = fresh(scene.rng)
    accounts = init_accounts(scene, 10, vault=vault, **named)
    scene.call(arguments("initialize_virtual_pool_with_spl_token"), accounts)
    swap2(scene, swap_accounts(scene.rng, **named), **over)
    swap2(scene, swap_accounts(scene.rng, **named), buy=False)
    swap2(scene, swap_accounts(scene.rng))
    scene.balance(vault, named["mint"], POOL_AUTHORITY, before=None, after=10**15 - left + 1_000)

    assert 10**15 == only(decode(scene.json()), Launch).supply


def test_a_supply_that_nobody_states_is_unknown() -> None:
    """No balance of the vault, or a trade that cannot be read: None, never a guess."""
    scene = Scene()
    accounts = init_accounts(scene, 10)
    scene.call(arguments("initialize_virtual_pool_with_spl_token"), accounts)
    unknown = only(decode(scene.json()), Launch)
    scene.call(discriminator("swap2"), swap_accounts(scene.rng, pool=accounts[5]))
    scene.balance(accounts[6], accounts[3], POOL_AUTHORITY, before=None, after=1)
    decoded = decode(scene.json())

    assert unknown.supply is unknown.base_decimals is None
    assert only(decoded, Launch).supply is None
    assert 6 == only(decoded, Launch).base_decimals
