"""The budget: however requests come, no second has more of them than is allowed."""

import asyncio
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.solana.budget import Budget
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.nodes import parse_nodes
from streams.sources.solana.pool import Pool
from streams.sources.solana.rpc import LIMITED_S, LONGEST_PAUSE_S, Rpc, seconds_of


def sent(budget: Budget, arrivals: list[float]) -> list[float]:
    """Return when requests go out that want to at *arrivals*, one after the other."""
    now, out = 0.0, []
    for at in arrivals:
        now = max(now, at)
        while (wait_s := budget.take(now)) > 0:
            now += wait_s
        out.append(now)
    return out


@given(
    per_s=st.integers(1, 50), gaps=st.lists(st.sampled_from([0.0, 0.01, 0.3, 2.0]), max_size=120)
)  # fmt: skip
def test_no_second_has_more_than_is_allowed(per_s: int, gaps: list[float]) -> None:
    """Counted in every second that begins with a request."""
    arrivals = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    out = sent(Budget(per_s), arrivals)

    assert all(sum(at <= other < at + 1.0 for other in out) <= per_s for at in out)


def test_what_is_allowed_is_used() -> None:
    """Whoever always wants more gets most of it: 95 of 100 in each second, after a first burst."""
    out = sent(Budget(100), [0.0] * 1_000)

    assert out[-1] < 1_000 / 100 * 1.45


@given(before=st.integers(0, 30), pause_s=st.floats(0.5, 100))
def test_a_pause_is_kept(before: int, pause_s: float) -> None:
    """After a refusal nothing goes out until the pause is over, and then no burst."""
    budget = Budget(20)
    now = max([0.0, *sent(budget, [0.0] * before)])
    budget.pause(now + pause_s)
    out = sent(budget, [now] * 5)

    assert out[0] >= now + pause_s
    assert all(later > at for at, later in pairwise(out))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, LIMITED_S), ("5", 5.0), ("0", LIMITED_S), ("86400", LONGEST_PAUSE_S),
        ("²", LIMITED_S), ("Wed, 21 Oct 2026 07:28:00 GMT", LIMITED_S),
    ],
)  # fmt: skip
def test_how_long_a_node_asks_for(said: str | None, seconds: float) -> None:
    """Seconds within reason; nothing, or a date, is a second."""
    assert seconds == seconds_of(said)


async def test_who_waits_in_line_counts() -> None:
    """How long a request would wait is told before it is made, so that it can be left to others."""
    nowhere: Any = None
    rpc = Rpc(parse_nodes("ws://n")[0], nowhere, per_s=4, cluster=Cluster())
    assert Pool([rpc]).wait_s() == 0
    waiting = [asyncio.create_task(rpc.wait()) for _ in range(41)]
    await asyncio.sleep(0)
    told_s = Pool([rpc]).wait_s()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

    assert told_s >= 10
    assert rpc.wait_s(time.monotonic()) < 1
