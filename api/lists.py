"""Lists: pages of a store with signed cursors, as they are answered."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from api.cursors import Cursors
from api.parameters import Paging
from views.contract import Key, Page, TokenDocument


class ListOf(msgspec.Struct, frozen=True, rename="camel"):
    """A page of a list; ``next_cursor`` is null at the end."""

    items: Sequence[Any]
    next_cursor: str | None = None


Read = Callable[..., Awaitable[Page[Any]]]


class Listing(NamedTuple):
    """One list of one query: its *name* keeps its cursors apart from those of other lists."""

    cursors: Cursors
    name: str

    def after(self, cursor: str | None) -> Key | None:
        """Return where the list goes on.

        Raises:
            Problem: the cursor is not one of this list (400).
        """
        scope = self.name.encode()
        return None if cursor is None else self.cursors.read(cursor, scope=scope, kind=Key)

    def of(self, page: Page[Any]) -> ListOf:
        """Return a page with the cursor of the next."""
        last = page.next
        cursor = None if last is None else self.cursors.sign(last, scope=self.name.encode())
        return ListOf(page.items, cursor)

    async def read(self, asked: Paging, read: Read) -> ListOf:
        """Return the page that *read* gives for ``limit`` and ``after``."""
        return self.of(await read(limit=asked.limit, after=self.after(asked.cursor)))


def bodies(page: Page[TokenDocument]) -> Page[msgspec.Raw]:
    """Return a page of tokens as their own bytes."""
    return Page(tuple(token.body for token in page.items), page.next)
