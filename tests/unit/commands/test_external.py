"""Servers that are named and not there: one sentence each, before anything is started."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from btracker.cli import main
from btracker.deployment import DEMO
from btracker.embedded import check_port
from btracker.logs import LogSettings, logs_to
from domain.errors import UsageError
from schemas.kafka import Kafka
from schemas.topics import TRADES
from tests.ports import free_port
from views import topics
from views.open import open_views


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a command that fails; return its exit code and its only line."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    return int(ended.value.code or 0), line


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--kafka", "127.0.0.1:1", "No Kafka answers at 127.0.0.1:1"),
        ("--store", "foo://x", "give sqlite:///PATH"),
        ("--store", "memory:", "cannot share a store in memory"),
        ("--store", "sqlite:////dev/null/store", "choose another path"),
        ("--redis", "localhost:1", "give redis://HOST:PORT/0"),
        ("--redis", "redis://h:port/0", "give redis://HOST:PORT/0"),
        ("--redis", "redis://127.0.0.1:1/0", "No Redis answers at redis://127.0.0.1:1/0"),
    ],
)
def test_up_refuses_what_is_not_there(
    option: str, value: str, sentence: str, capsys, tmp_path: Path
) -> None:
    """Exit 2 and nothing was started: not even the data folder was made."""
    data = tmp_path / "data"
    code, line = refused(capsys, "up", "--data", str(data), "--port", "0", option, value)

    assert 2 == code
    assert sentence in line
    assert not data.exists()


@pytest.mark.parametrize(
    ("option", "url"),
    [
        ("--store", "postgresql://u:horse@h/db"),
        ("--redis", "redis://u:horse@127.0.0.1:1/0"),
        ("--redis", "http://u:horse@h"),
    ],
)
def test_a_refusal_keeps_the_password(option: str, url: str, capsys, tmp_path: Path) -> None:
    """What is wrong with a url is said without the password in it."""
    _, line = refused(capsys, "up", "--data", str(tmp_path), option, url)

    assert "horse" not in line


@pytest.mark.parametrize("url", ["foo://x", "sqlite:", "sqlite://h/x", "/a/path"])
def test_only_kinds_of_stores_that_there_are_are_opened(url: str) -> None:
    """Any other address is wrong use."""
    with pytest.raises(UsageError, match="sqlite:///PATH"):
        open_views(url)


def test_the_port_comes_from_the_environment(capsys, monkeypatch) -> None:
    """``BTRACKER_PORT`` is the default of ``--port``, within the same range."""
    monkeypatch.setenv("BTRACKER_PORT", "70000")
    code, line = refused(capsys, "up")

    assert 2 == code
    assert "BTRACKER_PORT" in line
    assert "0<=x<=65535" in line


def test_the_host_comes_from_the_environment(capsys, monkeypatch, tmp_path: Path) -> None:
    """``BTRACKER_HOST`` is the default of ``--host``."""
    monkeypatch.setenv("BTRACKER_HOST", "999.1.1.1")
    code, line = refused(capsys, "up", "--data", str(tmp_path), "--port", "0")

    assert 2 == code
    assert "no address 999.1.1.1; choose another with --host" in line


@pytest.mark.parametrize("host", ["999.1.1.1", "192.0.2.1", "a" * 64])
def test_a_host_that_is_not_ours_is_not_the_ports_fault(host: str) -> None:
    """The sentence names the host, and the option to change."""
    with pytest.raises(UsageError, match="--host") as refusal:
        check_port(host, 0)

    assert "ort 0" not in str(refusal.value)


def test_an_unknown_agent_is_refused_with_the_known_ones(capsys) -> None:
    """Exit 2; the sentence names every agent there is."""
    code, line = refused(capsys, "worker", "--agents", "fold_events, foo")
    found = json.loads(line)

    assert 2 == code
    assert "no agent foo;" in found["message"]
    assert "decode_transactions, fold_events, match_posts" in found["message"]
    assert "exc_info" not in found


@pytest.mark.parametrize("process", ["worker", "collect", "index"])
def test_a_process_without_kafka_says_so_and_ends(process: str, tmp_path: Path) -> None:
    """Exit 1 and one line, the same of every process that needs one."""
    port = free_port()
    told = {
        "BTRACKER_KAFKA": f"127.0.0.1:{port}",
        "BTRACKER_DATA": str(tmp_path),
        "BTRACKER_RECORDING": str(DEMO),
        "BTRACKER_STORE": f"sqlite:///{tmp_path}/store.sqlite",
    }
    done = subprocess.run(
        [sys.executable, "-m", "btracker", process],
        env=os.environ | told, capture_output=True, check=False, timeout=30,
    )  # fmt: skip
    (line,) = done.stderr.splitlines()

    assert 1 == done.returncode
    assert (
        f"No Kafka answers at 127.0.0.1:{port}; start it, or name another with BTRACKER_KAFKA."
        == json.loads(line)["message"]
    )


async def test_waiting_for_kafka_is_said_once(caplog, monkeypatch) -> None:
    """However often it is asked in vain, there is one line for each thing waited for."""
    stop, answers = asyncio.Event(), [KafkaConnectionError()] * 3 + [None] * 3

    async def layout(*_: object) -> None:
        answer = answers.pop(0)
        if not answers:
            stop.set()
        if answer:
            raise answer

    monkeypatch.setattr(topics, "_layout", layout)
    monkeypatch.setattr(topics, "RETRY_S", 0)
    found = await topics.wait_for(Kafka("h:1"), [TRADES], stop)

    assert found is None
    assert [
        "does not answer",
        "lacks some of our topics (btracker topics create makes them)",
    ] == [
        line.removeprefix("The Kafka at h:1 ").removesuffix("; waiting for it.")
        for line in caplog.messages
    ]


def test_a_kafka_that_has_just_started_is_no_error(tmp_path: Path) -> None:
    """That it has no coordinator of groups yet needs nobody to act."""
    with (tmp_path / "log").open("w+") as file, logs_to(file, LogSettings()):
        client = logging.getLogger("aiokafka.consumer.group_coordinator")
        client.error("Group Coordinator Request failed: %s", "not available")
        client.error("Something else")
        file.seek(0)

        assert ["WARNING", "ERROR"] == [json.loads(line)["level"] for line in file]


async def test_the_client_does_not_say_what_it_raises(tmp_path: Path) -> None:
    """Of a Kafka that is not there, the client's own line stays out of the logs."""
    with (tmp_path / "log").open("w+") as file, logs_to(file, LogSettings()):
        with pytest.raises(KafkaConnectionError):
            await topics._partition_counts(Kafka("127.0.0.1:1"))
        file.seek(0)

        assert "" == file.read()
