"""A market served by nodes that go wrong, through a whole ``btracker up``: the truth, no gap."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.deployment import Deployment
from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import recording
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits
from tests.shared import MARKET
from tests.truth import Market, load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MARKET.exists(), reason="the recorded market's truth is not here"),
]

COUNT = 1_000
SPEED = 2_000
THREE = (
    NodeFaults(drop=0.05, all_ones=0.02, duplicate=0.05),
    NodeFaults(drop=0.05, traits=Traits(transactions=False), disconnect_every_s=3.0),
    NodeFaults(drop=0.05, traits=Traits(blocks=False, transactions=False), lag=30),
)
"""Each misses every twentieth notification; one hangs up all the time, one is 30 slots behind."""


class Part(Market):
    """The market on a chain that holds its beginning, as far as trades tell it.

    Posts come another way. A block has one time: that of the first transaction recorded in it.
    """

    def __init__(self, api: Any, truth: dict[str, Any], chain: Chain) -> None:
        super().__init__(api, truth)
        self.truth = {"tokens": dict(_until(truth, chain))}

    def curve(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return (answer, truth) of the counts; nobody knows the curve in the midst of the day."""
        return {
            "trade count": (got["trades"], len(want["trades"])),
            "holder count": (got["holders"], want["holders"]),
        }

    def post(self, got: Any, want: Any) -> dict[str, tuple[Any, Any]]:
        """Return nothing: no X was listened to."""
        return {}


def _until(truth: dict[str, Any], chain: Chain) -> Any:
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
            yield mint, {**token, **known, "launch_time": chain.times[token["launch_slot"]]}


def told(nodes: Nodes) -> dict[str, str]:
    """Return what ``btracker up`` is told of the nodes: whole blocks and processed ones alike."""
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


def kill_collector(up: Deployment) -> None:
    """End the collector at once."""
    os.kill(int((up.data / "run" / "collect.pid").read_text().split()[0]), signal.SIGKILL)


@pytest.mark.parametrize("kills", [0, 3])
async def test_faulty_nodes_end_in_the_truth(tmp_path: Path, kills: int) -> None:
    """Drops, disconnects, lag, forks at processed, a killed collector: no figure differs."""
    chain = chain_of(recording(MARKET, count=COUNT), empty_share=0.0, fork_rate=0.05)
    last = max(chain.filled)
    async with serve_nodes(chain, THREE) as nodes:
        up = Deployment(tmp_path, env=told(nodes))
        try:
            await asyncio.to_thread(up.start)
            await asyncio.wait_for(nodes[0].until_subscribed(2), 60)
            playing = asyncio.create_task(nodes.play(SPEED))
            for _ in range(kills):
                connected = nodes[0].asked["slotSubscribe"]
                kill_collector(up)
                while nodes[0].asked["slotSubscribe"] == connected:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            await playing
            await asyncio.to_thread(up.reach, last)
            differences = await asyncio.to_thread(Part(up.api, load(MARKET), chain).differences)
            audit = await asyncio.to_thread(up.command_on, "audit")
            status = await asyncio.to_thread(up.status)
        finally:
            await asyncio.to_thread(up.stop)
            up.api.close()

    assert [] == differences
    assert 0 == audit.returncode, audit.stdout
    assert status is not None
    assert 0 == status["counts"]["deadLettered"]
    assert 4 == len(status["sources"])
