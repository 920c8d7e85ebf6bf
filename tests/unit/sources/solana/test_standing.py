"""How nodes stand: what they miss is counted right, also while all is far behind."""

import pytest
from solana.rpc.commitment import Commitment

from streams.sources.solana.desk import Linked
from streams.sources.solana.listener import commitment_in
from streams.sources.solana.nodes import Mode
from streams.sources.solana.standing import BEHIND, SLOTS_MAX, Race, Standing


def test_a_long_gap_takes_up_no_more_and_makes_nobody_miss_anything() -> None:
    """Slots that are forgotten before they are complete are not held against a node."""
    standing, race = Standing("n"), Race()
    standing.advance(0)
    slots = range(1, 4 * SLOTS_MAX)
    for slot in slots:
        standing.advance(slot)
        race.hear(standing, slot, f"s{slot}", now=0.0)
    assert SLOTS_MAX == len(standing.told)
    for slot in slots:
        standing.judge_later(Linked(slot, (f"s{slot}",)))
    standing.judge_later(Linked(slots[-1] + 1, ("never told",)))
    standing.advance(slots[-1] + 2 * BEHIND)

    assert (len(slots), len(slots), 1) == (
        standing.told_count, standing.first_count, standing.missed_count,
    )  # fmt: skip


def test_the_first_is_who_told_first() -> None:
    """Of what two nodes tell, one is first; what one repeats counts once."""
    one, other, race = Standing("one"), Standing("other"), Race()
    for standing in (one, one, other):
        race.hear(standing, 5, "s", now=1.0)

    assert (1, 1, 1, 0) == (
        one.told_count, other.told_count, one.first_count, other.first_count,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "told"),
    [(Mode.TRANSACTIONS, "processed"), (Mode.BLOCKS, "confirmed"), (Mode.LOGS, "confirmed")],
)
def test_people_are_told_at_which_commitment_a_node_tells(mode: Mode, told: str) -> None:
    """Where processed is asked for, only whole transactions come at it: nodes refuse the rest."""
    standing = Standing("n")
    standing.connect(mode, commitment_in(mode, Commitment.PROCESSED))

    assert standing.detail.startswith(f"{mode} mode at {told}, slot 0")
