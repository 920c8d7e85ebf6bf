"""``btracker doctor``: what is there, and whether it gets on."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.brokers import Broker
from tests.e2e.audit.conftest import count, until
from tests.e2e.deployment import BTRACKER, Deployment
from tests.shared import MARKET as RECORDING

pytestmark = pytest.mark.slow


def test_a_process_that_was_stopped_is_found(tmp_path: Path) -> None:
    """All is well while all runs; a worker and an indexer that stand still are named, with more."""
    if not RECORDING.exists():
        pytest.skip("the recorded market is not here")
    with Deployment(tmp_path / "data", "--recording", str(RECORDING), "--speed", "100") as up:
        up.wait_for_api()
        until(lambda: count(up, "trades") > 0)
        well = up.command_on("doctor")
        for name in ("worker-0", "index"):
            pid = int((up.data / "run" / f"{name}.pid").read_text())
            os.kill(pid, signal.SIGSTOP)
        ill = up.command_on("doctor")
        for name in ("worker-0", "index"):
            os.kill(int((up.data / "run" / f"{name}.pid").read_text()), signal.SIGCONT)

    assert (0, 0) == (well.returncode, well.stdout.count("WRONG")), well.stdout
    assert all(f"ok    stage {name} gets on" in well.stdout for name in ("decode", "fold", "index"))
    assert 1 == ill.returncode
    assert 2 == ill.stdout.count("let it go on with: kill -CONT")
    assert "WRONG stage decode gets on: " in ill.stdout


def test_the_servers_that_are_named_are_looked_at(broker: Broker, tmp_path: Path) -> None:
    """Without an ``up``: each named server with its own remedy, exit 1."""
    env = {
        "BTRACKER_KAFKA": broker.address,
        "BTRACKER_STORE": f"sqlite:///{tmp_path}/none.sqlite",
        "BTRACKER_REDIS": "redis://127.0.0.1:1/0",
    }
    done = subprocess.run(
        [BTRACKER, "doctor", "--data", str(tmp_path / "data"), "--port", "0"],
        env=os.environ | env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    wrong = [line for line in done.stdout.splitlines() if line.startswith("  WRONG")]

    assert (1, 3) == (done.returncode, len(wrong)), done.stdout
    assert "run: btracker topics create" in wrong[0]
    assert "There is no store at" in wrong[1]
    assert "cache at redis://127.0.0.1:1/0: It does not answer" in wrong[2]
