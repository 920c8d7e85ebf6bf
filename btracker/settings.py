"""All settings of all processes: read with one sentence for what is wrong, and shown."""

import os
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

import msgspec
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsError

from api.settings import ApiSettings
from btracker.logs import LogSettings
from btracker.urls import HIDDEN, masked
from domain.errors import UsageError
from schemas.settings import LauncherSettings
from streams.settings import StreamSettings
from streams.sources.accounts.settings import AccountSettings
from streams.sources.dollars.settings import DollarSettings
from streams.sources.metadata_settings import MetadataSettings
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings
from views.settings import ViewSettings

PREFIX = "BTRACKER_"
PROCESSES: dict[str, tuple[type[BaseSettings], ...]] = {
    "all": (LogSettings, LauncherSettings),
    "worker": (StreamSettings,),
    "collect": (
        CollectSettings,
        SolanaSettings,
        XSettings,
        MetadataSettings,
        AccountSettings,
        DollarSettings,
    ),
    "index": (ViewSettings,),
    "api": (ApiSettings,),
}
EXAMPLE_HEAD = """\
# Settings of Btracker's processes, with their defaults; written by btracker config --example.
# What is set here is an environment variable of the process; nothing has to be.
"""

Settings = TypeVar("Settings", bound=BaseSettings)


class Shown(NamedTuple):
    """One environment variable: who reads it, what it means, its default and its value."""

    name: str
    processes: tuple[str, ...]
    description: str
    default: str
    value: str
    changed: bool


def load(kind: type[Settings], **given: Any) -> Settings:
    """Return the settings of a process from its environment, and from what was *given*.

    Raises:
        UsageError: one of them is not what it should be.
    """
    try:
        return kind(**given)
    except (ValidationError, SettingsError) as error:
        raise UsageError(f"{_wrong(error)}; see: btracker config") from error


def problems() -> list[str]:
    """Return what is wrong with the settings of all processes, each once."""
    found: dict[str, None] = {}
    for kinds in PROCESSES.values():
        for kind in kinds:
            try:
                kind()
            except (ValidationError, SettingsError) as error:
                found[_wrong(error)] = None
    return list(found)


def unknown(names: Iterable[str]) -> list[str]:
    """Return a sentence for each variable of our prefix among *names* that nobody reads."""
    known = {one.name for one in _every()}
    sentences = []
    for name in sorted(name for name in names if name.startswith(PREFIX) and name not in known):
        near = get_close_matches(name, known, n=1)
        meant = f"; did you mean {near[0]}?" if near else "; see: btracker config"
        sentences.append(f"{name} is no setting of ours{meant}")
    return sentences


def _wrong(error: ValidationError | SettingsError) -> str:
    """Return what is wrong with a variable, with its name."""
    if isinstance(error, SettingsError):
        field = str(error).split('"')[1]
        return f"{PREFIX}{field.upper()}: it is not the JSON that it should be"
    first = error.errors(include_url=False, include_input=False)[0]
    # What is wrong with several together names them itself.
    name = "".join(f"{PREFIX}{part}: ".upper() for part in first["loc"][:1])
    said = first["msg"].removeprefix("Value error, ")
    # What is hidden is a text, though it is measured like a list.
    return f"{name}{said.replace('items after validation', 'characters')}"


def shown_settings() -> list[Shown]:
    """Return every variable once, in the order of the processes, with what it is now."""
    found: dict[str, Shown] = {}
    for one in _every():
        known = found.setdefault(one.name, one)
        processes = tuple(dict.fromkeys(known.processes + one.processes))
        found[one.name] = known._replace(processes=processes)
    return list(found.values())


def example() -> str:
    """Return ``.env.example``: every variable with its meaning and its default, commented out."""
    blocks = [
        f"# {one.description} ({', '.join(one.processes)})\n# {one.name}={one.default}\n"
        for one in shown_settings()
    ]
    return "\n".join([EXAMPLE_HEAD, *blocks])


def _every() -> Iterator[Shown]:
    for process, kinds in PROCESSES.items():
        for kind in kinds:
            given = _given(kind)
            for name, field in kind.model_fields.items():
                default = field.get_default()
                value = given.get(name, default)
                yield Shown(
                    PREFIX + name.upper(),
                    (process,),
                    " ".join((field.description or "").split()),
                    _text(default),
                    _text(value),
                    value != default,
                )


def _given(kind: type[BaseSettings]) -> dict[str, Any]:
    """Return the settings of a process; as they are written where one of them is wrong."""
    try:
        settings = kind()
    except (ValidationError, SettingsError):
        fields = kind.model_fields.items()
        secret = {name for name, field in fields if SecretStr.__name__ in str(field.annotation)}
        written = {name: os.environ.get(PREFIX + name.upper()) for name, _ in fields}
        return {
            name: SecretStr(value) if name in secret else value
            for name, value in written.items()
            if value is not None
        }
    return {name: getattr(settings, name) for name in kind.model_fields}


def _text(value: Any) -> str:
    """Return a value as it is written in the environment; no secret, no password is shown."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    return masked(msgspec.json.encode(value).decode() if isinstance(value, tuple) else str(value))
