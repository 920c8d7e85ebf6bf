"""The run folder tells our processes from others, and lets one ``up`` run at a time."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from btracker.run_folder import Addresses, Identity, RunFolder
from domain.errors import UsageError

WHERE = Addresses(kafka="h:1", store="sqlite:///s", redis="redis://h:2/0", api="http://h:3")


@pytest.fixture
def sleeper():
    """Give a process that does nothing for long, in a group of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    yield process
    process.kill()
    process.wait()


def test_a_second_up_is_refused_with_the_address(tmp_path: Path) -> None:
    """Who holds the folder, where it answers, and what to do instead is in the sentence."""
    first = RunFolder(tmp_path)
    first.hold()
    first.publish(WHERE)
    with pytest.raises(UsageError) as refused:
        RunFolder(tmp_path).hold()
    first.release()

    assert f"process {os.getpid()}" in str(refused.value)
    assert "http://h:3" in str(refused.value)
    assert "--data" in str(refused.value)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Where no folder can be, it is wrong use, and the sentence names the remedy."""
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="--data"):
        RunFolder(tmp_path / "file" / "data").hold()


def test_the_folder_is_free_after_its_release(tmp_path: Path) -> None:
    """Nothing but the lock's file is left, and the next one may have it."""
    first = RunFolder(tmp_path)
    first.hold()
    first.release()

    assert ["lock"] == [path.name for path in (tmp_path / "run").iterdir()]
    second = RunFolder(tmp_path)
    second.hold()
    second.release()


def test_what_a_killed_run_left_is_ended(tmp_path: Path, sleeper) -> None:
    """A process that is still the one written down is ended before the next start."""
    left = RunFolder(tmp_path)
    left.path.mkdir()
    left.add("api", sleeper.pid)
    runs = RunFolder(tmp_path)
    runs.hold()
    runs.release()

    assert not psutil.pid_exists(sleeper.pid)


def test_a_stranger_with_the_same_id_is_left_alone(tmp_path: Path, sleeper) -> None:
    """A process that began at another moment than the one written down is somebody else."""
    runs = RunFolder(tmp_path)
    runs.path.mkdir()
    created = psutil.Process(sleeper.pid).create_time()
    (runs.path / "api.pid").write_text(f"{sleeper.pid}\n")
    (runs.path / "api.json").write_bytes(msgspec.json.encode(Identity(sleeper.pid, created - 10)))
    (runs.path / "index.pid").write_text(f"{sleeper.pid}\n")
    runs.hold()
    runs.release()

    assert sleeper.poll() is None


def test_addresses_are_those_of_a_run_that_lives(tmp_path: Path) -> None:
    """Other commands find the Kafka of a running ``up``, and a remedy where none runs."""
    with pytest.raises(UsageError, match="btracker up"):
        RunFolder(tmp_path).addresses()
    runs = RunFolder(tmp_path)
    runs.hold()
    runs.publish(WHERE)
    found = RunFolder(tmp_path).addresses().kafka
    runs.release()

    assert "h:1" == found
    with pytest.raises(UsageError, match="btracker up"):
        RunFolder(tmp_path).addresses()


def test_addresses_are_for_us_alone(tmp_path: Path) -> None:
    """An address may hold a password, so nobody else may read it, whatever was there before."""
    runs = RunFolder(tmp_path)
    runs.path.mkdir()
    (runs.path / "addresses.new").touch(0o644)
    runs.publish(WHERE)

    assert 0o600 == (runs.path / "addresses.json").stat().st_mode & 0o777
