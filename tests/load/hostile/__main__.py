"""Run it, and show the figures."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.load.hostile.run import run, wrong


def main() -> int:
    """Attack; return 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=100_000, help="Requests and messages.")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(run(Path(folder), number=asked.number, seed=asked.seed))
    figures["seconds"] = round(time.monotonic() - began)
    sys.stdout.write(json.dumps({**figures, "wrong": wrong(figures)}, indent=2) + "\n")
    return 1 if wrong(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
