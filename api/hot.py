"""Hot answers, from memory: tokens for a moment and in front of the framework, boards in need."""

from time import monotonic
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import answer, version_tag
from api.problem import not_found
from domain.errors import StoreError
from views.contract import Page, TokenDocument, TokenQuery, Views

PREFIX = "/v1/tokens/"
MAX_TOKENS = 10_000
MAX_PAGES = 16


class Kept(NamedTuple):
    """A token and the monotonic time until which it may be served from memory."""

    document: TokenDocument
    until: float


class HotTokens:
    """Keeps tokens for *keep_ms*, so that a popular one costs the store one read in that time.

    A version never goes down: what the store answers is not replaced by something older.
    """

    def __init__(self, views: Views, *, keep_ms: int) -> None:
        self._views, self._keep_s = views, keep_ms / 1000
        self._kept: dict[str, Kept] = {}

    def kept(self, mint: str) -> TokenDocument | None:
        """Return a token that is in memory and fresh enough."""
        found = self._kept.get(mint)
        return found.document if found and monotonic() < found.until else None

    async def token(self, mint: str) -> TokenDocument:
        """Return a token; while the store cannot be reached, as it was when it could.

        Raises:
            Problem: nobody has seen it (404).
            StoreError: the store cannot be reached, and the token is not in memory.
        """
        if kept := self.kept(mint):
            return kept
        try:
            found = await self._views.token(mint)
        except StoreError:
            if mint in self._kept:
                return self._kept[mint].document
            raise
        return self._keep(mint, found)

    def _keep(self, mint: str, found: TokenDocument | None) -> TokenDocument:
        if found is None:
            raise not_found(f"token {mint}")
        # Two reads may overtake each other, and a client must not see a version go down.
        before = self._kept.get(mint)
        newest = found if before is None else max(before.document, found, key=_version)
        if len(self._kept) >= MAX_TOKENS:
            self._kept.clear()
        self._kept[mint] = Kept(newest, monotonic() + self._keep_s)
        return newest


class HotBoards:
    """Remembers first pages of boards, for the time while the store cannot be reached.

    Those that were asked for last: there are as many as there are lengths of a page.
    """

    def __init__(self, views: Views) -> None:
        self._views = views
        self._pages: dict[tuple[str, int], Page[TokenDocument]] = {}

    async def page(self, name: str, query: TokenQuery) -> Page[TokenDocument]:
        """Return a page of a board.

        Raises:
            StoreError: the store cannot be reached, and the page is not in memory.
        """
        if query.after is not None:
            return await self._views.tokens(query)
        asked = name, query.limit
        try:
            found = await self._views.tokens(query)
        except StoreError:
            if asked not in self._pages:
                raise
            return self._pages[asked]
        self._pages.pop(asked, None)
        self._pages[asked] = found
        if len(self._pages) > MAX_PAGES:
            del self._pages[next(iter(self._pages))]
        return found


def _version(document: TokenDocument) -> int:
    return document.version


class TokenShortcut:
    """Answers ``GET /v1/tokens/{mint}`` for tokens in memory; everything else goes on.

    The framework costs four times what the answer itself does; its route answers all the rest.
    """

    path = PREFIX + "{mint}"

    def __init__(self, app: ASGIApp, *, hot: HotTokens) -> None:
        self.app, self._hot = app, hot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        document = self._asked(scope) if scope["type"] == "http" else None
        if document is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = self
        await token_answer(Request(scope), document)(scope, receive, send)

    def _asked(self, scope: Scope) -> TokenDocument | None:
        path = scope["path"]
        if scope["method"] != "GET" or scope["query_string"] or not path.startswith(PREFIX):
            return None
        return self._hot.kept(path[len(PREFIX) :])


def token_answer(request: Request, document: TokenDocument) -> Response:
    """Return a token's own bytes; its version is its ETag."""
    return answer(request, bytes(document.body), tag=version_tag(document.version))
