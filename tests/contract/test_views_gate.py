"""Which progress may be seen, and which of it is still waiting."""

from schemas.topics import EMBEDDINGS, EVENTS, PROGRESS, TOKENS, TRADES
from tests import samples
from tests.samples import put
from views.index.gate import KEPT, Gate, Waiting
from views.index.own import Own, own_place
from views.index.standing import stands


def waiting(offset: int, partition: int = 0, **outputs: int) -> Waiting:
    """Return a record at an offset that names outputs."""
    names = {"trades": TRADES.name, "tokens": TOKENS.name, "events": EVENTS.name}
    record = samples.progress(
        "fold", partition, head_slot=offset, outputs={names[n]: end for n, end in outputs.items()}
    )
    return Waiting(offset, put(record, offset))


def test_it_waits_for_every_output() -> None:
    """All outputs must be there; those of topics that are not indexed do not count."""
    gate = Gate()
    gate.hold(waiting(3, trades=5, tokens=2, events=99))
    trades, tokens = (TRADES.name, 0), (TOKENS.name, 0)

    assert gate.passing({trades: 5, tokens: 1}) == []
    assert gate.first_offset() == 3
    assert [w.version for w in gate.passing({trades: 5, tokens: 2})] == [3]
    assert gate.is_empty


def test_partitions_are_their_own() -> None:
    """Outputs of another partition say nothing."""
    gate = Gate()
    gate.hold(waiting(0, partition=1, trades=5))

    assert gate.passing({(TRADES.name, 0): 9}) == []
    assert len(gate.passing({(TRADES.name, 1): 5})) == 1


def test_the_newest_that_may_be_seen_is() -> None:
    """Under a steady load the newest complete record passes; older ones are forgotten."""
    gate = Gate()
    for offset in range(10):
        gate.hold(waiting(offset, trades=offset * 10))

    assert [w.version for w in gate.passing({(TRADES.name, 0): 45})] == [4]
    assert gate.first_offset() == 5


def test_memory_is_bounded_and_the_last_is_kept() -> None:
    """However much waits, the oldest and the newest are among what is kept."""
    gate = Gate()
    for offset in range(10 * KEPT):
        gate.hold(waiting(offset, trades=offset))

    assert gate.first_offset() == 0
    assert [w.version for w in gate.passing({(TRADES.name, 0): 10**6})] == [10 * KEPT - 1]


def test_where_vectors_stand_is_said_when_it_has_moved() -> None:
    """Only of vectors, only what is new; each word is greater than the last, and is believed."""
    place, other = (EMBEDDINGS.name, 0), (TRADES.name, 0)
    own = Own({EMBEDDINGS.name: 50, PROGRESS.name: 70})

    assert [] == own.news({place: 0, other: 9})
    (first,) = own.news({place: 3, other: 9})
    assert [] == own.news({place: 3, other: 10})
    (second,) = own.news({place: 5, other: 10})
    assert 70 < first.version < second.version
    assert first.key == second.key
    assert second.record is not None
    assert {place: 5} == stands([second.record])
    assert place == own_place(second.record)
    assert own_place(samples.progress("fold")) is None
