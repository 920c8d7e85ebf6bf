"""Who alone may do something to a store for a while: an alias, for aliases change all at once.

Its name says until when it holds, so that one whose holder has died does not hold for ever.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any, Literal, NamedTuple, Self

from domain.errors import StoreError

HOLDS_S = 60.0
_NAME = re.compile(r".*-(alone|rebuilding)-[0-9a-f]+-(\d+)")

Kind = Literal["alone", "rebuilding"]
Action = Mapping[str, Any]
Aliased = Iterable[tuple[str, str]]
"""Indices with an alias each."""


class Lock(NamedTuple):
    """A lock: the alias that it is, and until when it holds (unix seconds)."""

    alias: str
    until: int

    @property
    def has_expired(self) -> bool:
        """Whether its holder is gone, or has forgotten it."""
        return time.time() > self.until


def new_lock(prefix: str, kind: Kind) -> Lock:
    """Return a lock for a new holder."""
    return _until(f"{prefix}-{kind}-{token_hex(8)}")


def lock_of(alias: str, kind: Kind) -> Lock | None:
    """Return the lock that an alias is, if it is one."""
    found = _NAME.fullmatch(alias)
    return Lock(alias, int(found[2])) if found and found[1] == kind else None


def added(aliased: Aliased) -> list[Action]:
    """Return the actions that give indices their aliases."""
    return [{"add": {"index": index, "alias": alias}} for index, alias in aliased]


def removed(aliased: Aliased) -> list[Action]:
    """Return the actions that take them away; without one of them nothing is done at all."""
    return [
        {"remove": {"index": index, "alias": alias, "must_exist": True}} for index, alias in aliased
    ]


class Held:
    """A lock on an index while it is held: it is renewed as long as this runs."""

    def __init__(
        self, lock: Lock, index: str, change: Callable[[Sequence[Action]], Awaitable[bool]]
    ) -> None:
        self.lock, self.index, self._change = lock, index, change
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to renew it."""
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Renew it no more."""
        await self.settle()

    async def settle(self) -> None:
        """Renew it no more; from now on its alias stays the same."""
        if self._renewing:
            self._renewing.cancel()
            with suppress(asyncio.CancelledError):
                await self._renewing

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(HOLDS_S / 6)
            longer = _until(self.lock.alias.rpartition("-")[0])
            swap = [
                *removed([(self.index, self.lock.alias)]), *added([(self.index, longer.alias)])
            ]  # fmt: skip
            with suppress(StoreError):
                if await self._change(swap):
                    self.lock = longer


def _until(name: str) -> Lock:
    until = int(time.time() + HOLDS_S)
    return Lock(f"{name}-{until}", until)
