"""Seeded bugs: each rule of the product, broken on purpose, is noticed by the simulation."""

import pytest

from tests.simulation.mutations import MUTATIONS, broken
from tests.simulation.noticed import seeds_for
from tests.simulation.seeds import first_failure

MOST_SEEDS = 2_000
"""Most take a handful. A change elsewhere changes what each seed does, so there is a margin."""


@pytest.mark.parametrize("sentence", MUTATIONS)
def test_a_bug_is_noticed(sentence: str) -> None:
    """Some seed breaks a promise; the one that did last is asked first."""
    with broken(sentence):
        found = first_failure(seeds_for(sentence, MOST_SEEDS))

    assert found is not None, f"in {MOST_SEEDS} seeds nobody noticed that {sentence}"
    seed, how = found
    assert how.startswith("BrokenPromiseError"), (seed, how)


def test_there_are_enough() -> None:
    """Twenty seeded bugs were asked for."""
    assert len(MUTATIONS) >= 20
