"""Running seeds: one after another, until one fails."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256

from tests.simulation.run import Simulation

COLLECT_EVERY = 25


def failure(seed: int) -> str | None:
    """Run a seed; return what was broken, None if nothing was."""
    try:
        Simulation(seed).run()
    except Exception as error:  # noqa: BLE001 - Whatever escapes is the finding.
        return f"{type(error).__name__}: {error}"
    return None


def first_failure(seeds: Iterable[int]) -> tuple[int, str] | None:
    """Run seeds until one fails; return it, and what was broken."""
    with without_collector():
        for number, seed in enumerate(seeds):
            if number % COLLECT_EVERY == 0:
                gc.collect()
            found = failure(seed)
            if found is not None:
                return seed, found
    return None


@contextmanager
def without_collector() -> Iterator[None]:
    """Look for no cycles meanwhile: that is a sixth of the time."""
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def digest(simulation: Simulation) -> str:
    """Return a few letters that tell what all logs of a run hold."""
    logs = sorted(simulation.broker.logs.items())
    said = [(place, log.end, [tuple(r)[2:6] for r in log.records]) for place, log in logs]
    return sha256(repr(said).encode()).hexdigest()[:12]
