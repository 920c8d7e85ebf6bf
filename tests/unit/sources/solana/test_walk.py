"""The walk: what is complete is proved by parents, in whatever order blocks come."""

from hypothesis import given
from hypothesis import strategies as st

from streams.sources.solana.walk import WAITING_MAX, Walk
from tests.unit.sources.solana.blocks import block


@st.composite
def chains(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Give the (slot, parent) of blocks behind slot 10; slots between them were skipped."""
    slots = sorted(draw(st.sets(st.integers(11, 60), min_size=1)))
    return list(zip(slots, [10, *slots], strict=False))


@given(chain=chains(), data=st.data())
def test_nothing_is_complete_before_all_before_it_came(
    chain: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Shuffled, repeated, with some withheld: it never passes a block that has not come."""
    arriving = data.draw(st.lists(st.sampled_from(chain), max_size=80))
    walk, came, linked = Walk(10), set[int](), list[int]()
    for slot, parent in arriving:
        steps = walk.take(block(slot, parent))
        came.add(slot)
        linked += [one.slot for one in steps.linked]
        reachable = next((s for s, _ in chain if s not in came), 100)
        expected = max((s for s, _ in chain if s < reachable), default=10)

        assert expected == walk.through
        assert () == steps.refused
    assert linked == [slot for slot, _ in chain if slot <= walk.through]


@given(chain=chains(), data=st.data())
def test_what_is_missing_is_named_until_all_has_come(
    chain: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Whoever brings each block that is said to be missing reaches the last one."""
    parents = dict(chain)
    walk = Walk(10)
    walk.take(block(*chain[-1]))
    while (missing := walk.missing) is not None:
        walk.take(block(missing, parents[missing]))

    assert (chain[-1][0], 0) == (walk.through, walk.waiting)


def test_a_block_of_another_fork_is_refused() -> None:
    """A block that leaves out one that was reached is not taken, and nothing moves."""
    walk = Walk(10)
    walk.take(block(12, 10))
    steps = walk.take(block(14, 11))

    assert (12, 1) == (walk.through, len(steps.refused))
    assert 14 == walk.take(block(14, 12)).linked[0].slot


def test_a_block_behind_another_one_of_the_same_slot_is_refused() -> None:
    """Two forks may have a block in one slot: its hash says which of them is meant."""
    walk = Walk(10)
    walk.take(block(12, 10)._replace(hash="a"))
    wrong, right = (block(14, 12)._replace(parent_hash=name) for name in ("b", "a"))

    assert (wrong,) == walk.take(wrong).refused
    assert (right,) == walk.take(right).linked


def test_the_first_block_may_come_from_anywhere_before() -> None:
    """Where a walk begins need not be the slot of a block."""
    walk = Walk(10)

    assert 15 == walk.take(block(15, 7)).linked[0].slot


def test_a_block_that_is_on_no_chain_does_not_stand_in_the_way() -> None:
    """A block whose parent nobody has is forgotten, and those behind it go on without it."""
    walk = Walk(108)
    for slot, parent in ((110, 109), (111, 108)):
        walk.take(block(slot, parent))
    assert (109, 108) == (walk.missing, walk.through)
    walk.doubt()
    walk.take(block(112, 111))

    assert (112, 0) == (walk.through, walk.waiting)


def test_blocks_that_wait_are_not_kept_without_end() -> None:
    """However long a gap is not filled, what comes behind it takes up so much and no more."""
    walk = Walk(10)
    for slot in range(12, 12 + 3 * WAITING_MAX):
        walk.take(block(slot, slot - 1))

    assert WAITING_MAX == walk.waiting
    assert walk.has(12)
    assert 11 + WAITING_MAX == walk.take(block(11, 10)).linked[-1].slot
