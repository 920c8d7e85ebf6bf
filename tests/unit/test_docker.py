"""What ``docker/`` says of the product is true of it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from btracker import cli
from btracker.settings import load, shown_settings
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings
from tests.compose import FOLDER, PLAIN, SOLANA, TLS, X, services

ROOT = FOLDER.parent
OURS = {name: one for name, one in services(TLS).items() if one["image"].startswith("btracker")}
ALL = services(TLS)
SETTINGS = {one.name for one in shown_settings()}


def seconds(text: str) -> int:
    """Return a duration that is written in seconds."""
    return int(text.removesuffix("s"))


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    """A setting that was renamed would silently be its default."""
    named = {name for name in OURS[name]["environment"] if name.startswith("BTRACKER_")}

    assert named
    assert named <= SETTINGS


@pytest.mark.parametrize("path", [*FOLDER.glob("*.env.example")], ids=lambda path: path.name)
def test_every_secret_is_a_setting_and_empty(path: Path) -> None:
    """Nobody runs with a secret that is published."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]

    assert lines
    assert all(line.partition("=")[0] in SETTINGS and line.endswith("=") for line in lines)
    assert (FOLDER / ".gitignore").read_text().splitlines().count(path.stem) == 1


def test_there_is_every_process_of_a_deployment() -> None:
    """Each service runs a command that there is."""
    group: Any = cli.btracker
    commands = {name: one["command"] for name, one in OURS.items()}

    assert {"topics", "collect", "worker", "reader", "index", "api"} == set(commands)
    assert all(command[0] in group.list_commands(None) for command in commands.values())


def test_the_live_chain_is_collected_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nodes there is no recording beside them, and documents are fetched."""
    (told,) = (one for name, one in services(SOLANA).items() if name == "collect")
    for name, value in {**told["environment"], "BTRACKER_SOLANA": "wss://one.example"}.items():
        monkeypatch.setenv(name, value)
    settings = load(CollectSettings)

    assert told["env_file"] == ["solana.env"]
    assert (None, False, True) == (settings.recording, settings.as_live, settings.fetch_documents)
    assert ["solana:one.example:443"] == [node.name for node in load(SolanaSettings).nodes]


def test_live_posts_are_collected_beside_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who knows the nodes is told of X as well; the token is in a file of its own."""
    told = services(X)["collect"]
    for name, value in {**told["environment"], "BTRACKER_X_BEARER_TOKEN": "a token"}.items():
        monkeypatch.setenv(name, value)

    assert ["solana.env", "x.env"] == told["env_file"]
    assert "https://api.x.com" == load(XSettings).base


@pytest.mark.parametrize("name", ALL)
def test_every_service_is_bounded(name: str) -> None:
    """Its memory, and how it ends; ours may write nowhere but into their volumes."""
    service = ALL[name]

    assert "mem_limit" in service
    assert service["restart"] in {"unless-stopped", "on-failure"}
    assert ":" in service["image"]
    assert not service["image"].endswith(":latest")
    if name in OURS:
        assert 10 < seconds(service["stop_grace_period"])
        assert service["read_only"]
        assert ["ALL"] == service["cap_drop"]


@pytest.mark.parametrize("files", [PLAIN, TLS], ids=["plain", "tls"])
def test_whoever_is_waited_for_is_there(files: tuple[Path, ...]) -> None:
    """A service is waited for by its health check, or because it ends."""
    found = services(files)
    declared = set(yaml.safe_load(PLAIN[0].read_text())["volumes"])
    for service in found.values():
        for awaited, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in found[awaited]
            if how["condition"] == "service_completed_successfully":
                assert "on-failure" == found[awaited]["restart"]
        named = {volume.partition(":")[0] for volume in service["volumes"]}
        assert {volume for volume in named if "/" not in volume} <= declared


def test_the_image_is_made_of_what_is_locked() -> None:
    """By hash, or from what was made of the source; and nobody runs it as root."""
    text = (FOLDER / "Dockerfile").read_text()
    installs = re.findall(r"pip (?:install|wheel) ([^\n&]*)", text)

    assert 4 == len(installs)
    for arguments in installs:
        locked = re.search(r"--require-hashes -r (locks/\w+\.txt)$", arguments.strip("\\ "))
        assert "--no-deps" in arguments or (locked and (ROOT / locked[1]).exists())
    assert ["10001:10001"] == re.findall(r"^USER (.*)$", text, re.MULTILINE)


def test_the_image_has_all_packages() -> None:
    """What is not let in would be missing when it is built."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    allowed = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()

    assert {f"!{one}" for one in (*packages, "pyproject.toml", "README.md")} <= set(allowed)
