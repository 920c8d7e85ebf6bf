"""Swaps in pools of Meteora DAMM v1: amounts as the token program moved them, shares of vaults.

Bytes are those that the program made in a simulator: which accounts, and in which order.
"""

import json
import random
from hashlib import sha256
from struct import pack

import pytest
from solders.pubkey import Pubkey

from domain.decode import Decoded, decode
from domain.decode.pools import damm_v1_homes, damm_v1_vault
from schemas.chain_events import Balances, Trade
from tests.shared import SHARED, recorded
from tests.unit.decode.logs import logged
from tests.unit.decode.scene import WSOL, Scene, fresh, names, only

DAMM_V1 = "Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB"
VAULTS = "24Uqj9JCLxUeoC3hGfh5W3s9FM9uCHDS2SG3LYwBpyTi"
TOKENS = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
TOKEN, OTHER, ANN = (fresh(random.Random(seed)) for seed in (41, 42, 43))
SWAP = bytes.fromhex("f8c69e91e17587c8") + bytes(16)
EVENT = sha256(b"event:Swap").digest()[:8]
EXECUTED = SHARED / "recorded" / "dammv1"


def accounts(a: str, b: str, pool: str | None = None) -> list[str]:
    """Return the accounts of a swap."""
    made = [fresh(random.Random(f"{a}{b}{place}".encode())) for place in range(15)]
    made[0] = pool or min(damm_v1_homes(*((b, a) if a == WSOL else (a, b))))
    made[3], made[4], made[12] = damm_v1_vault(a), damm_v1_vault(b), ANN
    return made


def swapped(used: list[str], a: str, b: str, *, a_to_b: bool, shares: bool = True) -> Scene:
    """Return a swap of 1,000 for 50 with a fee of 3 for the protocol.

    Of a's vault a share is worth two, of b's a half; afterwards the pool has 400 and 900 of them.
    """
    vaults, owned = (5, 6) if a_to_b else (6, 5), (9, 10) if a_to_b else (10, 9)
    scene = Scene().call(SWAP, used, program=DAMM_V1)

    def move(tag: int, amount: int, *places: int) -> None:
        scene.inside(bytes([tag]) + pack("<Q", amount), [used[n] for n in places], program=TOKENS)

    move(3, 3, 1, 11, 12)
    scene.inside(bytes(24), [used[3]], program=VAULTS)
    move(3, 997, 1, vaults[0], 12)
    if shares:
        move(7, 499 if a_to_b else 1_994, 7, owned[0], 3)
    move(3, 50, vaults[1], 2, 4)
    if shares:
        move(8, 100 if a_to_b else 25, owned[1], 8, 4)
    scene.balance(used[5], a, used[3], before=0, after=5_000)
    scene.balance(used[6], b, used[4], before=0, after=7_000)
    scene.balance(used[9], OTHER, used[0], before=0, after=400)
    scene.balance(used[10], OTHER, used[0], before=0, after=900)
    return scene


def told(scene: Scene) -> Decoded:
    """Return what a swap did whose log has its event."""
    event = EVENT + pack("<QQQQQ", 996, 50, 7, 3, 0)
    return decode(logged(scene, (DAMM_V1, [event])))


@pytest.mark.parametrize("a_to_b", [True, False], ids=["a to b", "b to a"])
@pytest.mark.parametrize("swap", [False, True], ids=["token is a", "token is b"])
def test_a_swap_is_a_trade_of_the_token(swap: bool, a_to_b: bool) -> None:
    """What was paid and got is what was moved; reserves are the pool's shares of both vaults."""
    a, b = (WSOL, TOKEN) if swap else (TOKEN, WSOL)
    used = accounts(a, b)
    decoded = told(swapped(used, a, b, a_to_b=a_to_b))
    trade, is_buy = only(decoded, Trade), a_to_b == swap
    of_a, of_b = (400 * 997 // 499, 450) if a_to_b else (800, 900 * 997 // 1_994)

    assert ("buy" if is_buy else "sell", 10, not is_buy) == (
        trade.side, trade.fee, trade.fee_in_base,
    )  # fmt: skip
    assert ((50, 1_000, -50) if is_buy else (1_000, 50, 997)) == (
        trade.base_amount, trade.quote_amount, trade.base_change,
    )  # fmt: skip
    assert ((of_b, of_a) if swap else (of_a, of_b)) == (trade.base_reserve, trade.quote_reserve)
    assert (trade.quote_reserve, trade.base_reserve) == trade.price
    assert (TOKEN, WSOL, ANN, False, True) == (
        trade.mint, trade.quote_mint, trade.trader, trade.aside, trade.in_pool,
    )  # fmt: skip


def test_a_vault_is_no_holder() -> None:
    """It holds a mint's tokens for all pools; who trades does."""
    used = accounts(TOKEN, WSOL)
    scene = swapped(used, TOKEN, WSOL, a_to_b=True)
    scene.balance(used[1], TOKEN, ANN, before=1_000, after=0)

    assert [ANN] == [one.owner for one in only(told(scene), Balances).accounts]


def test_of_several_swaps_in_a_pool_the_last_one_says_its_reserves() -> None:
    """Balances are those behind all of them."""
    used = accounts(TOKEN, WSOL)
    scene = swapped(used, TOKEN, WSOL, a_to_b=True)
    scene.call(SWAP, used, program=DAMM_V1)
    scene.inner[1] = scene.inner[0]
    trades = [one.event for one in decode(scene.json()).events if isinstance(one.event, Trade)]

    assert [(1_000, True), (1_000, False)] == [(t.base_amount, t.price is None) for t in trades]


def test_a_log_that_was_cut_hides_the_fee_alone() -> None:
    """Amounts, reserves and price are not from there; the protocol's part was moved."""
    used = accounts(TOKEN, WSOL)
    whole, cut = (
        make(swapped(used, TOKEN, WSOL, a_to_b=True)) for make in (told, lambda s: decode(s.json()))
    )
    first, second = only(whole, Trade), only(cut, Trade)

    assert (10, 3) == (first.fee, second.fee)
    assert (first.price, first.quote_amount) == (second.price, second.quote_amount)


def test_what_cannot_be_told_is_not_guessed() -> None:
    """No shares, no reserves; nothing moved, or no mints: unreadable; anybody's pool: aside."""
    used = accounts(TOKEN, WSOL)
    bare = only(told(swapped(used, TOKEN, WSOL, a_to_b=True, shares=False)), Trade)
    still = Scene().call(SWAP, used, program=DAMM_V1)
    elsewhere = accounts(TOKEN, WSOL, pool=OTHER)
    quotes = accounts(WSOL, USDC, pool=OTHER)

    assert bare.price is bare.base_reserve is bare.quote_reserve is None
    assert 1 == len(decode(still.json()).unreadable)
    still.balance(used[5], TOKEN, OTHER, before=0, after=1)
    still.balance(used[6], WSOL, OTHER, before=0, after=1)
    assert 1 == len(decode(still.json()).unreadable)
    assert only(told(swapped(elsewhere, TOKEN, WSOL, a_to_b=True)), Trade).aside
    assert ["swap"] == names(told(swapped(quotes, WSOL, USDC, a_to_b=True)))


def test_vaults_are_where_the_programs_put_them() -> None:
    """Those of SOL and mSOL, in the fixtures of the program's own repository."""
    assert "FERjPVNEa7Udq8CEv68h6tPL46Tq7ieE49HrE2wea3XT" == damm_v1_vault(WSOL)
    assert "8p1VKP45hhqq5iZG5fNGoi7ucme8nFLeChoDWNy7rWFm" == damm_v1_vault(
        "mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So"
    )
    assert all(Pubkey.from_string(home) for home in damm_v1_homes(TOKEN, WSOL))


@pytest.mark.skipif(not EXECUTED.exists(), reason="the executed swaps are not beside the project")
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_what_the_program_itself_did(side: str) -> None:
    """Swaps that it executed in a simulator: the trader's balances did the same."""
    name = f"dammv1/swap-executed-{side}"
    meta, trade = json.loads(recorded(name))["meta"], only(decode(recorded(name)), Trade)
    before, after = (
        {
            one["mint"]: int(one["uiTokenAmount"]["amount"])
            for one in meta[f"{when}TokenBalances"]
            if one["owner"] == trade.trader
        }
        for when in ("pre", "post")
    )
    sign = 1 if side == "buy" else -1

    assert side == trade.side
    assert {
        trade.mint: sign * trade.base_amount,
        trade.quote_mint: -sign * trade.quote_amount,
    } == {mint: after[mint] - held for mint, held in before.items()}
