"""Where an Elasticsearch is, by the address of a store; pure."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from domain.errors import UsageError

SCHEMES = {"elasticsearch": "http", "http": "http", "https": "https"}
PREFIX = "btracker"
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Address(NamedTuple):
    """A server, who we are to it, and what the names of our indices begin with.

    ``user`` empty and a ``password``: that is an API key.
    """

    host: str
    user: str
    password: str
    prefix: str


def is_elastic(url: str) -> bool:
    """Return whether *url* names an Elasticsearch."""
    return urlsplit(url).scheme in SCHEMES


def address_of(url: str) -> Address:
    """Return what ``elasticsearch://HOST:PORT/PREFIX`` says; ``https://…`` is over TLS.

    Raises:
        UsageError: it is no such address.
    """
    parts = urlsplit(url)
    prefix = parts.path.strip("/") or PREFIX
    try:
        port = parts.port or (443 if parts.scheme == "https" else 9200)
    except ValueError:
        port = 0
    if not parts.hostname or not port or parts.query or parts.fragment:
        raise UsageError("That is no address of an Elasticsearch; give https://USER:…@HOST:PORT.")
    if not _PREFIX.fullmatch(prefix):
        raise UsageError(f"Names of indices cannot begin with {prefix!r}; use a-z, 0-9, - and _.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(
        f"{SCHEMES[parts.scheme]}://{host}:{port}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        prefix,
    )
