"""In front of the framework: hot answers, for which it would cost most of all.

What is answered here is what the framework's routes answer, to the byte; whatever is not simple
goes on to them: other methods, parameters, pages of other origins, refusals, what is not in memory.
"""

from time import perf_counter
from typing import Any, NamedTuple

import msgspec

from api.access.gate import Visit
from api.answers import JSON, LIVE_S, content_tag, matches, version_shown, version_tag
from api.envelope import NO_CONTENT_POLICY, NOT_MODIFIED, request_id_of, security_headers
from api.head import Headers
from api.parameters import Paging
from api.reads.market import board_listing
from api.services import Services
from views.contract import Page, TokenDocument

TOKENS, BOARDS = "/v1/tokens/", "/v1/boards/"
PAGE = Paging().limit
NEEDS = {TOKENS: "read:tokens", BOARDS: "read:market"}
ROUTES = {TOKENS: "/v1/tokens/{mint}", BOARDS: "/v1/boards/{name}"}


class Answer(NamedTuple):
    """An answer as it goes over the wire: its status, its header lines, its bytes."""

    status: int
    lines: bytes
    body: bytes


class Found(NamedTuple):
    """What is in memory: the route it is of, its ETag, its bytes; the lines of its own headers.

    ``unchanged`` are those of them that a caller is told who has it already.
    """

    above: str
    tag: str
    body: bytes
    lines: bytes
    unchanged: bytes


class Front:
    """Answers what is in memory, without waiting for anything."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tokens: dict[str, tuple[TokenDocument, Found]] = {}
        self._boards: dict[str, tuple[Page[msgspec.Raw], Found]] = {}
        always = [NO_CONTENT_POLICY, *security_headers(services.settings)]
        self._public, self._private = (
            _lines([(b"cache-control", f"{whose}, max-age={LIVE_S}".encode()), *always])
            for whose in ("public", "private")
        )

    def answer(self, scope: Any, visit: Visit) -> Answer | None:
        """Return the answer to a request, None where the framework has to answer.

        *scope* is the request's, as ASGI has it; *visit* is its connection's.
        """
        began, found = perf_counter(), self._found(scope)
        if found is None:
            return None
        is_known = _is_known(found, visit.look(scope["headers"]))
        lines = self._lines(found, scope, visit, is_known=is_known)
        if lines is None:
            return None
        status, body = (NOT_MODIFIED, b"") if is_known else (200, found.body)
        route, seconds = ROUTES[found.above], perf_counter() - began
        self._services.metrics.answered(route=route, method="GET", status=status, seconds=seconds)
        return Answer(status, lines, body)

    def _found(self, scope: Any) -> Found | None:
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

    def _lines(self, found: Found, scope: Any, visit: Visit, *, is_known: bool) -> bytes | None:
        """Return the header lines of an answer; None where the framework has to answer."""
        services, headers = self._services, visit.named
        is_any = b"*" in headers.get(b"if-none-match", b"")
        if is_any or b"origin" in headers or _has_newer(found, headers):
            return None
        head = services.head.headers_at_once()
        if head is None:
            return None
        admission = services.gate.admit_at_once(scope, visit, need=NEEDS[found.above])
        if admission is None:
            return None
        limits = services.gate.unchanged(admission) if is_known else admission.headers
        own = found.unchanged if is_known else found.lines
        always = self._private if admission.caller.key else self._public
        asked = (b"x-request-id", request_id_of(headers))
        return b"".join((own, always, _lines([*limits, *head, asked])))


def _found(above: str, body: bytes, tag: str) -> Found:
    """Return what is in memory with what its headers say of it."""
    unchanged = _lines([(b"etag", tag.encode())])
    content = [(b"content-type", JSON.encode()), (b"content-length", b"%d" % len(body))]
    return Found(above, tag, body, unchanged + _lines(content), unchanged)


def _lines(headers: Headers) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


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
