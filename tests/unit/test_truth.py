"""The comparison with a recorded truth: what is absent is a difference with a name."""

from typing import Any

import httpx
import pytest

from tests.truth import Market

NAMES = ("name", "symbol", "uri", "pool", "config", "creator", "decimals", "launchpad")
FACTS = (*NAMES, "supply", "launchSlot", "launchedAt", "launchSignature")
CURVE = ("threshold", "baseReserve", "quoteReserve", "sqrtPriceX64")
STATE = ("stage", "price", "completedAt", "trades", "holders")
WANT: dict[str, Any] = {
    **dict.fromkeys(NAMES, "x"), "decimals": 6, "supply": 10**15, "launch_slot": 1,
    "launch_time": 1, "launch_signature": "s", "threshold": 1, "base_reserve": 1,
    "quote_reserve": 1, "sqrt_price_x64": "1", "complete": True, "completed_time": 1,
    "trade_count": 1, "holders": 1,
}  # fmt: skip


@pytest.mark.parametrize("part", ["facts", "curve"])
def test_a_token_of_which_nothing_is_known_is_named(part: str) -> None:
    """Each figure differs from the truth, and each is told."""
    got = {**dict.fromkeys((*FACTS, *STATE)), "curve": dict.fromkeys(CURVE)}
    pairs = getattr(Market(httpx.Client(), {}), part)(got, WANT)

    assert pairs
    assert [name for name, (have, want) in pairs.items() if have == want] == []
