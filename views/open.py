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
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return SQLiteViews(Path(parts.path[1:]))
    # Not the whole url: it may hold a password.
    kind = parts.scheme or "without a kind"
    raise UsageError(f"No store can be opened at such an address ({kind}); give sqlite:///PATH.")


def is_shared(url: str) -> bool:
    """Return whether all processes that open *url* find the same store."""
    return urlsplit(url).scheme != "memory"
