"""Ports of this machine."""

import socket
import subprocess
import time


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
