"""Who alone may write to a store for a while: an alias, since aliases change all at once; pure.

Its name says until when it holds, so that one whose holder has died does not hold for ever.
"""

import re
import time
from collections.abc import Iterable, Mapping
from secrets import token_hex
from typing import Any, NamedTuple

from views.elastic.names import Names

HOLDS_S = 60.0
_NAME = re.compile(r".*-alone-([0-9a-f]+)-(\d+)")

Action = Mapping[str, Any]
Writing = Iterable[tuple[str, str]]
"""Indices with the aliases by which they are written."""


class Lock(NamedTuple):
    """A lock: the alias that it is, and until when it holds (unix seconds)."""

    alias: str
    until: int

    @property
    def has_expired(self) -> bool:
        """Whether its holder is gone, or has forgotten it."""
        return time.time() > self.until

    def renewed(self, index: str) -> tuple["Lock", list[Action]]:
        """Return the lock for longer, and the actions; *index* is the one that it lies on."""
        prefix, _, rest = self.alias.rpartition("-alone-")
        longer = _lock(prefix, rest.partition("-")[0])
        return longer, [_remove(index, self.alias), add(index, longer.alias)]

    def take(self, writing: Writing, index: str) -> list[Action]:
        """Return the actions that take it: whoever writes finds no alias for it any more."""
        return [*(_remove(one, alias) for one, alias in writing), add(index, self.alias)]

    def release(self, writing: Writing, index: str) -> list[Action]:
        """Return the actions that give it back; none is done when it is not held any more."""
        return [_remove(index, self.alias), *(add(one, alias) for one, alias in writing)]


def new_lock(names: Names) -> Lock:
    """Return a lock for a new holder."""
    return _lock(names.prefix, token_hex(8))


def lock_of(alias: str) -> Lock | None:
    """Return the lock that an alias is, if it is one."""
    found = _NAME.fullmatch(alias)
    return Lock(alias, int(found[2])) if found else None


def _lock(prefix: str, holder: str) -> Lock:
    until = int(time.time() + HOLDS_S)
    return Lock(f"{prefix}-alone-{holder}-{until}", until)


def add(index: str, alias: str) -> Action:
    """Return the action that gives an index an alias."""
    return {"add": {"index": index, "alias": alias}}


def _remove(index: str, alias: str) -> Action:
    return {"remove": {"index": index, "alias": alias, "must_exist": True}}
