"""Who asks: nobody we know, a key, or a token of a key."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from api.access.addresses import Origin
from api.access.key_file import Keyring
from api.access.keys import ApiKey, Rate, is_secret_of, parsed
from api.access.rules import KNOWN, USAGE
from api.access.scopes import WHOLE, Scope, permits
from api.access.tokens import Tokens, challenge, not_ours, over
from api.problem import Problem
from views.live.recent import Recent

BEARER = "bearer "
MAX_MET = 4096
"""Keys, with the addresses they come from, that need not be taken apart again."""


class Caller(NamedTuple):
    """Whoever asks. ``subject``: under what it is counted, None: not at all.

    ``until``: the wall time at which its credentials end, None: never. ``by_token``: it showed a
    token of its key.
    """

    subject: str | None
    address: str
    scopes: tuple[Scope, ...]
    rate: Rate | None = None
    connections: int | None = None
    key: ApiKey | None = None
    until: float | None = None
    by_token: bool = False

    @property
    def who(self) -> str:
        """How the audit log names it."""
        return f"key:{self.key.id}" if self.key else f"address:{self.address}"

    @property
    def given(self) -> tuple[Scope, ...]:
        """Its scopes but for those that nobody gives it and every key or token has."""
        return tuple(scope for scope in self.scopes if permits(WHOLE, scope))

    def may(self, need: Scope) -> bool:
        """Return whether it may do what needs a scope."""
        return permits(self.scopes, need)


class Anonymous(NamedTuple):
    """What is given to callers without a key."""

    scopes: tuple[Scope, ...]
    rate: Rate
    connections: int
    trust_loopback: bool

    def caller(self, origin: Origin) -> Caller:
        """Return the caller without a key at an address."""
        if origin.local and self.trust_loopback:
            return Caller(None, origin.address, WHOLE)
        subject = f"address:{origin.address}"
        return Caller(subject, origin.address, self.scopes, self.rate, self.connections)


class Callers:
    """Tells callers by what they show."""

    def __init__(self, keyring: Keyring, tokens: Tokens) -> None:
        self._keyring, self._tokens = keyring, tokens
        self._met: Recent[tuple[bytes, str], Caller] = Recent(MAX_MET)

    def known(self, credential: str, *, address: str, at: float, now: float) -> Caller:
        """Return whose key or token *credential* is, at wall time *at* and monotonic time *now*.

        Raises:
            Problem: it is nobody's, or not any more (401).
        """
        name = sha256(credential.encode()).digest(), address
        met = self._met.get(name)
        # A key that was changed in the file is another object.
        if met and met.key and self._keyring.get(met.key.id, now=now) is met.key:
            _active(met.key, at=at)
            return met
        shown = parsed(credential)
        if shown is None:
            return self._of_token(credential, address=address, at=at, now=now)
        key = self._keyring.get(shown.id, now=now)
        if not is_secret_of(key, shown.secret) or key is None:
            raise not_ours()
        caller = self._of_key(_active(key, at=at), address)
        self._met.put(name, caller)
        return caller

    def is_unchanged(self, caller: Caller, *, at: float, now: float) -> bool:
        """Return whether what a caller showed earlier makes it the same caller for certain."""
        key = caller.key
        if key is None:
            return True
        # Keys that sign tokens come and go, so tokens are always looked at.
        is_same = not caller.by_token and self._keyring.get(key.id, now=now) is key
        return is_same and key.state(at=at) == "active"

    def lapse(self, caller: Caller, *, at: float, now: float) -> Problem | None:
        """Return why what a caller showed earlier is not good any more, None if it is."""
        if caller.key is None:
            return None
        key = self._keyring.get(caller.key.id, now=now)
        if key is None:
            return not_ours()
        try:
            _active(key, at=at)
        except Problem as problem:
            return problem
        return over() if caller.until is not None and at >= caller.until else None

    def _of_token(self, token: str, *, address: str, at: float, now: float) -> Caller:
        claims = self._tokens.verify(token, at=at, now=now)
        key = self._keyring.get(claims.sub, now=now)
        if key is None:
            raise not_ours()
        caller = self._of_key(_active(key, at=at), address)
        scopes = tuple(scope for scope in claims.scopes if permits(key.scopes, scope))
        ends = min(claims.exp, key.expires or claims.exp)
        # Of what a key may do, a token may not make others.
        return caller._replace(scopes=(*scopes, USAGE), until=ends, by_token=True)

    def _of_key(self, key: ApiKey, address: str) -> Caller:
        return Caller(
            subject=f"key:{key.id}",
            address=address,
            scopes=(*key.scopes, KNOWN),
            rate=key.rate,
            connections=key.connections,
            key=key,
            until=key.expires,
        )


def credential_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the key or token in the headers of a request that has one.

    Raises:
        Problem: there are two of them, or there is something else (401).
    """
    keys, bearers = [], []
    for name, value in headers:
        if name == b"x-api-key":
            keys.append(value.decode("latin-1").strip())
        elif name == b"authorization":
            bearers.append(value.decode("latin-1").strip())
    if len(keys) + len(bearers) != 1:
        raise _unclear("Show one key or token, in X-API-Key or in Authorization, and only once.")
    if keys:
        return keys[0]
    if not bearers[0].lower().startswith(BEARER):
        raise _unclear("Authorization has to be Bearer, with a key or token.")
    return bearers[0][len(BEARER) :].strip()


def _unclear(sentence: str) -> Problem:
    return Problem(401, "badCredentials", sentence, headers=challenge("invalid_request"))


def _active(key: ApiKey, *, at: float) -> ApiKey:
    """Return a key that is in force; only who has shown its secret hears why it is not.

    Raises:
        Problem: it is expired or revoked (401).
    """
    state = key.state(at=at)
    if state == "active":
        return key
    code = "keyExpired" if state == "expired" else "keyRevoked"
    headers = challenge("invalid_token")
    raise Problem(401, code, f"This key is {state}; ask for a new one.", headers=headers)
