"""Swaps in pools of Raydium CPMM, whose events are in the log: by either side, old and new.

Events are written as the program's source declares them; no recorded one was at hand.
"""

import random
from hashlib import sha256
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from domain.decode import decode
from domain.decode.pools import cpmm_home
from schemas.chain_events import Trade
from tests.unit.decode.logs import logged
from tests.unit.decode.scene import WSOL, Scene, fresh, names, only

CPMM = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
TOKEN, OTHER, ANN, CONFIG = (fresh(random.Random(seed)) for seed in (51, 52, 53, 54))
INPUT, OUTPUT, DEPOSIT = (
    sha256(f"global:{name}".encode()).digest()[:8]
    for name in ("swap_base_input", "swap_base_output", "deposit")
)
SWAP_EVENT = sha256(b"event:SwapEvent").digest()[:8]
NEW, OLD = 162, 81
"""Bytes of an event, with and without creators' fees."""


def accounts(paid: str, got: str, pool: str | None = None) -> list[str]:
    """Return the accounts of a swap."""
    made = [fresh(random.Random(place)) for place in range(13)]
    made[0], made[2], made[10], made[11] = ANN, CONFIG, paid, got
    made[3] = pool or cpmm_home(CONFIG, paid, got)
    return made


def event(
    *, fee: int = 20, creator: int = 5, on_input: bool = True, taxes: tuple[int, int] = (0, 0)
) -> bytes:
    """Return the event of a swap of 1,000 for 60, of reserves of 9,000 and 600."""
    mints = b"".join(bytes(Pubkey.from_string(one)) for one in (OTHER, OTHER))
    body = bytes(32) + pack("<QQQQQQ?", 9_000, 600, 1_000, 60, *taxes, True)
    return SWAP_EVENT + body + mints + pack("<QQ?", fee, creator, on_input)


def traded(used: list[str], said: bytes, *, call: bytes = INPUT) -> Trade:
    """Return the trade that a swap is."""
    scene = Scene().call(call + bytes(16), used, program=CPMM)
    return only(decode(logged(scene, (CPMM, [said]))), Trade)


@pytest.mark.parametrize("call", [INPUT, OUTPUT])
@pytest.mark.parametrize("is_buy", [True, False])
def test_a_swap_is_a_trade_of_the_token(call: bytes, is_buy: bool) -> None:
    """Side, amounts and reserves follow the mints; what is left has no fees in it."""
    trade = traded(accounts(*((WSOL, TOKEN) if is_buy else (TOKEN, WSOL))), event(), call=call)

    assert ("buy" if is_buy else "sell", 25, not is_buy) == (
        trade.side, trade.fee, trade.fee_in_base,
    )  # fmt: skip
    assert ((60, 1_000) if is_buy else (1_000, 60)) == (trade.base_amount, trade.quote_amount)
    assert ((540, 9_975) if is_buy else (9_975, 540)) == (trade.base_reserve, trade.quote_reserve)
    assert (trade.quote_reserve, trade.base_reserve) == trade.price
    assert (TOKEN, WSOL, ANN, False, True) == (
        trade.mint, trade.quote_mint, trade.trader, trade.aside, trade.in_pool,
    )  # fmt: skip


def test_a_creators_fee_on_the_output_is_not_added_to_that_on_the_input() -> None:
    """They are in two tokens; both have left the reserves."""
    both = traded(accounts(TOKEN, WSOL), event(on_input=False))
    alone = traded(accounts(TOKEN, WSOL), event(on_input=False, fee=0))

    assert (20, True) == (both.fee, both.fee_in_base)
    assert (9_980, 535) == (both.base_reserve, both.quote_reserve)
    assert (5, False) == (alone.fee, alone.fee_in_base)


def test_taxes_of_a_mint_are_paid_and_not_got() -> None:
    """What the trader's account lost and gained is told; the pool's is without them."""
    trade = traded(accounts(WSOL, TOKEN), event(taxes=(10, 3)))

    assert (1_010, 57) == (trade.quote_amount, trade.base_amount)
    assert (540, 9_975) == (trade.base_reserve, trade.quote_reserve)


@pytest.mark.parametrize(
    ("said", "pool"),
    [(event(creator=0), None), (event()[: 8 + OLD], None), (event(), OTHER)],
    ids=["no creator's fee", "no such fees yet", "another address"],
)
def test_a_pool_that_anybody_may_have_made_is_aside(said: bytes, pool: str | None) -> None:
    """Whoever needs no permission gets no creator's fee; the address alone proves nothing."""
    assert traded(accounts(WSOL, TOKEN, pool), said).aside


def test_what_is_no_trade_is_other() -> None:
    """Two quotes; a swap whose log was cut, of which nobody knows whose pool it was in."""
    quotes = Scene().call(INPUT, accounts(WSOL, USDC), program=CPMM)
    cut = Scene().call(INPUT, accounts(WSOL, TOKEN), program=CPMM)

    assert ["SwapEvent"] == names(decode(logged(quotes, (CPMM, [event()]))))
    assert ["swap_base_input"] == names(decode(cut.json()))


def test_an_event_of_another_instruction_is_refused() -> None:
    """Nobody can tell which of its accounts are the mints."""
    scene = Scene().call(DEPOSIT, accounts(WSOL, TOKEN), program=CPMM)

    assert 1 == len(decode(logged(scene, (CPMM, [event()]))).unreadable)


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(0, NEW))
def test_every_prefix_is_read_or_refused(cut: int) -> None:
    """What older programs did not write is unknown, and what is cut within it is not read."""
    scene = Scene().call(INPUT, accounts(WSOL, TOKEN), program=CPMM)
    decoded = decode(logged(scene, (CPMM, [event()[: 8 + cut]])))
    trades = [one.event for one in decoded.events if isinstance(one.event, Trade)]

    assert (cut >= OLD) == bool(trades) == (not decoded.unreadable)
    assert all(trade.aside == (cut < NEW) for trade in trades)
