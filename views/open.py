"""Opening a store by its address."""

from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import UsageError
from views.contract import Views
from views.elastic.address import address_of, is_elastic
from views.elastic.client import Elastic
from views.elastic.names import Names
from views.elastic.store import ElasticViews
from views.memory import MemoryViews
from views.sqlite.store import VECTORS, SQLiteViews

KINDS = "give sqlite:///PATH or elasticsearch://HOST:PORT"


def open_views(url: str, *, trade_days: int = 0, vectors: int = VECTORS) -> Views:
    """Return the store at *url*: ``sqlite:///PATH``, ``memory:``, or an Elasticsearch.

    The path is relative after three slashes and absolute after four. An Elasticsearch is
    ``elasticsearch://HOST:PORT``, or ``https://USER:PASSWORD@HOST:PORT``, with ``/PREFIX`` behind
    it where its indices are not called ``btracker-…``. Of trades it keeps the newest *trade_days*
    that it is given, 0: all. A file compares with the newest *vectors* of tokens and of posts.

    Raises:
        UsageError: there is no such kind of store.
        StoreError: the store cannot be opened.
    """
    parts = urlsplit(url)
    if not is_shared(url):
        return MemoryViews()
    if is_elastic(url):
        address = address_of(url)
        return ElasticViews(Elastic(address), Names(address.prefix), keep_days=trade_days)
    path = path_of(url)
    if path is not None:
        return SQLiteViews(path, vectors=vectors)
    # Not the whole url: it may hold a password.
    kind = parts.scheme or "without a kind"
    raise UsageError(f"No store can be opened at such an address ({kind}); {KINDS}.")


def open_existing(url: str) -> Views:
    """Return the store at *url*, which is there already.

    Raises:
        UsageError: it is not, or no other process could have filled it.
        StoreError: the store cannot be opened.
    """
    if not is_shared(url):
        raise UsageError(f"A store in memory is its own process's alone; {KINDS}.")
    path = path_of(url)
    if path is not None and not path.exists():
        raise UsageError(f"There is no store at {path}; name another with --store.")
    return open_views(url)


def path_of(url: str) -> Path | None:
    """Return the file of an embedded store, None where *url* names another kind."""
    parts = urlsplit(url)
    is_file = parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1
    return Path(parts.path[1:]) if is_file else None


def is_shared(url: str) -> bool:
    """Return whether all processes that open *url* find the same store."""
    return urlsplit(url).scheme != "memory"
