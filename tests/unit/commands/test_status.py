"""The line that says how far everything is."""

import doctest
from typing import Any

import pytest

from btracker import terminal
from btracker.status import status_line
from btracker.terminal import fitted


def status(detail: str | None, *, lag_ms: int) -> dict[str, Any]:
    """Return what the API says of the recorded day."""
    return {
        "chain": {"lagMs": lag_ms},
        "sources": [
            {"name": "recording:day", "kind": "chain", "detail": detail},
            {"name": "recording:day", "kind": "x", "detail": "28 posts"},
        ],
        "counts": {"transactions": 6_043, "trades": 5_900, "tokens": 40},
        "store": {"indexedSlot": 452_233_139},
    }


def test_its_examples_hold() -> None:
    """What the docstring of the cut shows is so."""
    assert 0 == doctest.testmod(terminal).failed


def test_trades_and_tokens_are_seen_in_80_columns() -> None:
    """What is left out stands last, and no figure is cut in two."""
    line = status_line(status("6,043 of 6,043 lines", lag_ms=5_561_000_000))

    assert line.endswith(" · indexed to 452,233,139")
    assert (
        "replayed 6,043/6,043 · decoded 6,043 · lag 64 days · 5,900 trades of 40 tokens"
        == fitted(line, 79)
    )


def test_a_source_that_says_nothing_is_no_none() -> None:
    """At a restart a source is known, but not how far it is."""
    assert status_line(status(None, lag_ms=0)).startswith("replayed nothing yet ·")


def test_live_nodes_are_counted() -> None:
    """Of a live chain it says how many nodes are listened to."""
    nodes = [
        {"name": f"solana:{place}:443", "kind": "chain", "state": state, "detail": "logs mode"}
        for place, state in enumerate(["running", "stalled", "running"])
    ]
    told = {**status(None, lag_ms=0), "sources": nodes}

    assert status_line(told).startswith("2 of 3 nodes · decoded 6,043")


@pytest.mark.parametrize(
    ("lag_ms", "told"),
    [(1_500, "1.5 s"), (600_000, "10 min"), (36_000_000, "10 h"), (864_000_000, "10 days")],
)
def test_a_lag_has_its_unit(lag_ms: int, told: str) -> None:
    """Seconds, minutes, hours or days: the one that says it in few digits."""
    assert f" · lag {told} · " in status_line(status("1 lines", lag_ms=lag_ms))
