"""Seeded bugs: one rule of the product at a time, broken on purpose, for the simulation to notice.

Each is a list of patches: where, which name, and what stands there instead. A simulation that runs
with one of them has to end in a broken promise for some seed, or nobody watches that rule.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from tests.simulation.mutations import decoding, folding, telling, writing
from tests.simulation.mutations.registry import MUTATIONS

__all__ = ["MUTATIONS", "broken", "decoding", "folding", "telling", "writing"]


@contextmanager
def broken(name: str) -> Iterator[None]:
    """Let the product have one bug."""
    with ExitStack() as stack:
        for where, attribute, value in MUTATIONS[name]():
            stack.enter_context(mock.patch.object(where, attribute, value))
        yield
