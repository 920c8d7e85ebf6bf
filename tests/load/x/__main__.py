"""``python -m tests.load.x``: read the command line and run."""

import argparse
import sys

from tests.load.x.run import QUIET_S, Plan, run


def main() -> int:
    """Run; 1: a post was lost, a limit broken, or links differ from those of a quiet run."""
    parser = argparse.ArgumentParser(description="A collector against an X that goes wrong.")
    parser.add_argument("--seconds", type=float, default=3_600.0, help="how long people post")
    parser.add_argument("--per-s", type=float, default=5.0, help="wishes in a second, about")
    parser.add_argument("--trouble-every-s", type=float, default=20.0)
    parser.add_argument("--kill-every-s", type=float, default=300.0)
    parser.add_argument(
        "--quiet-s", type=float, default=QUIET_S, help="to catch up at the end, at most"
    )
    parser.add_argument("--seed", type=int, default=0)
    return run(Plan(**vars(parser.parse_args())))


if __name__ == "__main__":
    sys.exit(main())
