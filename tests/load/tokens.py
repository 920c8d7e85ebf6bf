"""What a worker costs when there are very many tokens, or one that is traded like all others.

usage: python -m tests.load.tokens --tokens 1000000 [--hot 0.9] [--trades 50000]

A made-up market is folded by ``btracker worker`` on the embedded broker; it must end in the state
that brute force expects. Prints JSON: the time from a trade's record to its rows, and memory.
"""

import argparse
import asyncio
import json
import sys

from btracker.bench.pipeline.contestants import WORKER
from btracker.bench.pipeline.course import backlog
from btracker.bench.pipeline.machinery import shared_cores
from btracker.bench.pipeline.market import Plan
from btracker.bench.pipeline.race import PARTITIONS, SEED, lap


async def measure(plan: Plan) -> dict[str, float]:
    """Return what folding a market's trades costs.

    Raises:
        BtrackerError: the worker did not end in the right state.
    """
    with shared_cores() as cores:
        pace = await lap(WORKER, backlog(plan), kafka=None, cores=cores)
    return {
        "tokens": plan.tokens,
        "hot": plan.hot,
        "events": pace.events,
        "eventsPerSecond": round(pace.events / pace.wall_s),
        "cpuUsPerEvent": round(pace.cpu_s / pace.events * 1e6, 1),
        "memoryMb": pace.memory // 2**20,
        "memoryBytesPerToken": pace.memory // plan.tokens,
    }


def main() -> int:
    """Measure, and show the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--trades", type=int, default=50_000)
    parser.add_argument("--hot", type=float, default=0.0, help="share of the first token")
    asked = parser.parse_args()
    plan = Plan(SEED, asked.tokens, asked.trades, PARTITIONS, hot=asked.hot)
    sys.stdout.write(json.dumps(asyncio.run(measure(plan))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
