"""Every command explains itself, and what goes wrong is one sentence with a remedy."""

from pathlib import Path

import click
import pytest

from btracker.cli import btracker, main
from btracker.settings import example

ROOT = Path(__file__).parents[3]


def commands() -> list[str]:
    """Return the names of all commands."""
    return btracker.list_commands(click.Context(btracker))


def outcome(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command; return its exit code and what it printed on stdout and stderr."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help_with_an_example(name: str, capsys) -> None:
    """``--help`` answers for each command and shows how it is called."""
    code, out, _ = outcome(capsys, name, "--help")

    assert 0 == code
    assert "Example" in out


def test_the_version_is_told(capsys) -> None:
    """``--version`` names the product."""
    code, out, _ = outcome(capsys, "--version")

    assert 0 == code
    assert out.startswith("btracker, version ")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("nonsense",), "--help"),
        (("up", "--nonsense"), "btracker up --help"),
        (("up", "--port", "70000"), "btracker up --help"),
        (("up", "--speed", "-1"), "neither a positive number nor max"),
        (("up", "--solana", "wss://node"), "--recording"),
        (("up", "--x", "http://x"), "--recording"),
        (("up", "--recording", "nowhere"), "name the folder of a recording"),
        (("replay", "nowhere", "--data", "nowhere"), "btracker up"),
        (("replay", "nowhere", "--kafka", "127.0.0.1:1"), "name the folder of a recording"),
        (("topics", "check", "--data", "nowhere"), "btracker up"),
    ],
)
def test_wrong_use_exits_2_with_a_remedy(
    arguments: tuple[str, ...], remedy: str, capsys, tmp_path: Path, monkeypatch
) -> None:
    """Wrong use is exit code 2 and one sentence on stderr that names the remedy."""
    monkeypatch.chdir(tmp_path)
    code, out, err = outcome(capsys, *arguments)

    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert remedy in err


def test_a_setting_that_is_none_is_named(capsys, monkeypatch) -> None:
    """A variable with a value it cannot have is wrong use, and named."""
    monkeypatch.setenv("BTRACKER_PARTITIONS", "many")
    code, _, err = outcome(capsys, "config")

    assert 2 == code
    assert "BTRACKER_PARTITIONS" in err


def test_secrets_are_not_shown(capsys, monkeypatch) -> None:
    """``btracker config`` shows that a secret is set, not which."""
    monkeypatch.setenv("BTRACKER_CURSOR_KEY", "correct horse battery staple")
    code, out, _ = outcome(capsys, "config")

    assert 0 == code
    assert "* BTRACKER_CURSOR_KEY=(hidden)" in out
    assert "horse" not in out


def test_the_example_of_settings_is_current() -> None:
    """``.env.example`` is what ``btracker config --example .env.example`` writes."""
    assert (ROOT / ".env.example").read_text() == example()
