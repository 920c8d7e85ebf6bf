"""Seeded bugs: each rule of the product, broken on purpose, is noticed by the simulation."""

import pytest

from tests.simulation.mutations import MUTATIONS, broken
from tests.simulation.seeds import first_failure

MOST_SEEDS = 2_000
"""Most take a handful. A change elsewhere changes what each seed does, so there is a margin."""


@pytest.mark.parametrize("sentence", MUTATIONS)
def test_a_bug_is_noticed(sentence: str, record_property: pytest.FixtureRequest) -> None:
    """Some seed breaks a promise; the report says how many it took."""
    with broken(sentence):
        found = first_failure(range(MOST_SEEDS))

    assert found is not None, f"in {MOST_SEEDS} seeds nobody noticed that {sentence}"
    seed, how = found
    record_property("seeds", seed + 1)
    print(f"{seed + 1} seeds until it was noticed that {sentence}: {how[:100]}")  # noqa: T201
    assert how.startswith("BrokenPromiseError"), how


def test_there_are_enough() -> None:
    """Twenty seeded bugs were asked for."""
    assert len(MUTATIONS) >= 20
