"""Ask the API at length whatever its description allows and forbids; print what was not so.

``python -m tests.load.asking --examples 500 --seed 7``: about half an hour of one core.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.contract.contracts.test_contracts_asked import asked


def main() -> int:
    """Ask; return 1 if an answer was not as described."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="Requests at random, each route.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(asked(Path(folder), examples=given.examples, seed=given.seed))
    for failure in found.failures:
        sys.stdout.write(f"{failure}\n\n")
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    asked_for = f"{found.statuses.total()} requests ({statuses})"
    sys.stdout.write(f"{asked_for}, {len(found.failures)} not as described\n")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
