"""Whom a text mentions, and where it points to."""

import re

_HANDLE = re.compile(r"(?<![\w@])@(\w{1,32})(?!\w)")
_URL = re.compile(
    r"https?://[^\s<>\"]+|(?<![\w@.])(?:[\w-]{1,40}\.){1,6}[a-z]{2,8}/[^\s<>\"]+", re.IGNORECASE
)


def handles(text: str) -> tuple[str, ...]:
    """Return the accounts a normalised *text* mentions, as written, in order, each once."""
    return tuple(dict.fromkeys(_HANDLE.findall(text)))


def links(text: str) -> tuple[str, ...]:
    """Return the addresses in a normalised *text*, in order, each once."""
    if "/" not in text:
        return ()
    return tuple(dict.fromkeys(found.rstrip(".,;:!?)]") for found in _URL.findall(text)))
