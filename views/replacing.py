"""Stores whose place another one can take while they are in use."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from views.contract import Views


class Replaceable(Views, Protocol):
    """A store whose place another one can take while it is in use."""

    def order_of(self, noun: str, key: str) -> tuple[Any, ...]:
        """Return by what ``documents`` come in order."""

    async def check(self) -> None:
        """Look whether it can be read at all.

        Raises:
            UnusableStoreError: it cannot.
        """

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Let nobody else write meanwhile; reading goes on."""

    async def become(self, other: Views) -> None:
        """Take over all that *other*, of the same kind, has; at once, while alone."""
