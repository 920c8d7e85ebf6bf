"""What surrounds every answer: request id, limits, headers, problems, counters. Pure ASGI."""

import re
from collections.abc import Callable
from itertools import count
from os import urandom
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problem
from api.access.gate import CALLER, REQUEST_ID, Admission, Gate
from api.access.limits import Headers
from api.head import Head
from api.metrics import Metrics
from api.problem import Problem
from api.settings import ApiSettings

OURS = urandom(8).hex().encode()
"""How ids that this process gives begin."""
_numbers = count(1)
GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
NO_CONTENT_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
NOT_MODIFIED = 304
HSTS = (b"strict-transport-security", b"max-age=31536000")


class Envelope:
    """The outermost layer of the app; whatever is raised below becomes a problem document."""

    def __init__(
        self, app: ASGIApp, *, settings: ApiSettings, head: Head, gate: Gate, metrics: Metrics
    ) -> None:
        self.app, self._settings, self._head, self._metrics = app, settings, head, metrics
        self._gate = gate
        self._security = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and wrap its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, asked, headers = perf_counter(), scope["method"], dict(scope["headers"])
        answer = Answer(send, with_body=asked != "HEAD", request_id=request_id_of(headers))
        answer.headers = [*self._security]
        scope = {**scope, "method": "GET" if asked == "HEAD" else asked}
        try:
            request_id = answer.request_id.decode()
            admission = await self._gate.admit(scope, headers, request_id=request_id)
            answer.is_private = admission.caller.key is not None
            answer.limits = admission.headers
            # A * names nothing that its caller has; free of charge it would be a way past limits.
            if b"*" not in headers.get(b"if-none-match", b""):
                answer.unchanged = self._unchanged(admission)
            answer.headers += await self._head.headers()
            scope[CALLER], scope[REQUEST_ID] = admission.caller, request_id
            self._check(scope, headers, admission)
            await self.app(scope, Body(receive, limit=self._settings.body_max_bytes), answer)
        except Exception as error:  # noqa: BLE001  (This is the last place that can answer.)
            await answer.failed(error, path=scope["path"])
        finally:
            route = getattr(scope.get("route"), "path", "none")
            seconds = perf_counter() - began
            self._metrics.answered(route=route, method=asked, status=answer.status, seconds=seconds)

    def _unchanged(self, admission: Admission) -> Callable[[], Headers]:
        return lambda: self._gate.unchanged(admission)

    def _check(self, scope: Scope, headers: dict[bytes, bytes], admission: Admission) -> None:
        if admission.problem:
            raise admission.problem
        query = scope["query_string"]
        if len(query) > self._settings.query_max_bytes:
            limit = self._settings.query_max_bytes
            raise Problem(414, "queryTooLong", f"The query is longer than {limit} bytes.")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._settings.body_max_bytes:
            raise _too_large(self._settings.body_max_bytes)
        refuse_repeated(query)


def security_headers(settings: ApiSettings) -> tuple[tuple[bytes, bytes], ...]:
    """Return what every answer tells browsers, its content policy apart."""
    https = settings.tls_cert or (settings.public_address or "").startswith("https://")
    return (*SECURITY, HSTS) if https else SECURITY


class Answer:
    """Sends an answer on, with the headers that every answer has."""

    def __init__(self, send: Send, *, with_body: bool, request_id: bytes) -> None:
        self._send, self._with_body, self.request_id = send, with_body, request_id
        self.headers: Headers = []
        self.limits: Headers = []
        self.unchanged: Callable[[], Headers] | None = None
        self.status, self.is_private, self._is_over = 0, False, False

    async def __call__(self, message: Message) -> None:
        """Send one message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.status == NOT_MODIFIED and self.unchanged:
                self.limits = self.unchanged()
            message["headers"] = self._complete(list(message.get("headers", ())))
        elif message["type"] == "http.response.body" and not self._with_body:
            if self._is_over:
                return
            # A stream without end has one here, which its route is told as if the client had gone.
            self._is_over = True
            message = {"type": message["type"], "body": b"", "more_body": False}
        await self._send(message)

    async def failed(self, error: Exception, *, path: str) -> None:
        """Answer an exception with its problem document.

        Raises:
            Exception: the error itself, where the answer had already begun.
        """
        if self.status:
            raise error
        found = problem.as_problem(error, where=path)
        request_id = self.request_id.decode()
        body = problem.render(found, instance=path, request_id=request_id)
        headers = [
            (b"content-type", problem.MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"no-store"),
            *((k.lower().encode(), v.encode()) for k, v in found.headers.items()),
        ]
        await self({"type": "http.response.start", "status": found.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})

    def _complete(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        has_policy = any(name == NO_CONTENT_POLICY[0] for name, _ in headers)
        policy = () if has_policy else (NO_CONTENT_POLICY,)
        if self.is_private:
            # What somebody with a key was given is not for everybody behind the same cache.
            headers = [_private(name, value) for name, value in headers]
        return [*headers, *policy, *self.limits, *self.headers, (b"x-request-id", self.request_id)]


class Body:
    """Receives a request's body and refuses more than *limit* bytes of it."""

    def __init__(self, receive: Receive, *, limit: int) -> None:
        self._receive, self._limit, self._seen = receive, limit, 0

    async def __call__(self) -> Message:
        """Return the next message.

        Raises:
            Problem: the body is too large (413).
        """
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise _too_large(self._limit)
        return message


def refuse_repeated(query: bytes) -> None:
    """Refuse a query that names a parameter twice: one of the two would be ignored.

    Raises:
        Problem: naming the parameter (400).
    """
    seen = set()
    for part in query.split(b"&") if b"&" in query else ():
        name = part.partition(b"=")[0]
        if name in seen:
            raise problem.bad_parameter(name.decode("ascii", "replace"), "is given twice")
        seen.add(name)


def request_id_of(headers: dict[bytes, bytes]) -> bytes:
    """Return the id that a request was given, or a new one if that is none."""
    given = headers.get(b"x-request-id", b"")
    if given and GIVEN_ID.fullmatch(given):
        return given
    return b"%s%016x" % (OURS, next(_numbers))


def _private(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return name, value.replace(b"public", b"private") if name == b"cache-control" else value


def _too_large(limit: int) -> Problem:
    return Problem(413, "bodyTooLarge", f"The body is larger than {limit} bytes.")
