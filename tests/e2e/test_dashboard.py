"""The dashboard: its own tests, its size, and a real browser on a real `btracker up`."""

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
import zstandard

from streams.sources.recording import CHAIN, DOCUMENTS, POSTS
from tests.contract.test_lives_recorded import DBC
from tests.e2e.deployment import Deployment
from tests.shared import needs_shared, recorded

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "dashboard"
PAGE = REPOSITORY / "api" / "dashboard" / "index.html"
NO_BROWSER = 77
LAUNCHED = 1_760_693_966


def ran(*command: str, **environment: str) -> tuple[int, str]:
    """Run a command in the dashboard's folder; return its exit code and what it said."""
    told = subprocess.run(
        command,
        cwd=FOLDER,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
    return told.returncode, told.stdout


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    """Build what is not built, or not any more; skip where that cannot be done."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm, and so no dashboard")
    told = subprocess.run(
        ["make", "--silent", str(PAGE.relative_to(REPOSITORY))],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    if not PAGE.exists() and "is not built" in told.stderr:
        pytest.skip(told.stderr[-400:])

    assert (0, True) == (told.returncode, PAGE.exists()), told.stdout + told.stderr


def test_model_and_state() -> None:
    """Model and state hold; a first visit loads little."""
    for command in ("test", "size"):
        code, told = ran("npm", "run", "--silent", command)

        assert 0 == code, told


def life(folder: Path) -> Path:
    """Write real transactions of one token, from its launch to its pool, as a recording."""
    folder.mkdir()
    first, lines = 0, []
    for name in DBC:
        found = msgspec.json.decode(recorded(name))
        first = first or found["slot"]
        # Their blocks were 0.4 s apart; not all were recorded with their times.
        lines.append(found | {"blockTime": LAUNCHED + (found["slot"] - first) * 2 // 5})
    chain = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    (folder / CHAIN).write_bytes(zstandard.compress(chain))
    (folder / POSTS).write_bytes(b"")
    (folder / DOCUMENTS).write_bytes(b"{}")
    return folder


@needs_shared
def test_a_token_in_its_pool(tmp_path: Path) -> None:
    """A token that left its curve is shown in its pool, and its chart goes on."""
    recording = life(tmp_path / "life")
    with Deployment(tmp_path / "data", "--recording", str(recording), "--speed", "max") as up:
        up.wait(0)
        looked(up, tmp_path / "shots", course="pool")


def test_in_a_browser(tmp_path: Path) -> None:
    """What people see is what REST answers, also after the API was killed under the page."""
    with Deployment(tmp_path / "data") as up:
        up.wait_for_api()
        looked(up, tmp_path / "shots", course="market")


def looked(up: Deployment, shots: Path, *, course: str) -> None:
    """Have a browser go through a course of steps; skip where there is none."""
    given = up.command_on("keys", "create", "--name", "dashboard")
    code, told = ran(
        "node", "test/browser/run.mjs", course,
        BTRACKER_URL=f"http://127.0.0.1:{up.port}",
        BTRACKER_API_PID=str(up.data / "run" / "api.pid"),
        BTRACKER_KEY=given.stdout.strip(),
        BTRACKER_SHOTS=os.environ.get("BTRACKER_SHOTS", str(shots)),
    )  # fmt: skip
    if code == NO_BROWSER:
        pytest.skip(told.strip())

    assert 0 == code, told
