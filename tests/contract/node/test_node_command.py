"""``python -m tests.node``: it prints where it listens, serves, and ends when told to."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.node.command import main

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_told_to_stop(how: signal.Signals) -> None:
    """Its first line is an option of ``btracker up``; at its end it says what it was asked."""
    arguments = ["--count", "40", "--port", "0", "--nodes", "2", "--speed", "max"]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.node", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        command, addresses = process.stdout.readline().strip().rsplit(" ", 1)
        sockets, urls = addresses.split(",")[::2], addresses.split(",")[1::2]
        for url in urls:
            body = {"jsonrpc": "2.0", "id": 1, "method": "getHealth"}
            assert "ok" == httpx.post(url, json=body).json()["result"]
        process.send_signal(how)
        rest = process.stdout.read()

    assert 0 == process.returncode
    assert "btracker up --solana" == command
    assert [url.replace("http", "ws") for url in urls] == sockets
    assert 2 == rest.count("asked {'getHealth': 1}")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--nodes", "3", "--lag", "1,2"], "give one value, or one for each"),
        (["--drop", "often"], "'often' is not value"),
        (["--recording", "nowhere"], "No such file"),
        (["--count", "0"], "a chain needs a transaction"),
    ],
)
def test_says_what_is_wrong(arguments: list[str], why: str) -> None:
    """What makes no sense is one sentence, before anything is served."""
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code in {1, 2}
    assert why in result.output
