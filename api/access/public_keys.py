"""The keys with which anybody can tell our tokens, as they are answered."""

from typing import Literal

from schemas.base import Record


class PublicKey(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A public key as RFC 7517 has it: of an elliptic curve, or of RSA."""

    kty: Literal["EC", "RSA"]
    kid: str
    alg: Literal["ES256", "RS256"]
    use: Literal["sig"]
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    n: str | None = None
    e: str | None = None


class PublicKeySet(Record, frozen=True, kw_only=True):
    """Public keys."""

    keys: tuple[PublicKey, ...]
