"""Moonshot, whose events are in the log: a recorded buy, launches, and logs that cannot be read."""

import json
import random
from base64 import b64encode
from struct import pack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decode import Decoded, decode
from schemas.chain_events import Balances, Complete, Launch, Trade
from tests.shared import needs_shared, recorded
from tests.unit.decode.scene import SQUADS, WSOL, Scene, fresh, names, only

MOONSHOT = "MoonCVVNZFSYkqNXP6bxHLPL6QQJiMagDL3qcqUQTrG"
BUY, SELL = bytes.fromhex("66063d1201daebea"), bytes.fromhex("33e685a4017f83ad")
TOKEN_MINT, MIGRATE = bytes.fromhex("032ca4b87b0df5b3"), bytes.fromhex("2ae50ae7bd3ec1ae")
TRADE = bytes.fromhex("bddb7fd34ee661ee")
SOL = bytes.fromhex("069b8857feab8184fb687f634618c035dac439dc1aeb3b5598a0f00000000001")

BUYER, MINT = (
    "Ezug1uk7oTEULvBcXCngdZuJDmZ8Ed2TKY4oov4GmLLm",
    "3cBFsM1wosTJi9yun6kcHhYHyJcut1MNQY28zjC4moon",
)
VAULT, CURVE = (
    "5Zg9kJdzYFKwS4hLzF1QvvNBYyUNpn9YWxYp6HVMknJt",
    "4CYhuDhT4c9ATZpJceoQG8Du4vCjf5ZKvxsyXpJoVub4",
)
DEX_FEE, HELIO_FEE = (
    "3udvfL24waJcLhskRAsStNMoNUvtyXdxrWQz4hgi953N",
    "5K5RtTWzzLp4P8Npi84ocf7F1vBsAu29N1irG4iiUnzt",
)
TOKENS = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"


def recorded_buy() -> bytes:
    """Return the recorded meta with the message that belongs to it, as far as it matters.

    The meta's balances and inner instructions say where each account stands; addresses that
    nothing names are made up.
    """
    rng = random.Random(3)
    keys = [fresh(rng) for _ in range(14)]
    places = {0: BUYER, 1: VAULT, 2: DEX_FEE, 3: CURVE, 4: HELIO_FEE, 7: "1" * 32, 10: MOONSHOT,
              11: TOKENS, 13: MINT}  # fmt: skip
    for place, address in places.items():
        keys[place] = address
    shown = Scene().call(BUY, [], program=MOONSHOT)
    whole = json.loads(shown.json())
    call = whole["transaction"]["message"]["instructions"][0]
    used = {"programIdIndex": 10, "accounts": [0, 6, 3, 1, 2, 4, 13, 12, 11, 8, 7]}
    message = {
        "accountKeys": keys,
        "header": {"numRequiredSignatures": 1},
        "instructions": [{"programIdIndex": 9, "accounts": [], "data": ""}, call | used],
    }
    meta = json.loads(recorded("moonshot/buy-meta-only-carbon-simple_tx"))
    transaction = whole["transaction"] | {"message": message}
    return json.dumps(whole | {"meta": meta, "transaction": transaction}).encode()


@needs_shared
def test_a_recorded_buy_is_what_its_balances_did() -> None:
    """The buyer's lamports change by the amount, the network's fee and a tip beside the trade."""
    meta = json.loads(recorded("moonshot/buy-meta-only-carbon-simple_tx"))
    moved = [b - a for a, b in zip(meta["preBalances"], meta["postBalances"], strict=True)]
    held = {
        (side, b["owner"]): int(b["uiTokenAmount"]["amount"])
        for side in ("preTokenBalances", "postTokenBalances")
        for b in meta[side]
    }
    decoded = decode(recorded_buy())
    trade = only(decoded, Trade)
    gained = held["postTokenBalances", BUYER] - held["preTokenBalances", BUYER]

    assert (gained, -gained) == (trade.base_amount, trade.base_change)
    assert -moved[0] == trade.quote_amount + meta["fee"] + moved[5]
    assert (moved[3], moved[2] + moved[4]) == (trade.quote_amount - trade.fee, trade.fee)
    assert (MINT, WSOL, CURVE, BUYER, 9) == (
        trade.mint,
        trade.quote_mint,
        trade.pool,
        trade.trader,
        trade.base_decimals,
    )
    # The event states no reserves, so there is no price of the curve.
    assert trade.price is trade.sqrt_price is trade.quote_reserve is None
    assert [BUYER] == [balance.owner for balance in only(decoded, Balances).accounts]


def accounts(seed: int = 1) -> list[str]:
    """Return accounts for any instruction."""
    rng = random.Random(seed)
    return [fresh(rng) for _ in range(12)]


def line(*, kind: int = 0, quote: int = 1_000) -> str:
    """Return a line of the log that states a trade of 50 with fees of 3 and 2."""
    body = pack("<QQQQ", 50, quote, 3, 2) + bytes(40) + SOL + bytes(32) + bytes([kind])
    return "Program data: " + b64encode(TRADE + body).decode()


def invoked(*lines: str, depth: int = 1, program: str = MOONSHOT) -> list[str]:
    """Return what the log says of an invocation."""
    return [f"Program {program} invoke [{depth}]", *lines, f"Program {program} success"]


def with_log(scene: Scene, lines: Any) -> Decoded:
    """Return what a transaction with a log did."""
    whole = json.loads(scene.json())
    whole["meta"]["logMessages"] = lines
    return decode(json.dumps(whole).encode())


@pytest.mark.parametrize(
    ("data", "kind", "quote"), [(BUY, 0, 1_005), (SELL, 1, 995)], ids=["buy", "sell"]
)
def test_fees_are_beside_the_amount(data: bytes, kind: int, quote: int) -> None:
    """A buyer pays them too, a seller does not receive them."""
    scene = Scene().call(data, accounts(), program=MOONSHOT)
    trade = only(with_log(scene, invoked(line(kind=kind))), Trade)

    assert (quote, 50, 5) == (trade.quote_amount, trade.base_amount, trade.fee)
    assert (accounts()[6], accounts()[2], accounts()[0]) == (trade.mint, trade.pool, trade.trader)


def test_a_line_belongs_to_the_innermost_program() -> None:
    """Two trades through a router, and lines of others that look the same."""
    scene = Scene().call(b"route", [], program=SQUADS)
    scene.inside(BUY, accounts(1), program=MOONSHOT).inside(BUY, accounts(2), program=MOONSHOT)
    log = [
        f"Program {SQUADS} invoke [1]", line(quote=7),
        *invoked(
            "Program log: Program x success", *invoked(line(quote=8), depth=3, program=TOKENS),
            line(quote=1_000), depth=2,
        ),
        *invoked(line(quote=2_000), depth=2), line(quote=9),
        f"Program {SQUADS} success",
    ]  # fmt: skip
    decoded = with_log(scene, log)

    assert [((0, 0), 1_005, accounts(1)[6]), ((0, 1), 2_005, accounts(2)[6])] == [
        ((outer, inner), event.quote_amount, event.mint) for outer, inner, event in decoded.events
    ]


def test_a_log_with_more_than_the_instructions_is_nobodys() -> None:
    """A router's call is in the log alone: nobody can tell which of two trades is whose."""
    scene = Scene().call(BUY, accounts(), program=MOONSHOT)
    decoded = with_log(scene, [*invoked(line(quote=7)), *invoked(line(quote=8))])

    assert (1, ()) == (len(decoded.unreadable), decoded.events)


@pytest.mark.parametrize(
    "log",
    [
        None, 5, [], ["Log truncated"], invoked(), invoked("Program data: ?"),
        invoked(line(kind=1)), invoked(line()[:60]), invoked(line(quote=2**64 - 1)),
    ],
)  # fmt: skip
def test_a_trade_whose_event_cannot_be_read(log: Any) -> None:
    """No log, a cut one, no data, another kind, an impossible amount: named, and nothing else."""
    decoded = with_log(Scene().call(BUY, accounts(), program=MOONSHOT), log)

    assert (1, ()) == (len(decoded.unreadable), decoded.events)


def minted(*, currency: int = 0) -> bytes:
    """Return the data of a launch."""
    texts = b"".join(len(t).to_bytes(4, "little") + t for t in (b"N", b"S", b"uri"))
    return TOKEN_MINT + texts + bytes([9, currency]) + (10**18).to_bytes(8, "little") + b"\1\0"


def test_a_launch_is_in_its_arguments() -> None:
    """Nothing states its price or what is for sale."""
    used = accounts()
    launch = only(decode(Scene().call(minted(), used, program=MOONSHOT).json()), Launch)

    assert ("N", "S", "uri", 9, 10**18) == (
        launch.name,
        launch.symbol,
        launch.uri,
        launch.base_decimals,
        launch.supply,
    )
    assert (used[3], used[2], used[0], used[6]) == (
        launch.mint,
        launch.pool,
        launch.creator,
        launch.config,
    )
    assert launch.start_price is launch.for_sale is launch.threshold is None
    assert ("moonshot", WSOL) == (launch.launchpad, launch.quote_mint)


def test_a_launch_in_another_currency_is_unreadable() -> None:
    """Nobody can tell in which mint."""
    (part,) = decode(
        Scene().call(minted(currency=1), accounts(), program=MOONSHOT).json()
    ).unreadable

    assert "currency 1" in part.reason


def test_a_curve_whose_funds_left_is_complete() -> None:
    """Where they go is not said, so there is no migration; configurations are Other."""
    scene = Scene().call(MIGRATE, accounts(), program=MOONSHOT)
    scene.call(b"\0" * 8, accounts(), program=MOONSHOT)
    decoded = decode(scene.json())

    assert accounts()[5] == only(decoded, Complete).mint
    assert ["unknown:0000000000000000"] == names(decoded)


@settings(max_examples=100, deadline=None)
@given(cut=st.integers(0, 60))
def test_every_prefix_of_a_launch_is_read_or_refused(cut: int) -> None:
    """However much is there, the answer is a value or the refusal, never a crash."""
    decoded = decode(Scene().call(minted()[: 8 + cut], accounts(), program=MOONSHOT).json())

    assert 1 == len(decoded.unreadable) + len(decoded.events)
