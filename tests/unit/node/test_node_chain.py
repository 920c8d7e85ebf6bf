"""The test node's chain: what a recording says in order, with blocks that follow each other."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.node.chain import LEAD, TAIL, Chain, chain_of
from tests.node.heads import CONFIRMED_BEHIND, FINALIZED_BEHIND, heads_at, progress_at
from tests.node.loading import placed
from tests.node.transactions import packed
from tests.shared import market_lines

LINES = market_lines()[:300]


def chain(**settings: float) -> Chain:
    """Return a chain of the recording's first transactions."""
    return chain_of(placed(LINES), **settings)


def test_holds_the_recording_in_order() -> None:
    """Blocks by slot give back the bytes of each line, in order; a block's time is its first's."""
    whole = chain(fork_rate=0.5)
    results = [json.loads(line) for line in LINES]
    times = {result["slot"]: result["blockTime"] for result in reversed(results)}

    held = [
        (slot, whole.time(slot), packed(transaction))
        for slot in whole.slots
        for transaction in whole.block(slot).transactions
    ]

    assert held == [
        (result["slot"], times[result["slot"]], result["transaction"][0]) for result in results
    ]


@pytest.mark.parametrize("empty_share", [0.0, 0.3, 1.0])
def test_blocks_follow_each_other(empty_share: float) -> None:
    """Each lasting block names the one before as its parent; height by 1, time never back."""
    whole = chain(empty_share=empty_share, fork_rate=0.3)

    blocks = [whole.block(slot) for slot in whole.slots]

    for before, after in pairwise(blocks):
        assert (before.slot, before.blockhash) == (after.parent, after.previous_blockhash)
        assert before.height + 1 == after.height == whole.height(after.slot)
        assert before.time <= after.time
    assert len(blocks) == len({block.blockhash for block in blocks})


def test_idle_slots_are_skipped_or_empty() -> None:
    """The share of empty blocks is the one asked for, and none where none is."""
    filled = {json.loads(line)["slot"] for line in LINES}
    most = chain(empty_share=1.0)
    half = chain(empty_share=0.5)

    assert list(range(min(filled) - LEAD, max(filled) + TAIL + 1)) == list(most.slots)
    assert len(filled) + LEAD + TAIL == len(chain(empty_share=0.0).slots)
    assert 0.45 < len(half.slots) / len(most.slots) < 0.55


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 99), rate=st.floats(0.05, 1.0), lost=st.sampled_from([0.0, 0.5, 1.0]))
def test_forks(seed: int, rate: float, lost: float) -> None:
    """Abandoned blocks share a parent with the next one, whose transactions they all hold."""
    whole = chain(seed=seed, fork_rate=rate, lost_share=lost)
    recorded = set(whole.located)

    for slot in whole.forks:
        fork, block = whole.block(slot), whole.block(slot + 1)
        seen = {transaction.signature for transaction in fork.transactions}
        again = {transaction.signature for transaction in block.transactions}
        assert (fork.parent, fork.previous_blockhash) == (block.parent, block.previous_blockhash)
        assert fork.abandoned
        assert not whole.is_lasting(slot)
        assert again <= seen
        assert len(seen - again) <= 1
        assert recorded.isdisjoint(seen - again)


def test_the_same_seed_is_the_same_chain() -> None:
    """Seeds decide which slots are empty, and what was abandoned."""
    first, again, other = (chain(seed=seed, fork_rate=0.3) for seed in (7, 7, 8))

    assert (first.slots, first.forks) == (again.slots, again.forks)
    assert first.slots != other.slots
    assert first.forks != other.forks


def test_heads() -> None:
    """Confirmed and finalized come so many blocks behind, in order, and nothing is left out."""
    whole = chain(fork_rate=0.3)
    steps = range(LEAD, len(whole.seen))
    brought = [progress_at(whole, step) for step in steps]
    first = heads_at(whole, LEAD - 1)

    for level, behind in (("confirmed", CONFIRMED_BEHIND), ("finalized", FINALIZED_BEHIND)):
        told = [slot for progress in brought for slot in progress.of(level)]
        assert told == list(whole.between(first.of(level) + 1, whole.slots[-1 - behind]))
    assert [slot for each in brought for slot in each.processed] == list(whole.seen[LEAD:])


def test_mentions() -> None:
    """Who is named by a transaction is found by address, in chain order."""
    whole = chain()
    wanted = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"

    found = [whole.at(place).signature for place in whole.mentions[wanted]]

    assert found == list(whole.located)
    assert len(LINES) == len(found)
