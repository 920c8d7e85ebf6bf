"""A whole ``btracker up`` as a user starts it, for tests that look at it from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

from tests.ports import free_port

BTRACKER = str(Path(sys.executable).with_name("btracker"))


class Deployment:
    """One ``btracker up`` on a data folder, stopped with everything it started."""

    def __init__(self, data: Path, *options: str, env: Mapping[str, str] = os.environ) -> None:
        self.data, self.port = data, free_port()
        self.command = [BTRACKER, "up", "--data", str(data), "--port", str(self.port), *options]
        # What is read of projects costs seconds to load, and nothing else depends on it.
        self.env = {"BTRACKER_READ_WITH": "nothing", **env, "NO_COLOR": "1"}
        self.process: subprocess.Popen[bytes] | None = None
        self.api = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.api.close()

    def start(self) -> Self:
        """Start it; returns at once."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.started = time.monotonic()
        with (self.data / "stdout.txt").open("ab") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=out, env=self.env)
        return self

    def stop(self, signum: int = signal.SIGTERM, within_s: float = 10) -> float:
        """Stop it and return how many seconds that took; it leaves no process behind."""
        process = self.process
        if process is None or process.poll() is not None:
            return 0.0
        family = psutil.Process(process.pid).children(recursive=True)
        began = time.monotonic()
        process.send_signal(signum)
        process.wait(timeout=within_s + 20)
        took = time.monotonic() - began
        left = [child for child in family if child.is_running()]
        assert [] == [child.cmdline() for child in left if child.status() != "zombie"]
        return took

    def command_on(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Return what a command said about it, and its exit code."""
        return subprocess.run(
            [BTRACKER, *command, "--data", str(self.data)],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def kafka(self) -> str:
        """Return the address of its Kafka, HOST:PORT."""
        return str(json.loads((self.data / "run" / "addresses.json").read_text())["kafka"])

    def status(self) -> dict[str, Any] | None:
        """Return what ``/v1/status`` answers, None while nobody does."""
        try:
            answer = self.api.get("/v1/status")
        except httpx.TransportError:
            return None
        return answer.json() if answer.status_code == 200 else None

    def wait_for_api(self, within_s: float = 60) -> None:
        """Wait until it answers; a Kafka that is gone before that is wrong use."""
        deadline = time.monotonic() + within_s
        while self.status() is None:
            assert time.monotonic() < deadline, self.output()
            time.sleep(0.1)

    def reach(self, slot: int, within_s: float = 120) -> None:
        """Wait until it is complete through *slot*, done or not."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            status = self.status()
            if status and status["chain"]["completeThroughSlot"] >= slot:
                return
            time.sleep(0.1)
        raise AssertionError(self.output())

    def wait(self, through_slot: int, within_s: float = 120) -> float:
        """Wait until all sources are done through a slot; return the seconds since the start."""
        deadline, status = time.monotonic() + within_s, None
        while time.monotonic() < deadline:
            status = self.status()
            if status and done(status, through_slot):
                return time.monotonic() - self.started
            assert self.process is None or self.process.poll() is None, self.output()
            time.sleep(0.2)
        raise AssertionError(f"not done within {within_s} s: {status}\n{self.output()}")

    def output(self) -> str:
        """Return the end of what it printed."""
        return (self.data / "stdout.txt").read_text()[-2000:]


def done(status: dict[str, Any], through_slot: int) -> bool:
    """Return whether every source is done and all is complete through a slot."""
    states = [source["state"] for source in status["sources"]]
    complete = status["chain"]["completeThroughSlot"]
    return bool(states) and set(states) == {"done"} and complete >= through_slot
