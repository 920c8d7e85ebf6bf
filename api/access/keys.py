"""API keys: what is kept of one, and how a secret is made and compared. Pure but for the dice."""

import hmac
import re
import secrets
from hashlib import sha256
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from api.access.scopes import Scope, check

PREFIX = "bt"
SECRET = re.compile(r"bt_([0-9a-f]{12})_([0-9a-f]{64})")
KeyId = Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]
Count = Annotated[int, Meta(ge=1)]
Seconds = int
"""Since 1970, by the wall clock."""


class Rate(msgspec.Struct, frozen=True):
    """So many requests a minute on average, and so many at once."""

    per_minute: Count
    burst: Count

    @property
    def interval_s(self) -> float:
        """Seconds from one request to the next, at the average."""
        return 60 / self.per_minute


class ApiKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is kept of a key. Of its secret only the SHA-256 is: 256 random bits need no salt.

    None: no quota a day, no bound on live connections per process, no end, not revoked.
    """

    id: KeyId
    name: str
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    scopes: tuple[Scope, ...]
    rate: Rate
    created: Seconds
    per_day: Count | None = None
    connections: Count | None = None
    expires: Seconds | None = None
    revoked: Seconds | None = None

    def state(self, *, at: float) -> str:
        """Return ``active``, ``expired`` or ``revoked`` at a wall time."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and at >= self.expires else "active"


class Presented(NamedTuple):
    """A key as a caller shows it."""

    id: str
    secret: str


def new_key(
    name: str,
    *,
    scopes: tuple[Scope, ...],
    rate: Rate,
    created: Seconds,
    per_day: int | None = None,
    connections: int | None = None,
    expires: Seconds | None = None,
) -> tuple[ApiKey, Presented]:
    """Return a new key and its secret, which is kept nowhere.

    Raises:
        UsageError: there is no such scope.
    """
    shown = Presented(secrets.token_hex(6), secrets.token_hex(32))
    key = ApiKey(
        id=shown.id,
        name=name,
        digest=digest(shown.secret),
        scopes=tuple(check(scope) for scope in scopes),
        rate=rate,
        created=created,
        per_day=per_day,
        connections=connections,
        expires=expires,
    )
    return key, shown


def written(shown: Presented) -> str:
    """Return a key as its owner keeps it."""
    return f"{PREFIX}_{shown.id}_{shown.secret}"


def parsed(text: str) -> Presented | None:
    """Return the key in *text*, None if it has not the shape of one."""
    found = SECRET.fullmatch(text)
    return Presented(found[1], found[2]) if found else None


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return sha256(secret.encode()).hexdigest()


NOBODYS = "0" * 64
"""The hash of nothing that is known.

It is compared when there is no such key, so that this takes as long as a wrong secret.
"""


def is_secret_of(key: ApiKey | None, secret: str) -> bool:
    """Return whether *secret* is that of *key*, in a time that tells nothing."""
    return hmac.compare_digest(digest(secret), key.digest if key else NOBODYS)
