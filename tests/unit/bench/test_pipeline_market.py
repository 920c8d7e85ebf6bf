"""The made-up market: repeatable, lawful, skewed; and its truth is what the fold ends in."""

from collections import Counter, defaultdict
from itertools import islice

import pytest

from btracker.bench.pipeline.curve import SUPPLY
from btracker.bench.pipeline.market import Plan, Told, market
from btracker.bench.pipeline.truth import State, expected, written
from domain.fold.partition import PartitionFold
from domain.fold.state import Tables
from schemas.chain_events import Balances, Launch, Trade
from schemas.event import Clock, OnChain
from streams.partitioner import partition_of

PLAN = Plan(seed=7, tokens=40, trades=3_000, partitions=4)


@pytest.fixture(scope="module")
def told() -> list[Told]:
    """The events of the market, clocks included."""
    return list(market(PLAN))


def folded(told: list[Told], partition: int, *, chunk: int) -> Tables:
    """Return the tables after the fold of one partition."""
    tables = Tables()
    fold = PartitionFold(
        tables, partition=partition, raw_partitions=4, events_epoch=1, retention_s=172_800
    )
    mine = [
        event for mint, event in told if mint is None or partition_of(mint.encode(), 4) == partition
    ]
    records = list(enumerate(mine))
    for start in range(0, len(records), chunk):
        result = fold.fold(records[start : start + chunk])
        for name, rows in (result.rows() | {"clocks": result.clock}).items():
            getattr(tables, name).update(rows)
    return tables


@pytest.mark.parametrize("chunk", [1, 17, 1_000])
def test_the_fold_ends_in_the_state_of_brute_force(told: list[Told], chunk: int) -> None:
    """However records are cut into chunks, the rows say what recounting the trades says."""
    parts = [folded(told, partition, chunk=chunk) for partition in range(4)]
    curves = {key: row for part in parts for key, row in part.curves.items()}
    candles = {key: row for part in parts for key, row in part.candles.items()}

    assert expected(told) == written(curves, candles)


def test_equal_plans_make_equal_markets(told: list[Told]) -> None:
    """Nothing but the plan decides what is told."""
    assert told == list(market(PLAN))
    assert told != list(market(PLAN._replace(seed=8)))


def test_a_longer_market_begins_as_a_shorter_one() -> None:
    """The part given to the slow contestant is the beginning of what the others get."""
    short = [one for one in market(PLAN._replace(trades=500)) if one.mint]

    assert short == list(islice((one for one in market(PLAN) if one.mint), len(short)))


def test_no_token_is_made_or_lost(told: list[Told]) -> None:
    """Of each token, what traders hold and what the curve has left is what was minted."""
    held: dict[str, dict[str, int]] = defaultdict(dict)
    left: dict[str, int] = {}
    for _, event in told:
        match event:
            case OnChain(event=Launch(mint=mint)):
                left[mint] = SUPPLY
            case OnChain(event=Trade(mint=mint, base_change=change)):
                left[mint] += change
            case OnChain(event=Balances(mint=mint, accounts=accounts)):
                held[mint].update((one.account, one.amount) for one in accounts)

    assert dict.fromkeys(left, SUPPLY) == {
        mint: left[mint] + sum(held[mint].values()) for mint in left
    }


def test_quote_tokens_in_a_curve_are_what_came_less_what_went(told: list[Told]) -> None:
    """A curve has collected what buyers paid less fees, less what sellers got and their fees."""
    collected: Counter[str] = Counter()
    for _, event in told:
        if isinstance(event, OnChain) and isinstance(event.event, Trade):
            trade = event.event
            paid = trade.quote_amount - trade.fee
            got = trade.quote_amount + trade.fee
            collected[trade.mint] += paid if trade.side == "buy" else -got

            assert collected[trade.mint] == trade.quote_reserve
            assert trade.quote_reserve < trade.threshold


def test_trades_follow_zipf(told: list[Told]) -> None:
    """The first token gets its share of all trades: 1 over the sum of n^-1.1, here 28 %."""
    trades = Counter(
        event.event.mint
        for _, event in told
        if isinstance(event, OnChain) and isinstance(event.event, Trade)
    )
    first = told[0].mint
    share = 1 / sum(rank**-1.1 for rank in range(1, PLAN.tokens + 1))

    assert share == pytest.approx(trades[first] / PLAN.trades, rel=0.1)
    assert first == trades.most_common(1)[0][0]


def test_raw_positions_grow_in_each_raw_partition(told: list[Told]) -> None:
    """Fences hold only if each raw partition tells its positions in order, clocks included."""
    positions: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for _, event in told:
        if isinstance(event, OnChain | Clock):
            positions[event.raw.partition].append((event.raw.offset, event.raw.ordinal))

    assert sorted(positions) == [0, 1, 2, 3]
    assert all(some == sorted(set(some)) for some in positions.values())


def test_the_digest_sees_every_figure(told: list[Told]) -> None:
    """States that differ in one figure have different digests."""
    state = expected(told)
    mint, facts = next(iter(state.curves.items()))
    other = State({**state.curves, mint: facts._replace(base_change=0)}, state.candles)

    assert state.digest == expected(told).digest
    assert state.digest != other.digest
