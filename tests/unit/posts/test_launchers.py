"""Launchers by configuration: what is shipped, what is added, and what is refused with why."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import UsageError
from domain.posts.launchers import LAUNCHERS, merged, read_launchers

KEY = "BAGSB9TpGrZxQbEsrEznv5jXXdwyP6AXerN8aVRiAmcv"
OWN = f"""
[moonpad]
handles = ["moonpadbot", "moonpad"]
bots = ["moonpadbot"]
launchpads = ["moonpad"]
authorities = {{ {KEY} = "moonpad" }}
tiers = ["A"]
"""
PROGRAM = """
import json
from domain.decode.launchpads import launchpad_of
from domain.posts.command import read_command
from domain.match.evidence import ANSWERED_LAUNCHPADS
full = read_command("@moonpad $MDOG + Moon Dog")
print(json.dumps([
    full and full.launcher,
    read_command("@moonpad $MDOG") and "half",
    read_command("@launchcoin $MDOG").launcher,
    launchpad_of([], KEY, protocol="meteora-dbc").name,
    sorted(ANSWERED_LAUNCHPADS),
]))
"""


def test_believe_comes_first() -> None:
    """What is shipped, in its order, Believe with all its names."""
    assert ["believe", "bankr", "clanker"] == [one.name for one in LAUNCHERS]
    assert ("launchcoin", "launchacoin", "believeapp") == LAUNCHERS[0].handles


def test_one_of_ones_own_is_read_matched_and_told_by_its_key(tmp_path: Path) -> None:
    """Addressees, forms, launchpads and keys of a file hold in a process that is told of it."""
    (tmp_path / "own.toml").write_text(OWN)
    found = subprocess.run(
        [sys.executable, "-c", f"KEY = {KEY!r}\n{PROGRAM}"],
        env=os.environ | {"BTRACKER_LAUNCHERS": str(tmp_path / "own.toml")},
        cwd=Path(__file__).parents[3], capture_output=True, check=True,
    )  # fmt: skip

    assert ["moonpad", None, "believe"] == json.loads(found.stdout)[:3]
    assert ["moonpad", ["bankr", "believe", "clanker", "moonpad"]] == json.loads(found.stdout)[3:]


def test_the_later_one_takes_the_place_of_one_of_the_same_name() -> None:
    """So somebody may follow Believe to another account without waiting for a release."""
    own = read_launchers('[believe]\nhandles = ["newhome"]\nlaunchpads = ["believe"]', of="own")
    found = merged(LAUNCHERS, own, of="own")

    assert ("newhome",) == found[0].handles
    assert ["believe", "bankr", "clanker"] == [one.name for one in found]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[moonpad", "own is no TOML"),
        ("moonpad = 1", "moonpad should be a table"),
        ("[moonpad]\nhandles = []\nlaunchpads = ['m']", r"\[moonpad\].*length >= 1.*handles"),
        ("[moonpad]\nhandles = ['@Moon']\nlaunchpads = ['m']", r"\[moonpad\].*handles"),
        ("[moonpad]\nhandles = ['moon']", r"\[moonpad\].*launchpads"),
        ("[moonpad]\nhandles = ['moon']\nlaunchpads = ['m']\nhandle = 1", "unknown field `handle`"),
        ("[moonpad]\nhandles = ['moon']\nlaunchpads = ['m']\nbots = ['sun']", "bot sun is none"),
        ("[moonpad]\nhandles = ['moon']\nlaunchpads = ['m']\ntiers = ['D']", "tiers"),
        (f"[m]\nhandles = ['moon']\nlaunchpads = ['m']\nauthorities = {{{KEY} = 'x'}}", "for x"),
        ("[m]\nhandles = ['moon']\nlaunchpads = ['m']\nauthorities = {abc = 'm'}", "authorities"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(text: str, why: str) -> None:
    """One sentence that names the launcher and the member."""
    with pytest.raises(UsageError, match=why):
        read_launchers(text, of="own")


def test_a_handle_has_one_launcher() -> None:
    """Else nobody could say who was asked."""
    own = read_launchers("[m]\nhandles = ['clanker']\nlaunchpads = ['m']", of="own")

    with pytest.raises(UsageError, match="clanker belongs to clanker and to m"):
        merged(LAUNCHERS, own, of="own")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """Whatever reads posts ends with it, and without a traceback."""
    found = subprocess.run(
        [sys.executable, "-m", "btracker", "nlp", "read", "gm"],
        env=os.environ | {"BTRACKER_LAUNCHERS": str(tmp_path / "none.toml")},
        cwd=Path(__file__).parents[3], capture_output=True, check=False, text=True,
    )  # fmt: skip

    assert (2, 1) == (found.returncode, len(found.stderr.splitlines()))
    assert "BTRACKER_LAUNCHERS" in found.stderr
