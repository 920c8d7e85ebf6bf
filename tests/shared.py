"""Facts that lie beside the project: recorded transactions, IDLs, a market with its truth."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from btracker.deployment import DEMO
from streams.sources.recording import CHAIN
from streams.sources.zst import zst_lines

SHARED = Path(__file__).parents[2] / "shared"
MARKET = SHARED / "recordings" / "market-a"

needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the shared facts are not beside the project"
)


@cache
def market_lines() -> tuple[bytes, ...]:
    """Return the transactions of the bundled recording, in chain order."""
    return tuple(zst_lines(DEMO / CHAIN))


@cache
def market_truth() -> dict[str, Any]:
    """Return what the chain's accounts and balances say of the market of that recording."""
    return json.loads((MARKET / "truth.json").read_text())


def recorded(name: str) -> bytes:
    """Return a recorded transaction, by folder and name."""
    return (SHARED / "recorded" / f"{name}.json").read_bytes()
