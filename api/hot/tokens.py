"""Hot tokens: those asked for often are followed in the live feed, so that they need no store."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import NamedTuple

from api.hot.followed import FollowedToken
from api.problem import not_found
from domain.errors import BtrackerError, StoreError
from schemas.fields import Mint
from views.contract import TokenDocument, Views
from views.live.contract import LiveFeed, Subscription
from views.live.recent import Recent

OFTEN_S = 30.0
"""A token asked for twice within this time is followed."""
IDLE_S = 30.0
"""A token nobody has asked for in this time, or up to twice as long, is followed no more."""
MAX_TOKENS = 10_000
"""Tokens of which it is remembered what was last answered."""


class Answered(NamedTuple):
    """A token, and the monotonic time until which it may be answered again without a look."""

    document: TokenDocument
    until: float


class Followed(NamedTuple):
    """A token as the feed has it, and this process's place in the feed."""

    token: FollowedToken
    seat: Subscription


class HotTokens:
    """Answers tokens: of those that are followed from memory, of others from cache or store.

    A version never goes down, whatever answers next: the newest that this process has given out
    is remembered. While the feed is paused, followed tokens are as old as its last message, so
    the store answers, and its answer is good for *keep_ms*. At most *most* are followed.
    """

    def __init__(self, views: Views, feed: LiveFeed, *, keep_ms: int, most: int) -> None:
        self._views, self._feed = views, feed
        self._keep_s, self._most = keep_ms / 1000, most
        self._followed: dict[Mint, Followed] = {}
        self._answered: Recent[Mint, Answered] = Recent(MAX_TOKENS)
        self._asked: Recent[Mint, float] = Recent(MAX_TOKENS)
        self._beginning: dict[Mint, asyncio.Task[None]] = {}
        self._idle_due = monotonic() + IDLE_S

    def kept(self, mint: Mint) -> TokenDocument | None:
        """Return a token that is in memory and as new as the feed, None if it has to be read."""
        answered, followed = self._answered.get(mint), self._followed.get(mint)
        if followed is not None and not self._feed.paused:
            followed.token.was_asked = True
            document = followed.token.document
            if document is not None:
                is_newer = answered is None or answered.document.version <= document.version
                return document if is_newer or answered is None else answered.document
        return answered.document if answered and monotonic() < answered.until else None

    async def token(self, mint: Mint, *, at_least: int = 0) -> TokenDocument:
        """Return a token; one older than the version *at_least* only if there is no newer one.

        While the store cannot be reached: as it was when it could.

        Raises:
            Problem: nobody has seen it (404).
            StoreError: the store cannot be reached, and the token is neither here nor in the cache.
        """
        kept = self.kept(mint)
        if kept and kept.version >= at_least:
            return kept
        self._note(mint)
        try:
            found = await self._read(mint, at_least=at_least)
        except StoreError:
            found = None
            if not self._known(mint):
                raise
        # Two reads may overtake each other, and a client must not see a version go down.
        document = newest([found, *self._known(mint)])
        if document is None:
            raise not_found(f"token {mint}")
        until = monotonic() + self._keep_s if self._feed.paused else 0.0
        self._answered.put(mint, Answered(document, until))
        return document

    async def close(self) -> None:
        """Follow nothing any more."""
        tasks = list(self._beginning.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for mint in list(self._followed):
            self._let_go(mint)

    def _known(self, mint: Mint) -> list[TokenDocument]:
        """Return what is in memory of a token, however old."""
        answered, followed = self._answered.get(mint), self._followed.get(mint)
        found = [answered.document if answered else None]
        found.append(followed.token.document if followed else None)
        return [document for document in found if document is not None]

    async def _read(self, mint: Mint, *, at_least: int) -> TokenDocument | None:
        epoch, cached = None, None
        with suppress(StoreError):
            epoch, cached = await self._feed.recall(mint)
        if cached is not None and cached.version >= at_least:
            return cached
        try:
            stored = await self._views.token(mint)
        except StoreError:
            if cached is None:
                raise
            return cached
        if stored is not None and cached is None and epoch is not None:
            with suppress(StoreError):
                await self._feed.remember(stored, epoch=epoch)
        return newest([cached, stored])

    def _note(self, mint: Mint) -> None:
        """Note that a token had to be read; follow it if that happens often."""
        now, before = monotonic(), self._asked.get(mint)
        self._asked.put(mint, now)
        self._forget_idle(now)
        is_often = before is not None and now - before < OFTEN_S
        begun = len(self._followed) + len(self._beginning)
        is_new = mint not in self._followed and mint not in self._beginning
        if is_often and is_new and begun < self._most and not self._feed.paused:
            self._beginning[mint] = asyncio.create_task(self._follow(mint))

    async def _follow(self, mint: Mint) -> None:
        token = FollowedToken(mint)
        try:
            seat = await self._feed.subscribe("token", mint, token)
        except BtrackerError:
            return  # It is read as before.
        finally:
            del self._beginning[mint]
        self._followed[mint] = Followed(token, seat)

    def _forget_idle(self, now: float) -> None:
        if now < self._idle_due:
            return
        self._idle_due = now + IDLE_S
        for mint, followed in list(self._followed.items()):
            if not followed.token.was_asked:
                self._let_go(mint)
            followed.token.was_asked = False

    def _let_go(self, mint: Mint) -> None:
        document = newest(self._known(mint))
        if document is not None:
            self._answered.put(mint, Answered(document, 0.0))
        self._followed.pop(mint).seat.close()


def newest(documents: Iterable[TokenDocument | None]) -> TokenDocument | None:
    """Return the one of the greatest version, the first of equal ones."""
    found = [document for document in documents if document is not None]
    return max(found, key=lambda document: document.version, default=None)
