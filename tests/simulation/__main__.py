"""``python -m tests.simulation SEED`` replays one run; ``--seeds 1000000 --from N`` does many.

``--mutations`` lets each seeded bug run until it is noticed, ``--keep`` notes by which seed.
"""

import argparse
import multiprocessing
import sys
import time
import traceback
from collections.abc import Iterator, Sequence

from tests.simulation import noticed
from tests.simulation.mutations import MUTATIONS, broken
from tests.simulation.run import Simulation
from tests.simulation.seeds import digest, first_failure

SHOWN = 60
"""Last things that happened, shown of a run that failed."""
BLOCK = 50


def say(text: str, end: str = "\n") -> None:
    """Print at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def replay(seed: int) -> int:
    """Run one seed; print what happened if it fails."""
    simulation = Simulation(seed)
    try:
        simulation.run()
    except Exception:  # noqa: BLE001 - Shown, whatever it is.
        say("\n".join(simulation.trace[-SHOWN:]))
        traceback.print_exc(file=sys.stdout)
        say(f"Seed {seed} fails after {simulation.steps} steps.")
        return 1
    say(f"Seed {seed} holds: {simulation.steps} steps, digest {digest(simulation)}.")
    return 0


def many(first: int, count: int, jobs: int) -> int:
    """Run many seeds; stop at the first that fails."""
    began, done = time.monotonic(), 0
    for block, found in _results(first, count, jobs):
        if found is not None:
            say(f"\nSeed {found[0]} fails: {found[1]}")
            say(f"python -m tests.simulation {found[0]} replays it.")
            return 1
        done += len(block)
        say(f"\r{done} seeds hold, {done / (time.monotonic() - began):.1f} a second", end="")
    say("")
    return 0


def _results(first: int, count: int, jobs: int) -> Iterator[tuple[range, tuple[int, str] | None]]:
    last = first + count
    blocks = [range(at, min(at + BLOCK, last)) for at in range(first, last, BLOCK)]
    if jobs == 1:
        yield from ((block, first_failure(block)) for block in blocks)
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from zip(blocks, pool.imap(first_failure, blocks), strict=True)


def mutants(limit: int, sentences: Sequence[str], *, keep: bool) -> int:
    """Print how many seeds it takes to notice each seeded bug."""
    seeds: dict[str, int] = {}
    for sentence in sentences:
        with broken(sentence):
            found = first_failure(range(limit))
        if found is not None:
            seeds[sentence] = found[0]
        how = "is not noticed" if found is None else found[1][:90]
        say(f"{'-' if found is None else found[0] + 1:>5}  {sentence}: {how}")
    if keep:
        others = {name: seed for name, seed in noticed.read().items() if name in MUTATIONS}
        noticed.write(others | seeds)
    return int(len(seeds) < len(sentences))


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", type=int, nargs="?", help="replay this run")
    parser.add_argument("--seeds", type=int, default=2_000, help="how many runs")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--mutations", nargs="*", metavar="PART", help="bugs, by part of name")
    parser.add_argument("--keep", action="store_true", help="note which seeds noticed them")
    given = parser.parse_args()
    if given.mutations is not None:
        parts = given.mutations or [""]
        chosen = [m for m in MUTATIONS if any(part in m for part in parts)]
        return mutants(given.seeds, chosen, keep=given.keep)
    if given.seed is not None:
        return replay(given.seed)
    return many(given.first, given.seeds, given.jobs)


if __name__ == "__main__":
    sys.exit(main())
