"""A whole market, executed by the real program: decoded events equal its accounts and balances."""

from functools import cache
from typing import Any

from domain.decode import Decoded, decode
from schemas.chain_events import Balances, Complete, Config, Launch, Other, Trade
from tests.shared import market_lines, market_truth, needs_shared

pytestmark = needs_shared


@cache
def market() -> tuple[Decoded, ...]:
    """Return all transactions of the market, decoded, in chain order."""
    return tuple(decode(line) for line in market_lines())


def found(kind: type) -> list[tuple[Decoded, Any]]:
    """Return all events of a kind, in chain order, with their transactions."""
    return [(d, e) for d in market() for _, _, e in d.events if isinstance(e, kind)]


def test_every_trade_is_the_one_that_the_balances_show() -> None:
    """Time, slot, side, amounts, trader, signature and order of all 5,879, token by token."""
    decoded: dict[str, list[list[Any]]] = {}
    for tx, e in found(Trade):
        row = [tx.time, tx.slot, e.side, e.quote_amount, e.base_amount, e.trader, tx.signature]
        decoded.setdefault(e.mint, []).append(row)
    expected = {m: t["trades"] for m, t in market_truth()["tokens"].items() if t["trades"]}

    assert expected == decoded


def test_failed_transactions_did_nothing() -> None:
    """121 transactions failed; none of them has an event, and each is known as ours."""
    failed = [tx for tx in market() if tx.failed]

    assert {"ok": 5922, "failed": 121} == market_truth()["transactions"]
    assert (len(failed), len(market()) - len(failed)) == (121, 5922)
    assert {(tx.ours, tx.events, tx.unreadable) for tx in failed} == {(True, (), ())}


def test_every_launch_is_as_the_accounts_say() -> None:
    """All fields that the truth knows of the 40 launches, Believe's 18 among them."""
    decoded = {
        e.mint: {
            "name": e.name,
            "symbol": e.symbol,
            "uri": e.uri,
            "pool": e.pool,
            "config": e.config,
            "creator": e.creator,
            "decimals": e.base_decimals,
            "supply": str(e.supply),
            "launchpad": e.launchpad,
            "launch_slot": tx.slot,
            "launch_time": tx.time,
            "launch_signature": tx.signature,
        }
        for tx, e in found(Launch)
    }
    truth = market_truth()["tokens"]
    fields = next(iter(decoded.values())).keys()

    assert {mint: {f: token[f] for f in fields} for mint, token in truth.items()} == decoded
    assert 18 == sum(e.by_authority for _, e in found(Launch))


def test_every_curve_ends_where_its_account_does() -> None:
    """Price and quote reserve after the last trade; the base reserve as a sum of changes."""
    last = {e.mint: e for _, e in found(Trade)}
    supply = {e.mint: e.supply for _, e in found(Launch)}
    change = dict.fromkeys(supply, 0)
    for _, e in found(Trade):
        change[e.mint] += e.base_change

    for mint, token in market_truth()["tokens"].items():
        assert token["base_reserve"] == str(supply[mint] + change[mint])
        if mint in last:
            assert token["sqrt_price_x64"] == str(last[mint].sqrt_price)
            assert token["quote_reserve"] == str(last[mint].quote_reserve)
            assert token["threshold"] == last[mint].threshold


def test_every_completion_is_found_when_it_happened() -> None:
    """The five curves that collected their threshold, at the second and with the reserves."""
    decoded = {
        e.mint: (tx.time, str(e.base_reserve), str(e.quote_reserve)) for tx, e in found(Complete)
    }
    expected = {
        mint: (token["completed_time"], token["base_reserve"], token["quote_reserve"])
        for mint, token in market_truth()["tokens"].items()
        if token["complete"]
    }

    assert expected == decoded


def test_configurations_are_read_once_and_agree_with_their_tokens() -> None:
    """Threshold and decimals of the three configurations are those of all tokens under them."""
    configs = {e.config: e for _, e in found(Config)}

    assert len(found(Config)) == len(configs) == 3
    for token in market_truth()["tokens"].values():
        config = configs[token["config"]]
        assert (token["threshold"], token["decimals"]) == (config.threshold, config.base_decimals)


def test_the_start_price_is_the_one_that_the_first_buy_met() -> None:
    """Inside a segment net input = base x s x s' / 2^128, so the first buy tells the start s.

    Base and net input are balances and reserves of accounts; what is left is their rounding.
    """
    starts = {e.config: e.start_sqrt_price for _, e in found(Config)}
    first = {e.mint: e for _, e in reversed(found(Trade))}

    assert 40 == len(first)
    for trade in first.values():
        predicted = trade.base_amount * starts[trade.config] * trade.sqrt_price
        assert abs(predicted - (trade.quote_reserve << 128)) * 10**6 < predicted


def test_holders_are_the_last_balances() -> None:
    """The newest balance of every account gives the number of holders and the ten largest."""
    accounts: dict[str, dict[str, tuple[str, int]]] = {}
    for _, e in found(Balances):
        accounts.setdefault(e.mint, {}).update({b.account: (b.owner, b.amount) for b in e.accounts})
    for mint, token in market_truth()["tokens"].items():
        held = sorted((n for _, n in accounts.get(mint, {}).values() if n > 0), reverse=True)
        assert token["holders"] == len(held)
        assert [amount for _, amount in token["top_holders"]] == held[:10]


def test_nothing_else_happened() -> None:
    """No instruction of this market is unknown or unreadable."""
    assert [] == found(Other)
    assert [] == [tx for tx in market() if tx.unreadable]
