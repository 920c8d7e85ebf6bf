"""The measurements of the serving side, small: they run to their end and have every figure."""

import json
import shutil
from typing import Any

import pytest
from click.testing import CliRunner

from btracker.bench.api.kinds import KINDS
from btracker.bench.ws.balancer import PATH
from btracker.bench.ws.clients import frame_end
from btracker.commands.bench import command

pytestmark = pytest.mark.slow


def measured(*options: str) -> dict[str, Any]:
    """Return what a measurement prints."""
    answer = CliRunner().invoke(command, [*options, "--json"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def test_a_small_measurement_of_the_api_is_complete() -> None:
    """Each kind of request is answered and has its figures; hot ones stand beside a floor."""
    result = measured("api", "--tokens", "150", "--seconds", "0.2", "--runs", "1")
    kinds = result["kinds"]

    assert set(KINDS) == set(kinds)
    assert all(kind["api"]["perSecond"] > 0 for kind in kinds.values())
    assert {name: asked.has_floor for name, asked in KINDS.items()} == {
        name: kind["floor"] is not None for name, kind in kinds.items()
    }


def test_a_small_measurement_of_live_connections_is_complete() -> None:
    """Everybody got everything from both: one delta for each update and subscriber."""
    result = measured("ws", "--connections", "32", "--seconds", "0.2", "--updates", "2")

    for server in (result["api"], result["floor"]):
        assert (32, 0) == (server["connections"], server["failed"])
        assert server["paced"]["messages"] >= 200 * 8
        assert server["everybody"]["maxMs"] >= server["everybody"]["p50Ms"] > 0


@pytest.mark.skipif(not shutil.which("nginx", path=PATH), reason="nginx is not installed")
def test_replicas_are_measured_behind_nginx() -> None:
    """With two of them there are twice the connections, and nothing is lost on the way."""
    result = measured(
        "ws", "--connections", "32", "--seconds", "0.1", "--updates", "1", "--replicas", "2"
    )

    assert (64, 32, 2) == (
        result["api"]["connections"], result["floor"]["connections"], result["replicas"],
    )  # fmt: skip
    assert result["api"]["paced"]["messages"] >= 100 * 16


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_told_apart(size: int) -> None:
    """A frame of any length ends where the next one begins, and not before all of it has come."""
    length = (
        bytes([size])
        if size < 126
        else bytes([126]) + size.to_bytes(2)
        if size < 65_536
        else bytes([127]) + size.to_bytes(8)
    )
    frame = b"\x81" + length + b"x" * size

    assert len(frame) == frame_end(frame + b"\x81\x01y", 0)
    assert frame_end(frame[:-1], 0) is None or size == 0
