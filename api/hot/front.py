"""In front of the framework: hot answers and the live socket, for which it would cost most of all.

What is answered here is what the framework's routes answer, to the byte; whatever is not simple
goes on to them: other methods, parameters, pages of other origins, refusals, what is not in memory.
"""

from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from starlette.types import Receive, Scope, Send

from api.answers import LIVE_S, content_tag, matches, version_shown, version_tag
from api.cursors import Cursors
from api.envelope import NO_CONTENT_POLICY, request_id_of, security_headers
from api.parameters import Paging
from api.routes.market import board_listing
from api.services import Services
from views.contract import Page

Answering = Coroutine[Any, Any, None]
App = Callable[[Scope, Receive, Send], Answering]
STREAM = "/v1/stream"
TOKENS, BOARDS = "/v1/tokens/", "/v1/boards/"
PAGE = Paging().limit
NEEDS = {TOKENS: "read:tokens", BOARDS: "read:market"}
ROUTES = {TOKENS: "/v1/tokens/{mint}", BOARDS: "/v1/boards/{name}"}


class Found(NamedTuple):
    """An answer that is in memory: the route it is of, its bytes, its ETag."""

    above: str
    body: bytes
    tag: str


class Front:
    """Answers what is in memory, and hands everything else to *app*."""

    def __init__(self, app: App, services: Services, *, live: App) -> None:
        self._app, self._live, self._services = app, live, services
        self._boards = BoardBodies(services.cursors)
        public = (b"cache-control", f"public, max-age={LIVE_S}".encode())
        private = (b"cache-control", f"private, max-age={LIVE_S}".encode())
        always = [(b"content-type", b"application/json"), NO_CONTENT_POLICY]
        always += security_headers(services.settings)
        self._public, self._private = [public, *always], [private, *always]

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
            document = self._services.hot.kept(path[len(TOKENS) :])
            if document is not None:
                return Found(TOKENS, bytes(document.body), version_tag(document.version))
        elif path.startswith(BOARDS):
            name = path[len(BOARDS) :]
            page = self._services.boards.kept(name, PAGE)
            return None if page is None else self._boards.found(name, page)
        return None

    async def _answer(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        began, services = perf_counter(), self._services
        headers = dict(scope["headers"])
        known = headers.get(b"if-none-match")
        has_newer = known and found.above == TOKENS and _has_newer(known.decode("latin-1"), found)
        is_simple = b"origin" not in headers and not has_newer
        need = NEEDS[found.above]
        admission = is_simple and services.gate.admit_at_once(scope, headers, need=need)
        if not admission:
            await self._app(scope, receive, send)
            return
        is_known = bool(known) and matches((known or b"").decode("latin-1"), found.tag)
        status, body = (304, b"") if is_known else (200, found.body)
        told = [
            *(self._private if admission.caller.key else self._public),
            (b"etag", found.tag.encode()),
            *admission.headers,
            *await services.head.headers(),
            (b"x-request-id", request_id_of(headers)),
        ]
        if status == 200:
            told.append((b"content-length", b"%d" % len(body)))
        else:
            told.remove((b"content-type", b"application/json"))
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})
        route, seconds = ROUTES[found.above], perf_counter() - began
        services.metrics.answered(route=route, method="GET", status=status, seconds=seconds)


class BoardBodies:
    """The bytes of first pages of boards, made once for each state of a board."""

    def __init__(self, cursors: Cursors) -> None:
        self._cursors = cursors
        self._made: dict[str, tuple[Page[msgspec.Raw], Found]] = {}

    def found(self, name: str, page: Page[msgspec.Raw]) -> Found:
        """Return the answer of a page."""
        made = self._made.get(name)
        if made is None or made[0] is not page:
            body = board_listing(self._cursors, name).body(page)
            made = self._made[name] = (page, Found(BOARDS, body, content_tag(body)))
        return made[1]


def _has_newer(if_none_match: str, found: Found) -> bool:
    """Return whether the caller says that it has a newer version than the one in memory."""
    return version_shown(if_none_match) > version_shown(found.tag)
