"""``btracker doctor``: what is there, and whether it gets on."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from btracker.run_folder import Addresses, RunFolder
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


def test_nodes_of_a_running_deployment_are_looked_at(broker: Broker, tmp_path: Path) -> None:
    """Those that ``up`` was given, whatever the environment says; of an address host and port."""
    runs = RunFolder(tmp_path / "data")
    runs.hold()
    try:
        node = "ws://127.0.0.1:1/?api-key=c0ffee"
        runs.publish(Addresses(broker.address, "", "", "http://127.0.0.1:1", solana=node))
        done = subprocess.run(
            [BTRACKER, "doctor", "--data", str(tmp_path / "data")],
            env=os.environ | {"BTRACKER_SOLANA": "ws://127.0.0.1:2"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        runs.release()
    told = [line for line in done.stdout.splitlines() if "node solana:" in line]

    assert 1 == len(told), done.stdout
    assert told[0].startswith("  WRONG node solana:127.0.0.1:1: It does not answer over HTTP")
    assert "c0ffee" not in done.stdout + done.stderr


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
