"""Who a live client is: what it may follow, and how it says that it is somebody else."""

from collections.abc import Callable
from time import monotonic

from api.access.callers import Caller
from api.access.gate import Gate
from api.access.rules import need_of_channel, refusal
from api.access.scopes import permits_some
from api.access.tokens import challenge
from api.problem import Problem


class Visitor:
    """A live client's standing; it may better that by showing a key or token."""

    def __init__(
        self,
        caller: Caller,
        gate: Gate,
        is_full_for: Callable[[Caller], bool],
        move: Callable[[Caller, Caller], None],
        request_id: str,
    ) -> None:
        self.caller = caller
        self._gate, self._is_full_for, self._move = gate, is_full_for, move
        self._request_id, self._since = request_id, monotonic()
        self._may_follow = False

    def show(self, credential: str) -> None:
        """Become whose key or token *credential* is.

        Raises:
            Problem: it is nobody's (401), or has too many connections here (429).
        """
        try:
            known = self._gate.known(credential, address=self.caller.address)
            if known.subject != self.caller.subject and self._is_full_for(known):
                raise too_many()
        except Problem as problem:
            self.denied(problem, action="auth", shown=credential)
            raise
        self._move(self.caller, known)
        self.caller, self._may_follow = known, False

    def refusal_of(self, channel: str) -> Problem | None:
        """Return why this client may not follow a channel, None if it may."""
        need, held = need_of_channel(channel), self.caller.scopes
        problem = refusal(need, held, known=self.caller.key is not None)
        if problem:
            self.denied(problem, action=f"subscribe {channel}")
        return problem

    def overstays(self, *, now: float, within_s: float) -> Problem | None:
        """Return why it has to go: what it showed is not good any more, or it showed nothing."""
        problem = self._gate.lapse(self.caller)
        if not self._may_follow and now - self._since > within_s:
            # The same caller's scopes stay what they are; so they are looked through once.
            self._may_follow = permits_some(self.caller.scopes, "stream")
            if not self._may_follow:
                sentence = "Nobody may follow anything without a key or token."
                problem = problem or Problem(401, "notAuthorised", sentence, headers=challenge())
        if problem:
            self.denied(problem, action="stay")
        return problem

    def denied(self, problem: Problem, *, action: str, shown: str | None = None) -> None:
        """Write down that a command, or whatever it was, was refused."""
        self._gate.deny(
            problem, self.caller, action=f"live {action}", request_id=self._request_id, shown=shown
        )


def too_many() -> Problem:
    """Return the problem of one live connection more than its caller may have here."""
    sentence = "This caller has as many live connections here as it may have."
    return Problem(429, "overLimit", sentence, headers={"Retry-After": "10"})
