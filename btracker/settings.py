"""All settings of all processes: read with one sentence for what is wrong, and shown."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

from api.settings import ApiSettings
from btracker.logs import LogSettings
from btracker.urls import HIDDEN, masked
from domain.errors import UsageError
from streams.settings import StreamSettings
from streams.sources.metadata_settings import MetadataSettings
from streams.sources.settings import CollectSettings
from views.settings import ViewSettings

PREFIX = "BTRACKER_"
PROCESSES: dict[str, tuple[type[BaseSettings], ...]] = {
    "all": (LogSettings,),
    "worker": (StreamSettings,),
    "collect": (CollectSettings, MetadataSettings),
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
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # What is wrong with several together names them itself.
        name = "".join(f"{PREFIX}{part}: ".upper() for part in first["loc"][:1])
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{name}{said}; see: btracker config") from error


def shown_settings() -> list[Shown]:
    """Return every variable once, in the order of the processes, with what it is now.

    Raises:
        UsageError: one of them is not what it should be.
    """
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
            settings = load(kind)
            for name, field in kind.model_fields.items():
                default, value = field.get_default(), getattr(settings, name)
                yield Shown(
                    PREFIX + name.upper(),
                    (process,),
                    " ".join((field.description or "").split()),
                    _text(default),
                    _text(value),
                    value != default,
                )


def _text(value: Any) -> str:
    """Return a value as it is written in the environment; no secret, no password is shown."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return HIDDEN
    if isinstance(value, bool):
        return str(value).lower()
    return masked(msgspec.json.encode(value).decode() if isinstance(value, tuple) else str(value))
