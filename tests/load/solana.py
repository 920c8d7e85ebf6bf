"""A recorded market served by nodes that go wrong, through a whole ``btracker up``.

``python -m tests.load.solana --help``: the whole day, for as long as it takes. The test in
``e2e/test_solana_market.py`` does the beginning of it.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.e2e.deployment import Deployment
from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import recording
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits
from tests.shared import MARKET
from tests.truth import Market, load, rfc3339

THREE = (
    NodeFaults(drop=0.05, all_ones=0.02, duplicate=0.05),
    NodeFaults(drop=0.05, traits=Traits(transactions=False), disconnect_every_s=3.0),
    NodeFaults(drop=0.05, traits=Traits(blocks=False, transactions=False), lag=30),
)
"""Each misses every twentieth notification; one hangs up all the time, one is 30 slots behind."""
PATIENCE_S = 120.0


class Plan(NamedTuple):
    """What to serve, how fast, and how often the collector is killed meanwhile.

    ``count``: transactions, None: the whole day. ``every_s`` seconds lie between ``kills``.
    ``replays``: at last it is recorded, and replayed to another deployment.
    """

    count: int | None
    speed: float
    kills: int
    every_s: float = 0.0
    replays: bool = False


class Outcome(NamedTuple):
    """What differs from the truth, what the audit prints and exits with, and the status.

    ``replayed``: what differs in a replay of what was recorded; empty too where there is none.
    """

    differences: list[str]
    replayed: list[str]
    audit: str
    audit_code: int
    status: dict[str, Any]


class Served(Market):
    """The market on a chain that holds its beginning, as far as trades tell it.

    Posts come another way. A block has one time: that of the first transaction recorded in it. A
    few slots were recorded with two, which no chain has; there a program states its own, and both
    are taken for the block's.
    """

    def __init__(self, api: Any, truth: dict[str, Any], chain: Chain) -> None:
        super().__init__(api, truth)
        self._chain = chain
        self._recorded = {(trade[1], rfc3339(trade[0])) for trade in _trades(truth)}
        self._is_whole = max(chain.filled) >= truth["end_slot"]
        self.truth = {"tokens": dict(_until(truth, chain))}

    def curve(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return (answer, truth) of the curve at the end of the day; before, of its counts."""
        if self._is_whole:
            return super().curve(got, want)
        return {
            "trade count": (got["trades"], len(want["trades"])),
            "holder count": (got["holders"], want["holders"]),
        }

    def trades(self, mint: str) -> list[tuple[Any, ...]]:
        """Return the token's trades as answered, newest first, at the times of their blocks."""
        return [
            (rfc3339(self._chain.times[slot]), slot, *rest)
            if (slot, time) in self._recorded and slot in self._chain.times
            else (time, slot, *rest)
            for time, slot, *rest in super().trades(mint)
        ]

    def post(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return nothing: no X was listened to."""
        return {}


def _trades(truth: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield all trades of all tokens."""
    return (trade for token in truth["tokens"].values() for trade in token["trades"])


def _until(truth: dict[str, Any], chain: Chain) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tokens launched by the end of a chain, with their trades and holders by then."""
    last = max(chain.filled)
    for mint, token in truth["tokens"].items():
        if token["launch_slot"] <= last:
            trades = [
                [chain.times[trade[1]], *trade[1:]] for trade in token["trades"] if trade[1] <= last
            ]
            held = Counter[str]()
            for _, _, side, _, base, trader, _ in trades:
                held[trader] += base if side == "buy" else -base
            top = [(owner, amount) for owner, amount in held.most_common(10) if amount > 0]
            holders = sum(amount > 0 for amount in held.values())
            known = {"trades": trades, "holders": holders, "top_holders": top}
            at = {"launch_time": chain.times[token["launch_slot"]]}
            if token["complete"] and token["completed_time"] is not None:
                at["completed_time"] = _completed(token, chain)
            yield mint, {**token, **known, **at}


def _completed(token: dict[str, Any], chain: Chain) -> int:
    """Return the time of the block of the trade that completed a curve: its last buy."""
    slots = [trade[1] for trade in token["trades"] if trade[0] == token["completed_time"]]
    return chain.times.get(slots[-1], token["completed_time"])


def told(nodes: Nodes) -> dict[str, str]:
    """Return what ``btracker up`` is told of the nodes: processed transactions, too."""
    return {
        **os.environ,
        "BTRACKER_SOLANA": nodes.solana,
        "BTRACKER_SOLANA_COMMITMENT": "processed",
        "BTRACKER_SOLANA_REQUESTS_PER_S": "2000",
        "BTRACKER_SOLANA_SWEEP_S": "0.2",
        "BTRACKER_SOLANA_STALL_S": "5",
        "BTRACKER_SOLANA_FROM_SLOT": str(nodes.chain.slots[0]),
        "BTRACKER_FETCH_DOCUMENTS": "false",
    }


async def run(plan: Plan, data: Path) -> Outcome:
    """Serve a market to a deployment in *data*; return how it ends."""
    chain = chain_of(recording(MARKET, count=plan.count), empty_share=0.0, fork_rate=0.05)
    async with serve_nodes(chain, THREE) as nodes:
        up = Deployment(data, env=told(nodes))
        try:
            await asyncio.to_thread(up.start)
            async with asyncio.timeout(PATIENCE_S):
                await nodes[0].until_subscribed(2)
            playing = asyncio.create_task(nodes.play(plan.speed))
            await _kill_collectors(plan, nodes[0].asked, up)
            await playing
            return await asyncio.to_thread(_judge, up, chain, replays=plan.replays)
        finally:
            await asyncio.to_thread(up.stop)
            up.api.close()


async def _kill_collectors(plan: Plan, asked: Counter[str], up: Deployment) -> None:
    """End the collector at once, as soon as the one before listens again."""
    for _ in range(plan.kills):
        await asyncio.sleep(plan.every_s)
        connected = asked["slotSubscribe"]
        os.kill(int((up.data / "run" / "collect.pid").read_text().split()[0]), signal.SIGKILL)
        while asked["slotSubscribe"] == connected:  # noqa: ASYNC110  # The node has no event for it.
            await asyncio.sleep(0.1)


def _judge(up: Deployment, chain: Chain, *, replays: bool) -> Outcome:
    up.reach(max(chain.filled), within_s=PATIENCE_S)
    differences = Served(up.api, load(MARKET), chain).differences()
    audit = up.command_on("audit")
    replayed = _replayed(up, chain) if replays else []
    return Outcome(differences, replayed, audit.stdout, audit.returncode, up.status() or {})


def _replayed(up: Deployment, chain: Chain) -> list[str]:
    """Record what a deployment has heard; return what differs where that is replayed."""
    recorded = up.data.parent / "recorded"
    said = up.command_on("record", str(recorded), "--until-end")
    if said.returncode:
        return [said.stderr]
    options = ("--recording", str(recorded), "--speed", "max")
    with Deployment(up.data.parent / "replayed", *options) as other:
        other.wait(max(chain.filled), within_s=PATIENCE_S)
        return Served(other.api, load(MARKET), chain).differences()


def main() -> None:
    """Serve a day, and exit with 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.solana")
    parser.add_argument("--count", type=int, help="transactions; the whole day without it")
    parser.add_argument("--speed", type=float, default=500.0, help="chain seconds per second")
    parser.add_argument("--kills", type=int, default=15, help="how often the collector is killed")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between kills")
    parser.add_argument("--replay", action="store_true", help="record it, and replay that too")
    asked = parser.parse_args()
    plan = Plan(asked.count, asked.speed, asked.kills, asked.every, asked.replay)
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(plan, Path(folder) / "data"))
    told = [*outcome.differences, *outcome.replayed, outcome.audit, str(outcome.status), ""]
    sys.stdout.write("\n".join(told))
    sys.exit(1 if outcome.differences or outcome.replayed or outcome.audit_code else 0)


if __name__ == "__main__":
    main()
