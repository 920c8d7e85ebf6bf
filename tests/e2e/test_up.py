"""``btracker up`` stops in time, leaves nothing behind whatever is killed, and goes on after it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import zstandard

from btracker.deployment import DEMO
from tests.e2e.deployment import BTRACKER, Deployment
from tests.unit.sources.recordings import demo_lines, write_recording

pytestmark = pytest.mark.slow

NAMES = {"api", "broker", "cache", "collect", "index", "up", "worker-0"}
LINES = 1_000


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the first hours of the demo market, with the posts of the first of them."""
    posts = (DEMO / "posts.jsonl").read_bytes().splitlines()[:4]
    folder = tmp_path_factory.mktemp("recordings") / "hours"
    return write_recording(folder, demo_lines(LINES), posts=posts)


def end_slot(recording: Path) -> int:
    """Return the slot of a small recording's last line."""
    return json.loads(demo_lines(LINES)[-1])["slot"]


def until(what: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)


def pid(up: Deployment, name: str) -> int:
    """Return the process id of a part, 0 while it has none."""
    try:
        return int((up.data / "run" / f"{name}.pid").read_text())
    except FileNotFoundError:
        return 0


def family(up: Deployment) -> list[psutil.Process]:
    """Return all processes of a deployment but ``up`` itself, once every part runs."""
    until(lambda: {p.stem for p in (up.data / "run").glob("*.pid")} == NAMES)
    assert up.process
    return psutil.Process(up.process.pid).children(recursive=True)


def left(processes: list[psutil.Process]) -> list[str]:
    """Return those that still run."""
    return [
        " ".join(one.cmdline())
        for one in processes
        if one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    ]


def seen(up: Deployment) -> int:
    """Return how many transactions were decoded in this epoch."""
    status = up.status()
    return status["counts"]["transactions"] if status else 0


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_within_ten_seconds(tmp_path: Path, recording: Path, signum: int) -> None:
    """Ctrl-C and SIGTERM end everything within 10 s, exit 0, and clear the process ids."""
    with Deployment(tmp_path, "--recording", str(recording)) as up:
        processes = family(up)
        up.wait(end_slot(recording))
        took = up.stop(signum)

        assert up.process
        assert 0 == up.process.returncode
        assert took < 10
        assert [] == left(processes)
        assert ["lock"] == [path.name for path in (tmp_path / "run").iterdir()]


def test_a_second_up_is_told_about_the_first(tmp_path: Path, recording: Path) -> None:
    """On the same data folder it exits 2, naming process and address; the first goes on."""
    with Deployment(tmp_path, "--recording", str(recording)) as up:
        family(up)
        second = subprocess.run(
            [BTRACKER, "up", "--data", str(tmp_path), "--port", "0"],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip

        assert 2 == second.returncode
        assert f"process {pid(up, 'up')}" in second.stderr
        assert f":{up.port}" in second.stderr
        assert 1 == len(second.stderr.splitlines())
        up.wait(end_slot(recording))


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path, recording: Path) -> None:
    """A port that somebody else has is exit 2, and no process was started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        taken = subprocess.run(
            [BTRACKER, "up", "--data", tmp_path, "--port", port, "--recording", recording],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip

    assert 2 == taken.returncode
    assert "--port" in taken.stderr
    assert [] == list((tmp_path / "run").glob("*.pid"))
    assert not (tmp_path / "log").exists()


def test_it_stops_when_the_broker_died_first(tmp_path: Path, recording: Path) -> None:
    """With the broker killed just before, SIGTERM still ends everything within 10 s."""
    with Deployment(tmp_path, "--recording", str(recording)) as up:
        processes = family(up)
        os.kill(pid(up, "broker"), signal.SIGKILL)

        assert up.stop() < 10
        assert [] == left(processes)


def test_nothing_outlives_a_killed_up(tmp_path: Path, recording: Path) -> None:
    """Kill -9 of ``up`` itself leaves no process, and the next one starts and goes on."""
    with Deployment(tmp_path, "--recording", str(recording)) as up:
        processes = family(up)
        assert up.process
        up.process.kill()
        up.process.wait()
        until(lambda: not left(processes), within_s=5)
        up.start()
        up.wait(end_slot(recording))

        assert LINES == seen(up)


@pytest.mark.parametrize("name", sorted(NAMES - {"up"}))
def test_a_killed_part_starts_again(tmp_path: Path, recording: Path, name: str) -> None:
    """Whatever is killed half-way, everything ends complete, nothing missing, nothing twice."""
    with Deployment(tmp_path, "--recording", str(recording), "--speed", "2000") as up:
        until(lambda: seen(up) > 100, within_s=60)
        before = pid(up, name)
        os.kill(before, signal.SIGKILL)
        until(lambda: pid(up, name) not in {0, before})
        up.wait(end_slot(recording))
        status = up.status()

        assert status
        assert LINES == status["counts"]["transactions"]
        assert 0 == status["counts"]["deadLettered"]


def test_a_restart_goes_on_where_it_was(tmp_path: Path, recording: Path) -> None:
    """What was replayed before comes from the journal, the rest from the recording."""
    with Deployment(tmp_path, "--recording", str(recording), "--speed", "2000") as up:
        until(lambda: 100 < seen(up) < LINES, within_s=60)
        up.stop()
        up.start()
        up.wait(end_slot(recording))
        status = up.status()

        assert status
        assert LINES == status["counts"]["transactions"]
        (detail,) = (one["detail"] for one in status["sources"] if one["kind"] == "chain")
        # Where all of it was in the journal by then, nothing was left of the recording.
        assert detail in {f"{LINES:,} of {LINES:,} lines", f"{LINES:,} lines"}


def test_each_process_says_once_that_it_is_well(tmp_path: Path, recording: Path) -> None:
    """Worker and index process say that they are ready, the collector where it begins and ends."""
    with Deployment(tmp_path / "data", "--recording", str(recording), "--speed", "max") as up:
        up.wait(end_slot(recording))
        said = {
            name: [
                line["message"].split()[0]
                for line in map(
                    json.loads, (up.data / "log" / f"{name}.jsonl").read_text().splitlines()
                )
                if line["level"] == "INFO"
            ]
            for name in ("worker-0", "index", "collect")
        }

    assert {"worker-0": ["Ready:"], "index": ["Ready:"], "collect": ["Replaying", "All"]} == said


def test_a_recording_that_is_cut_off_is_said(tmp_path: Path) -> None:
    """Everything before the cut is there; the status and the log name the line."""
    folder = write_recording(tmp_path / "cut", demo_lines(300))
    packed = (folder / "chain.jsonl.zst").read_bytes()
    (folder / "chain.jsonl.zst").write_bytes(packed[:-1000])
    with Deployment(tmp_path / "data", "--recording", str(folder)) as up:
        until(lambda: "stalled" in str(up.status()), within_s=60)
        status = up.status()
        assert status
        detail = next(one["detail"] for one in status["sources"] if one["kind"] == "chain")
        found = re.search(r"the (\d+) whole lines", detail)
        assert found
        whole = int(found[1])
        until(lambda: seen(up) == whole)

        assert f"in line {whole + 1}" in detail
        assert detail in (tmp_path / "data" / "log" / "collect.jsonl").read_text()


def test_replay_and_record_meet(tmp_path: Path, recording: Path) -> None:
    """What is recorded from a deployment is what was replayed onto it, line for line."""
    extra = write_recording(tmp_path / "extra", demo_lines()[LINES : LINES + 500], posts=[])
    with Deployment(tmp_path / "data", "--recording", str(recording)) as up:
        up.wait(end_slot(recording))
        for command in (
            ("replay", str(extra), "--data", str(up.data)),
            ("record", str(tmp_path / "copy"), "--data", str(up.data), "--until-end"),
        ):
            subprocess.run([BTRACKER, *command], check=True, timeout=60)
        until(lambda: seen(up) == LINES + 500)

    with (tmp_path / "copy" / "chain.jsonl.zst").open("rb") as file:
        copied = zstandard.ZstdDecompressor().stream_reader(file).read()
    assert demo_lines()[: LINES + 500] == copied.splitlines()
    assert (recording / "posts.jsonl").read_bytes() == (
        tmp_path / "copy" / "posts.jsonl"
    ).read_bytes()
    documents = json.loads((tmp_path / "copy" / "metadata.json").read_bytes())
    assert documents.keys() <= json.loads((DEMO / "metadata.json").read_bytes()).keys()
