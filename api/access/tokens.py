"""Short-lived tokens: JWT, signed by a key of ours, made for an API key and no better than it."""

import secrets
from typing import Any, NamedTuple

import msgspec
from jose import jws, jwt
from jose.exceptions import ExpiredSignatureError, JOSEError

from api.access.scopes import Scope
from api.access.signing import SigningKey, SigningKeys
from api.problem import Problem

ISSUER = AUDIENCE = "btracker"
MAX_CHARS = 2048
MAX_CACHED = 10_000
HEADER = {"alg", "kid", "typ"}
"""All that our headers have. What else one says (jwk, jku, x5c, crit) is a try to be believed."""
REQUIRED = {f"require_{claim}": True for claim in ("aud", "iat", "exp", "iss", "sub", "jti")}


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says: the id of its key, scopes divided by spaces, unix seconds."""

    sub: str
    scope: str
    iat: int
    exp: int
    jti: str

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes it was made with."""
        return tuple(self.scope.split())


class Verified(NamedTuple):
    """A token that was verified, and the id of the key that signed it."""

    claims: Claims
    kid: str


class Tokens:
    """Makes tokens and verifies them; a signature is verified once, then known until its end."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys
        self._known: dict[str, Verified] = {}

    def issue(
        self, key_id: str, *, scopes: tuple[Scope, ...], at: int, ttl_s: int, now: float
    ) -> str:
        """Return a token that is good from wall time *at* for *ttl_s*.

        Raises:
            Problem: there is no signing key here (503).
        """
        signer = self._keys.signer(now=now)
        if signer is None:
            raise Problem(503, "unavailable", "There is no key here that signs tokens.")
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": key_id,
            "scope": " ".join(scopes),
            "iat": at,
            "exp": at + ttl_s,
            "jti": secrets.token_hex(8),
        }
        made: str = jwt.encode(
            claims, signer.private, algorithm=signer.algorithm, headers={"kid": signer.kid}
        )
        return made

    def verify(self, token: str, *, at: float, now: float) -> Claims:
        """Return what a token says, at wall time *at* and monotonic time *now*.

        Raises:
            Problem: it is not one of ours, or its time is over (401).
        """
        known = self._known.get(token)
        # A key that was taken out of the folder takes with it whatever it signed.
        if known is None or self._keys.get(known.kid, now=now) is None:
            known = self._verified(token, now=now)
            if len(self._known) >= MAX_CACHED:
                self._known.clear()
            self._known[token] = known
        if known.claims.exp <= at:
            del self._known[token]
            raise over()
        return known.claims

    def _verified(self, token: str, *, now: float) -> Verified:
        if len(token) > MAX_CHARS:
            raise not_ours()
        try:
            key = self._key_of(jws.get_unverified_header(token), now=now)
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                audience=AUDIENCE,
                issuer=ISSUER,
                options=REQUIRED,
            )
            return Verified(msgspec.convert(claims, Claims), key.kid)
        except ExpiredSignatureError as error:
            raise over() from error
        except (JOSEError, ValueError, RecursionError) as error:
            raise not_ours() from error

    def _key_of(self, header: dict[str, Any], *, now: float) -> SigningKey:
        kid = header.get("kid")
        key = self._keys.get(kid, now=now) if isinstance(kid, str) else None
        # The key says which algorithm, never the token.
        if key is None or set(header) != HEADER or header["alg"] != key.algorithm:
            raise not_ours()
        return key


def not_ours() -> Problem:
    """Return the problem of a credential that nobody gave out; it does not say why."""
    sentence = "This key or token is not known here."
    return Problem(401, "badCredentials", sentence, headers=challenge("invalid_token"))


def over() -> Problem:
    """Return the problem of a token whose time is over."""
    sentence = "This token has expired; exchange your key for another at /v1/auth/token."
    return Problem(401, "tokenExpired", sentence, headers=challenge("invalid_token"))


def challenge(error: str | None = None, *, scope: Scope | None = None) -> dict[str, str]:
    """Return the header that asks for better credentials, as RFC 6750 has it."""
    said = [f'error="{error}"'] if error else []
    said += [f'scope="{scope}"'] if scope else []
    return {"WWW-Authenticate": ", ".join(['Bearer realm="btracker"', *said])}
