"""In front of the framework: hot answers and the live socket, for which it would cost most of all.

What is answered here is what the framework's routes answer, to the byte; whatever is not simple
goes on to them: other methods, parameters, pages of other origins, refusals, what is not in memory.
"""

from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from starlette.types import Receive, Scope, Send

from api.answers import JSON, LIVE_S, content_tag, matches, version_shown, version_tag
from api.envelope import NO_CONTENT_POLICY, NOT_MODIFIED, request_id_of, security_headers
from api.head import Headers
from api.parameters import Paging
from api.reads.market import board_listing
from api.services import Services
from views.contract import Page, TokenDocument

Answering = Coroutine[Any, Any, None]
App = Callable[[Scope, Receive, Send], Answering]
ETAG = b"etag"
STREAM = "/v1/stream"
TOKENS, BOARDS = "/v1/tokens/", "/v1/boards/"
PAGE = Paging().limit
NEEDS = {TOKENS: "read:tokens", BOARDS: "read:market"}
ROUTES = {TOKENS: "/v1/tokens/{mint}", BOARDS: "/v1/boards/{name}"}


class Found(NamedTuple):
    """An answer that is in memory: the route it is of, its ETag, its bytes, its own headers."""

    above: str
    tag: str
    body: bytes
    headers: Headers


class Front:
    """Answers what is in memory, and hands everything else to *app*."""

    def __init__(self, app: App, services: Services, *, live: App) -> None:
        self._app, self._live, self._services = app, live, services
        self._tokens: dict[str, tuple[TokenDocument, Found]] = {}
        self._boards: dict[str, tuple[Page[msgspec.Raw], Found]] = {}
        always = [NO_CONTENT_POLICY, *security_headers(services.settings)]
        self._public, self._private = (
            [(b"cache-control", f"{whose}, max-age={LIVE_S}".encode()), *always]
            for whose in ("public", "private")
        )

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Answering:
        """Return the answering of a request or connection."""
        if scope["type"] == "websocket" and scope["path"] == STREAM:
            return self._live(scope, receive, send)
        found = self._found(scope) if scope["type"] == "http" else None
        if found is None:
            return self._app(scope, receive, send)
        return self._answer(found, scope, receive, send)

    def _found(self, scope: Scope) -> Found | None:
        path: str = scope["path"]
        if scope["method"] != "GET" or scope["query_string"]:
            return None
        if path.startswith(TOKENS):
            return self._token(path[len(TOKENS) :])
        return self._board(path[len(BOARDS) :]) if path.startswith(BOARDS) else None

    def _token(self, mint: str) -> Found | None:
        document = self._services.hot.kept(mint)
        if document is None:
            return None
        made = self._tokens.get(mint)
        if made is None or made[0] is not document:
            if len(self._tokens) > self._services.settings.hot_tokens:
                self._tokens.clear()
            found = _found(TOKENS, bytes(document.body), version_tag(document.version))
            made = self._tokens[mint] = (document, found)
        return made[1]

    def _board(self, name: str) -> Found | None:
        page = self._services.boards.kept(name, PAGE)
        if page is None:
            return None
        made = self._boards.get(name)
        if made is None or made[0] is not page:
            body = msgspec.json.encode(board_listing(self._services.cursors, name).of(page))
            made = self._boards[name] = (page, _found(BOARDS, body, content_tag(body)))
        return made[1]

    async def _answer(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        began, headers = perf_counter(), dict(scope["headers"])
        is_known = _is_known(found, headers)
        told = self._told(found, scope, headers, is_known=is_known)
        if told is None:
            await self._app(scope, receive, send)
            return
        status, body = (NOT_MODIFIED, b"") if is_known else (200, found.body)
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})
        route, seconds = ROUTES[found.above], perf_counter() - began
        self._services.metrics.answered(route=route, method="GET", status=status, seconds=seconds)

    def _told(
        self, found: Found, scope: Scope, headers: dict[bytes, bytes], *, is_known: bool
    ) -> Headers | None:
        """Return the headers of an answer; None where the framework has to answer."""
        services = self._services
        if b"origin" in headers or _has_newer(found, headers):
            return None
        head = services.head.headers_at_once()
        if head is None:
            return None
        admission = services.gate.admit_at_once(scope, headers, need=NEEDS[found.above])
        if admission is None:
            return None
        own, limits = found.headers, admission.headers
        if is_known:
            own, limits = own[:1], services.gate.unchanged(admission)
        always = self._private if admission.caller.key else self._public
        return [*own, *always, *limits, *head, (b"x-request-id", request_id_of(headers))]


def _found(above: str, body: bytes, tag: str) -> Found:
    """Return an answer with what its headers say of it."""
    headers = [
        (ETAG, tag.encode()),
        (b"content-type", JSON.encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    return Found(above, tag, body, headers)


def _is_known(found: Found, headers: dict[bytes, bytes]) -> bool:
    """Return whether the caller has an answer already."""
    known = headers.get(b"if-none-match")
    return known is not None and matches(known.decode("latin-1"), found.tag)


def _has_newer(found: Found, headers: dict[bytes, bytes]) -> bool:
    """Return whether the caller says that it has a newer version than the one in memory."""
    known = headers.get(b"if-none-match")
    if known is None or found.above != TOKENS:
        return False
    return version_shown(known.decode("latin-1")) > version_shown(found.tag)
