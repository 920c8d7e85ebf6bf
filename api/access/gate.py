"""The gate: every request and every live client passes it, or leaves a line in the audit log."""

import asyncio
from collections.abc import Mapping
from time import monotonic, time
from typing import NamedTuple

from starlette.types import Scope as Connection

from api.access.addresses import Origin, Origins
from api.access.audit import AuditLog, Line, short
from api.access.callers import Anonymous, Caller, Callers, credential_of
from api.access.key_file import Keyring
from api.access.keys import Rate, parsed
from api.access.limits import Headers, Limits
from api.access.rules import need_of, refusal
from api.access.scopes import Scope, check
from api.access.signing import SigningKeys, make_first
from api.access.tokens import Tokens
from api.metrics import Metrics
from api.problem import Problem
from api.settings import ApiSettings

CALLER = "btracker.caller"
"""Where the caller stands in the scope of a request."""
REQUEST_ID = "btracker.requestId"
FLUSH_S = 1.0
RELAYS = frozenset({b"forwarded", b"via", b"x-real-ip"})


class Admission(NamedTuple):
    """Who asked, at wall time ``at``; what is said of its limits, and why it is refused."""

    caller: Caller
    at: float
    headers: Headers
    problem: Problem | None = None


class Shown(NamedTuple):
    """Who asks, what it has shown, and what is wrong with that."""

    caller: Caller
    credential: str | None
    problem: Problem | None = None


class Visit:
    """What a connection's last request has shown; most of them show the same every time."""

    __slots__ = ("headers", "named", "shown")

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.named: dict[bytes, bytes] = {}
        self.shown: Shown | None = None

    def look(self, headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        """Return a request's headers by name; others than the last one's show somebody else."""
        if headers != self.headers:
            self.headers, self.named, self.shown = headers, dict(headers), None
        return self.named


class Gate:
    """Tells who asks, whether it may, and whether it may just now."""

    def __init__(self, settings: ApiSettings, metrics: Metrics) -> None:
        make_first(settings.signing_folder, at=time())
        self.signing = SigningKeys(settings.signing_folder)
        self.tokens = Tokens(self.signing)
        self.limits = Limits(settings)
        self.audit = AuditLog(settings.audit_file)
        self._metrics = metrics
        self._flushing: asyncio.Task[None] | None = None
        self._callers = Callers(Keyring(settings.key_file), self.tokens)
        self._origins = Origins(settings.proxies)
        self._anonymous = Anonymous(
            tuple(check(scope) for scope in settings.anonymous_scopes),
            Rate(settings.rate_limit_per_minute, settings.rate_limit_burst),
            settings.anonymous_connections,
            settings.trust_loopback,
        )

    async def start(self) -> None:
        """Begin to share limits with other replicas."""
        await self.limits.shared.start()
        self._flushing = asyncio.create_task(self._flush_for_ever())

    async def stop(self) -> None:
        """Share what is left, and write the last lines."""
        if self._flushing:
            self._flushing.cancel()
        await self.limits.shared.close()
        self.audit.close()

    async def admit(
        self, connection: Connection, headers: Mapping[bytes, bytes], *, request_id: str
    ) -> Admission:
        """Return whether a request may go on to its route; *headers* are its own, by name."""
        # A browser asks first, without credentials, whether it may ask.
        is_open = connection["method"] == "OPTIONS"
        need = None if is_open else need_of(connection["path"])
        return await self._admit(connection, headers, need=need, request_id=request_id)

    async def admit_live(
        self, connection: Connection, headers: Mapping[bytes, bytes], *, request_id: str
    ) -> Admission:
        """Return whether a WebSocket may be opened; each of its channels asks for itself."""
        return await self._admit(connection, headers, need=None, request_id=request_id)

    def known(self, credential: str, *, address: str) -> Caller:
        """Return whose key or token *credential* is.

        Raises:
            Problem: it is nobody's, or not any more (401).
        """
        return self._callers.known(credential, address=address, at=time(), now=monotonic())

    def lapse(self, caller: Caller) -> Problem | None:
        """Return why what a caller showed earlier is not good any more, None if it is."""
        return self._callers.lapse(caller, at=time(), now=monotonic())

    def deny(
        self,
        problem: Problem,
        caller: Caller,
        *,
        action: str,
        request_id: str,
        shown: str | None = None,
    ) -> None:
        """Write down that a caller was refused, and the id of the key it has *shown*."""
        named = parsed(shown) if shown else None
        self._metrics.denied.labels(problem.code).inc()
        line = Line(
            event="access",
            outcome="denied",
            who=caller.who,
            address=short(caller.address),
            action=short(action),
            code=problem.code,
            status=problem.status,
            request_id=request_id,
            key=named.id if named else None,
        )
        self.audit.denied(line, now=monotonic())

    def admit_at_once(
        self, connection: Connection, visit: Visit, *, need: Scope
    ) -> Admission | None:
        """Return that a request may go on to what needs a scope, without waiting for anything.

        *visit* has looked at its headers. None, and nothing charged, where it may not, or others
        have to be asked first.
        """
        now, at = monotonic(), time()
        shown = visit.shown
        if shown is None or not self._callers.is_unchanged(shown.caller, at=at, now=now):
            shown = visit.shown = self._shown(connection, visit.named, now=now, at=at)
        caller = shown.caller
        is_welcome = shown.problem is None and caller.may(need)
        if not is_welcome or not self.limits.has_met(caller, now=now, at=at):
            return None
        cost = self.limits.charge(caller, now=now, at=at)
        # What is refused has not been charged.
        return None if cost.problem else Admission(caller, at, cost.headers)

    def unchanged(self, admission: Admission) -> Headers:
        """Let a request be free whose caller had the answer; return what is left of its limits."""
        return self.limits.give_back(admission.caller, now=monotonic(), at=admission.at)

    async def _admit(
        self,
        connection: Connection,
        headers: Mapping[bytes, bytes],
        *,
        need: Scope | None,
        request_id: str,
    ) -> Admission:
        now, at = monotonic(), time()
        shown = self._shown(connection, headers, now=now, at=at)
        caller = shown.caller
        if not self.limits.has_met(caller, now=now, at=at):
            await self.limits.meet(caller, now=now, at=at)
            # Others were charged meanwhile: of an earlier time they would owe all the more.
            now, at = monotonic(), time()
        cost = self.limits.charge(caller, now=now, at=at)
        refused = refusal(need, caller.scopes, known=caller.key is not None)
        problem = cost.problem or shown.problem or refused
        if problem:
            action = f"{connection.get('method', 'WS')} {connection['path']}"
            self.deny(problem, caller, action=action, request_id=request_id, shown=shown.credential)
        return Admission(caller, at, cost.headers, problem)

    def _shown(
        self, connection: Connection, headers: Mapping[bytes, bytes], *, now: float, at: float
    ) -> Shown:
        """Return who asks, by what it shows; nobody known if that is not good."""
        origin = self._origin(connection.get("client"), headers)
        credential, problem = None, None
        if b"authorization" in headers or b"x-api-key" in headers:
            try:
                credential = credential_of(connection["headers"])
                caller = self._callers.known(credential, address=origin.address, at=at, now=now)
                return Shown(caller, credential)
            except Problem as error:
                problem = error
        return Shown(self._anonymous.caller(origin), credential, problem)

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self.audit.flush()

    def _origin(self, client: tuple[str, int] | None, headers: Mapping[bytes, bytes]) -> Origin:
        # Where there are several, the last is that of the nearest proxy.
        forwarded = headers.get(b"x-forwarded-for")
        return self._origins.of(
            client[0] if client else None,
            None if forwarded is None else forwarded.decode("latin-1"),
            not RELAYS.isdisjoint(headers),
        )
