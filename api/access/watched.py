"""What is read from files that others change: read again when they have."""

import logging
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from domain.errors import UsageError

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How long a change may go unnoticed: so long a key still works after it was revoked."""
HURRY_S = 0.1

T = TypeVar("T")


class Watched(Generic[T]):
    """A value that *load* reads; *look* tells, cheaply, whether it would read another one.

    What cannot be read any more leaves the value as it was, and is said once.
    """

    def __init__(self, look: Callable[[], Hashable], load: Callable[[], T]) -> None:
        self._look, self._load = look, load
        self._seen = look()
        self._value = load()
        self._looked = float("-inf")

    def value(self, *, now: float, hurry: bool = False) -> T:
        """Return the value at monotonic time *now*; in a *hurry* it is looked at sooner."""
        if now - self._looked >= (HURRY_S if hurry else LOOK_S):
            self._looked = now
            self._refresh()
        return self._value

    def _refresh(self) -> None:
        seen = self._look()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._value = self._load()
        except (UsageError, OSError) as error:
            # A sentence says it all.
            log.error("What was there before stays in force: %s", error)  # noqa: TRY400
