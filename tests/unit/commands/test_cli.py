"""Every command explains itself, and what goes wrong is one sentence with a remedy."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from btracker.cli import btracker, main
from btracker.deployment import DEMO
from btracker.exits import UNREAD
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
        (("up", "--solana", "https://node"), "[MODE=]WS_URL[,HTTP_URL]"),
        (("up", "--solana", "wss://node", "--recording", "x"), "leave --recording"),
        (("up", "--x", "http://x"), "BTRACKER_X_BEARER_TOKEN"),
        (("up", "--recording", "nowhere"), "name the folder of a recording"),
        (("replay", "nowhere", "--data", "nowhere"), "btracker up"),
        (("backfill", "--from", "9", "--to", "5"), "swap --from and --to"),
        (("backfill", "--from", "1", "--to", "5", "--program", "x"), "name one of"),
        (("replay", "nowhere", "--kafka", "127.0.0.1:1"), "name the folder of a recording"),
        (("topics", "check", "--data", "nowhere"), "btracker up"),
        (("config", "--example", "nowhere/x"), "choose another file"),
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
    monkeypatch.setenv("BTRACKER_KAFKA_PASSWORD", "horse")
    code, out, err = outcome(capsys, "config")

    assert 2 == code
    assert "BTRACKER_PARTITIONS" in err
    assert "* BTRACKER_PARTITIONS=many" in out
    assert "horse" not in out


def test_a_secret_has_characters(capsys, monkeypatch) -> None:
    """A text that is too short is measured in characters."""
    monkeypatch.setenv("BTRACKER_CURSOR_KEY", "horse")
    _, _, err = outcome(capsys, "config")

    assert "BTRACKER_CURSOR_KEY: Value should have at least 16 characters, not 5" in err


@pytest.mark.parametrize("command", ["config", "worker"])
def test_a_name_that_is_misspelt_is_warned_of(command: str, capsys, monkeypatch) -> None:
    """What nobody reads is named, with what was perhaps meant."""
    monkeypatch.setenv("BTRACKER_PARTITION", "8")
    monkeypatch.setenv("BTRACKER_KAFKA", "127.0.0.1:1")
    _, _, err = outcome(capsys, command)

    assert 1 == err.count("BTRACKER_PARTITION is no setting of ours; did you mean BTRACKER_PART")


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


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("BTRACKER_REDIS", "redis://u:{}@h:1/0"),
        ("BTRACKER_REDIS", "redis://:{}@h"),
        ("BTRACKER_REDIS", "redis://h/0?password={}&db=1"),
        ("BTRACKER_STORE", "postgresql://u:{}@h/db"),
        ("BTRACKER_STORE", "postgresql://u:a/{}@b@h/db"),
        ("BTRACKER_CORS_ORIGINS", '["https://u:{}@h","https://v:{}@i"]'),
    ],
)
def test_passwords_in_urls_are_not_shown(name: str, url: str, capsys, monkeypatch) -> None:
    """``btracker config`` shows a url without its password, however it is written."""
    monkeypatch.setenv(name, url.replace("{}", "horse"))
    code, out, _ = outcome(capsys, "config")

    assert 0 == code
    assert f"* {name}=" in out
    assert "(hidden)" in out
    assert "horse" not in out


def test_only_what_differs_is_starred(capsys, monkeypatch) -> None:
    """The same number written in another way is the default all the same."""
    monkeypatch.setenv("BTRACKER_HEAD_START_HOURS", "0.0")
    monkeypatch.setenv("BTRACKER_PARTITIONS", "5")
    _, out, _ = outcome(capsys, "config")

    assert "  BTRACKER_HEAD_START_HOURS=" in out
    assert "* BTRACKER_PARTITIONS=5" in out


def test_a_process_is_named_once_per_setting(capsys) -> None:
    """What two parts of one process read has that process once."""
    _, out, _ = outcome(capsys, "config")

    assert "Kafka, as HOST:PORT; several divided by commas. (worker, collect, index)" in out


def test_an_example_is_not_written_over_unasked(capsys, tmp_path: Path) -> None:
    """A file that is there stays as it is without ``--force``."""
    path = tmp_path / "mine"
    path.write_text("mine")
    code, _, err = outcome(capsys, "config", "--example", str(path))

    assert (2, "mine") == (code, path.read_text())
    assert "--force" in err
    assert 0 == outcome(capsys, "config", "--example", str(path), "--force")[0]
    assert example() == path.read_text()


@pytest.mark.parametrize("arguments", [(), ("topics",), ("bench",)])
def test_a_group_without_a_command_explains_itself(arguments: tuple[str, ...], capsys) -> None:
    """It is wrong use, answered by the whole help as it is."""
    code, out, err = outcome(capsys, *arguments)

    assert (2, "") == (code, out)
    assert err.startswith("Usage: btracker")
    assert "Commands:" in err


@pytest.mark.parametrize("command", [("topics", "list"), ("bench", "recovery")])
def test_no_kafka_is_one_sentence(command: tuple[str, str]) -> None:
    """The Kafka client's own lines and types are not for the person at the terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "btracker", *command, "--kafka", "127.0.0.1:1"],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert done.stderr.startswith("Error: No Kafka answers at 127.0.0.1:1; start it")


@pytest.mark.parametrize("name", ["audit", "rebuild"])
def test_what_cannot_be_judged_exits_2(name: str, tmp_path: Path) -> None:
    """Exit code 1 is the answer that something is wrong, so that no Kafka is not 1; one line."""
    store = tmp_path / "store.sqlite"
    store.touch()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "btracker", name),
            *("--kafka", "127.0.0.1:1", "--store", f"sqlite:///{store}"),
        ],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip

    assert (2, 1, "") == (done.returncode, len(done.stderr.splitlines()), done.stdout)
    assert "No Kafka answers at 127.0.0.1:1" in done.stderr


def test_whoever_reads_the_output_may_go() -> None:
    """With its reader gone a command ends as by SIGPIPE, and says nothing."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "btracker", "decode", str(DEMO / "chain.jsonl.zst")],
        stdout=write, stderr=subprocess.PIPE, check=False, timeout=30,
    )  # fmt: skip
    os.close(write)

    assert (UNREAD, b"") == (done.returncode, done.stderr)
