"""Hot boards: all are followed in the live feed, so that their first pages need no store."""

import asyncio

import msgspec

from api.hot.followed import FollowedBoard
from domain.errors import BtrackerError, StoreError
from views.boards import BOARDS
from views.contract import Page, TokenQuery, Views
from views.live.contract import LiveFeed, Subscription
from views.live.recent import Recent

MAX_PAGES = 16
RETRY_S = 1.0


class HotBoards:
    """Answers pages of boards: the first ones from the live feed, all others from the store.

    While neither can be reached: as they were, for the pages that were asked for last. There are
    as many first pages as there are lengths of one.
    """

    def __init__(self, views: Views, feed: LiveFeed) -> None:
        self._views, self._feed = views, feed
        self._boards: dict[str, FollowedBoard] = {}
        self._pages: Recent[tuple[str, int], Page[msgspec.Raw]] = Recent(MAX_PAGES)
        self._seats: list[Subscription] = []
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow, as soon as the feed can; does not wait for it."""
        self._following = asyncio.create_task(self._follow_all())

    async def close(self) -> None:
        """Follow nothing any more."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
        for seat in self._seats:
            seat.close()
        self._boards, self._seats = {}, []

    def kept(self, name: str, limit: int) -> Page[msgspec.Raw] | None:
        """Return a first page as the feed has it, None if the store has to be asked."""
        board = self._boards.get(name)
        return board.page(limit) if board is not None and not self._feed.paused else None

    async def page(self, name: str, query: TokenQuery) -> Page[msgspec.Raw]:
        """Return a page of a board, as the tokens' own bytes.

        Raises:
            StoreError: the store is needed and cannot be reached, and the page is not in memory.
        """
        kept = self.kept(name, query.limit) if query.after is None else None
        if kept is not None:
            return kept
        asked = name, query.limit
        try:
            found = await self._views.tokens(query)
        except StoreError:
            known = self._pages.get(asked) if query.after is None else None
            if known is None:
                raise
            return known
        page = Page(tuple(token.body for token in found.items), found.next)
        if query.after is None:
            self._pages.put(asked, page)
        return page

    async def _follow_all(self) -> None:
        for name, query in BOARDS.items():
            board = FollowedBoard(query)
            self._seats.append(await self._seat(name, board))
            self._boards[name] = board

    async def _seat(self, name: str, board: FollowedBoard) -> Subscription:
        while True:
            try:
                return await self._feed.subscribe("board", name, board)
            except BtrackerError:
                await asyncio.sleep(RETRY_S)
