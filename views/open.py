"""Opening a store by its address."""

from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import UsageError
from views.contract import Views
from views.memory import MemoryViews
from views.sqlite.store import SQLiteViews


def open_views(url: str) -> Views:
    """Return the store at *url*: ``sqlite:///PATH`` or ``memory:``.

    The path is relative after three slashes and absolute after four.

    Raises:
        UsageError: there is no such kind of store.
        StoreError: the store cannot be opened.
    """
    parts = urlsplit(url)
    if not is_shared(url):
        return MemoryViews()
    path = path_of(url)
    if path is not None:
        return SQLiteViews(path)
    # Not the whole url: it may hold a password.
    kind = parts.scheme or "without a kind"
    raise UsageError(f"No store can be opened at such an address ({kind}); give sqlite:///PATH.")


def open_existing(url: str) -> Views:
    """Return the store at *url*, which is there already.

    Raises:
        UsageError: it is not, or no other process could have filled it.
        StoreError: the store cannot be opened.
    """
    if not is_shared(url):
        raise UsageError("A store in memory is its own process's alone; give sqlite:///PATH.")
    path = path_of(url)
    if path is not None and not path.exists():
        raise UsageError(f"There is no store at {path}; name another with --store sqlite:///PATH.")
    return open_views(url)


def path_of(url: str) -> Path | None:
    """Return the file of an embedded store, None where *url* names another kind."""
    parts = urlsplit(url)
    is_file = parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1
    return Path(parts.path[1:]) if is_file else None


def is_shared(url: str) -> bool:
    """Return whether all processes that open *url* find the same store."""
    return urlsplit(url).scheme != "memory"
