"""The test node's faults as pure functions: chance by seed and key, limits by brute force."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.node.faults import NodeFaults, happens
from tests.node.limits import Bucket
from tests.node.spoiling import ALL_ONES, spoiled
from tests.node.subscriptions import Note


@settings(max_examples=20, deadline=None)
@given(share=st.floats(0.05, 0.95), seed=st.integers(0, 1_000))
def test_chance(share: float, seed: int) -> None:
    """About that share of keys is hit, and always the same; none and all are exact."""
    hit = [happens(share, seed, number) for number in range(2_000)]

    assert hit == [happens(share, seed, number) for number in range(2_000)]
    assert abs(sum(hit) / len(hit) - share) < 0.06
    assert not any(happens(0.0, seed, number) for number in range(100))
    assert all(happens(1.0, seed, number) for number in range(100))


@given(
    asks=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 4)), max_size=60),
    per_s=st.sampled_from([1, 5, 20]),
)
def test_bucket(asks: list[tuple[int, int]], per_s: int) -> None:
    """What is taken never exceeds a second's worth and what time has brought since, in any span."""
    now, at = 0.0, []
    bucket = Bucket(lambda: now)
    for wait_ms, count in asks:
        now += wait_ms / 1_000
        if bucket.takes(count, per_s=per_s):
            at.append((now, count))

    for place, (begin, _) in enumerate(at):
        for end, _ in at[place:]:
            taken = sum(count for when, count in at if begin <= when <= end)
            assert taken <= per_s + (end - begin) * per_s + 1e-6


def test_bucket_is_not_stricter_than_it_says() -> None:
    """Who asks as often as is allowed, evenly, is never refused; one more at once is."""
    now = 0.0
    bucket = Bucket(lambda: now)
    for number in range(200):
        now = number / 5
        assert bucket.takes(1, per_s=5)
    now += 100

    assert [True] * 5 + [False] == [bucket.takes(1, per_s=5) for _ in range(6)]


FAULTS = st.builds(
    NodeFaults,
    duplicate=st.sampled_from([0.0, 0.4]),
    reorder=st.sampled_from([0.0, 0.4, 1.0]),
    all_ones=st.sampled_from([0.0, 0.4]),
)


@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=12), faults=FAULTS)
def test_nothing_is_lost_that_is_not_dropped(sizes: list[int], faults: NodeFaults) -> None:
    """Whatever is repeated, held back or added: each notification comes, at least once."""
    heard, held, due = [], [], []
    for step, size in enumerate(sizes):
        notes = [_log(f"{step}/{number}") for number in range(size)]
        due += notes
        last = step == len(sizes) - 1
        now, held = spoiled(notes, held, faults, key="0/0", last=last)
        heard += now

    real = [note for note in heard if note.result["value"]["signature"] != ALL_ONES]
    assert [] == held
    assert {note.key for note in due} == {note.key for note in real}
    assert faults.duplicate or len(due) == len(real)
    assert faults.reorder or list(dict.fromkeys(real_keys(real))) == real_keys(due)


def real_keys(notes: list[Note]) -> list[str]:
    """Return the keys, in order."""
    return [note.key for note in notes]


def _log(key: str) -> Note:
    return Note(key, {"context": {"slot": 1}, "value": {"signature": key, "err": None, "logs": []}})
