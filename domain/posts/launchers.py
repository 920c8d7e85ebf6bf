"""Who can be asked for a token: one table of launchers, their handles and their launchpads."""

import re
from typing import NamedTuple


class Launcher(NamedTuple):
    """A service that launches tokens on request.

    ``handles``: the accounts one addresses, lower case, without ``@``; they also are the accounts
    it answers from. ``launchpads``: what decoders call the launchpads of its tokens, which know by
    whom a launch must be signed. ``bots``: those of the handles whose own posts are wanted, because
    they name the mint.
    """

    name: str
    handles: tuple[str, ...]
    launchpads: tuple[str, ...]
    bots: tuple[str, ...]


LAUNCHERS = (
    Launcher("believe", ("launchcoin", "launchacoin", "believeapp"), ("believe",), ("launchcoin",)),
    Launcher("bankr", ("bankrbot",), ("bankr",), ("bankrbot",)),
    Launcher("clanker", ("clanker",), ("clanker",), ("clanker",)),
)

ADDRESSEES = {handle: launcher.name for launcher in LAUNCHERS for handle in launcher.handles}
"""Handle to launcher."""

LAUNCHPADS = {launcher.name: frozenset(launcher.launchpads) for launcher in LAUNCHERS}
"""Launcher to the launchpads whose tokens answer its commands."""

ADDRESS = re.compile(rf"(?<![\w@])@({'|'.join(ADDRESSEES)})(?!\w)", re.IGNORECASE)
"""A mention of a launcher; group 1 is the handle as written."""


def addresses(text: str) -> bool:
    """Whether a normalised text mentions a launcher."""
    return ADDRESS.search(text) is not None
