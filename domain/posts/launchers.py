"""Who can be asked for a token: launchers by configuration, their handles and launchpads."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from domain.errors import UsageError
from schemas.fields import Address
from schemas.settings import LauncherSettings

Handle = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,15}$")]
Named = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
Key = Annotated[str, Meta(pattern=r"^[1-9A-HJ-NP-Za-km-z]{32,44}$")]
SHIPPED = Path(__file__).with_name("launchers.toml")


class Launcher(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service that launches tokens on request.

    ``handles``: the accounts one addresses, lower case, without ``@``; they also are the accounts
    it answers from. ``launchpads``: what decoders call the launchpads of its tokens. ``bots``:
    those of the handles whose own posts are wanted, because they name the mint. ``authorities``:
    the launchpad that a key signs for. ``tiers``: which forms of a command count.
    """

    name: Named
    handles: Annotated[tuple[Handle, ...], Meta(min_length=1)]
    launchpads: Annotated[tuple[Named, ...], Meta(min_length=1)]
    bots: tuple[Handle, ...] = ()
    authorities: Mapping[Key, Named] = {}
    tiers: Annotated[tuple[Literal["A", "B", "C"], ...], Meta(min_length=1)] = ("A", "B", "C")


def read_launchers(text: str, *, of: str) -> tuple[Launcher, ...]:
    """Return the launchers of a configuration, in its order; *of*: what it is called.

    Raises:
        UsageError: it is not one; the sentence names the launcher and the member.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{of} is no TOML: {error}") from error
    return tuple(_launcher(name, table, of=of) for name, table in tables.items())


def merged(*lists: Iterable[Launcher], of: str) -> tuple[Launcher, ...]:
    """Return all launchers; of two with the same name the later one.

    Raises:
        UsageError: two of them have the same handle, or sign with the same key.
    """
    found = {one.name: one for some in lists for one in some}
    owners: dict[str, str] = {}
    for one in found.values():
        for mark in (*one.handles, *one.authorities):
            if owners.setdefault(mark, one.name) != one.name:
                raise UsageError(f"{of}: {mark} belongs to {owners[mark]} and to {one.name}")
    return tuple(found.values())


def _launcher(name: str, table: Any, *, of: str) -> Launcher:
    if not isinstance(table, dict) or "name" in table:
        raise UsageError(f"{of}: {name} should be a table, as [believe], without a name in it")
    try:
        found = msgspec.convert({"name": name, **table}, Launcher)
    except msgspec.ValidationError as error:
        raise UsageError(f"{of}: [{name}]: {error}") from error
    for wrong in _contradictions(found):
        raise UsageError(f"{of}: [{name}]: {wrong}")
    return found


def _contradictions(launcher: Launcher) -> Iterator[str]:
    for bot in launcher.bots:
        if bot not in launcher.handles:
            yield f"the bot {bot} is none of its handles"
    for key, launchpad in launcher.authorities.items():
        if launchpad not in launcher.launchpads:
            yield f"{key} signs for {launchpad}, which is none of its launchpads"


def _known() -> tuple[Launcher, ...]:
    """Return what is shipped, and what whoever runs this has added."""
    shipped = read_launchers(SHIPPED.read_text(), of=SHIPPED.name)
    own = LauncherSettings().launchers
    if own is None:
        return shipped
    try:
        text = own.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"BTRACKER_LAUNCHERS: {own} cannot be read: {error}") from error
    of = f"BTRACKER_LAUNCHERS: {own.name}"
    return merged(shipped, read_launchers(text, of=of), of=of)


# Read once: a process has one grammar all its life, and all of them are to have the same.
LAUNCHERS = _known()

ADDRESSEES = {handle: launcher for launcher in LAUNCHERS for handle in launcher.handles}
"""Launcher by handle."""

LAUNCHPADS = {launcher.name: frozenset(launcher.launchpads) for launcher in LAUNCHERS}
"""Launcher to the launchpads whose tokens answer its commands."""

AUTHORITIES: Mapping[Address, str] = {
    key: launchpad for launcher in LAUNCHERS for key, launchpad in launcher.authorities.items()
}
"""Launchpad by the key that signs for it."""

ADDRESS = re.compile(rf"(?<![\w@])@({'|'.join(ADDRESSEES)})(?!\w)", re.IGNORECASE)
"""A mention of a launcher; group 1 is the handle as written."""


def addresses(text: str) -> bool:
    """Whether a normalised text mentions a launcher."""
    return ADDRESS.search(text) is not None
