"""Ports of this machine."""

import random
import socket
import subprocess
import time
from contextlib import suppress

OURS = range(20_000, 32_000)
"""Below those that systems give to whoever connects: a server that is down for a while would find
its port taken by a client, or be answered by itself."""


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    while True:
        port = random.choice(OURS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until_listening(port: int, process: subprocess.Popen[bytes], *, within_s: float) -> None:
    """Return when *process* listens on *port*; it must do so in time, and not end before."""
    deadline = time.monotonic() + within_s
    while not _is_open(port):
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline, f"it does not listen within {within_s} s"
        time.sleep(0.02)


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
