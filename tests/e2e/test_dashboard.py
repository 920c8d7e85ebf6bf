"""The dashboard: its own tests, its size, and a real browser on a real `btracker up`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.deployment import Deployment

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "dashboard"
PAGE = REPOSITORY / "api" / "dashboard" / "index.html"
NO_BROWSER = 77


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


def test_in_a_browser(tmp_path: Path) -> None:
    """What people see is what REST answers, also after the API was killed under the page."""
    shots = os.environ.get("BTRACKER_SHOTS", str(tmp_path / "shots"))
    with Deployment(tmp_path / "data") as up:
        up.wait_for_api()
        code, told = ran(
            "node", "test/browser/run.mjs",
            BTRACKER_URL=f"http://127.0.0.1:{up.port}",
            BTRACKER_API_PID=str(up.data / "run" / "api.pid"),
            BTRACKER_SHOTS=shots,
        )  # fmt: skip
    if code == NO_BROWSER:
        pytest.skip(told.strip())

    assert 0 == code, told
