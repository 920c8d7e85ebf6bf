"""Signing keys of tokens: a folder of PEM files, ``KID.pem``; the last by name signs."""

import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jose import jwk

from api.access.key_file import fingerprint
from api.access.owned import give
from api.access.watched import Watched
from domain.errors import UsageError

Algorithm = Literal["ES256", "RS256"]
RSA_BITS = 3072
LEAST_RSA_BITS = 2048
KEPT = 2
"""After a rotation the key before still verifies, until the next one."""


class SigningKey(NamedTuple):
    """A key of a pair that is good for one algorithm only; ``private`` None: it only verifies."""

    kid: str
    algorithm: Algorithm
    public: Any
    private: Any | None


class SigningKeys:
    """The folder of signing keys as one process sees it, a second old at most."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = Watched(self._look, lambda: read_folder(folder))

    def get(self, kid: str, *, now: float) -> SigningKey | None:
        """Return the key of an id at monotonic time *now*, None if there is none."""
        found = self._keys.value(now=now).get(kid)
        # Another replica may have begun to sign with a key that was made just now.
        return found or self._keys.value(now=now, hurry=True).get(kid)

    def signer(self, *, now: float) -> SigningKey | None:
        """Return the key that signs, None where none can."""
        able = [key for key in self._keys.value(now=now).values() if key.private is not None]
        return able[-1] if able else None

    def public_set(self, *, now: float) -> dict[str, Any]:
        """Return the public halves as a JSON Web Key Set."""
        keys = self._keys.value(now=now).values()
        return {"keys": [{**k.public.to_dict(), "kid": k.kid, "use": "sig"} for k in keys]}

    def _look(self) -> tuple[Any, ...]:
        return tuple((path.name, fingerprint(path)) for path in _paths(self._folder))


def read_folder(folder: Path) -> Mapping[str, SigningKey]:
    """Return the signing keys of a folder by id, in the order of their ids.

    Raises:
        UsageError: a file in it is no key that we could use.
    """
    return {path.stem: _read(path) for path in _paths(folder)}


def new_kid(at: float) -> str:
    """Return an id for a key that is made at a wall time; it sorts after all made before."""
    second = time.strftime("%Y%m%dT%H%M%S", time.gmtime(at))
    return f"{second}{int(at * 1000) % 1000:03}Z-{secrets.token_hex(4)}"


def rotate(folder: Path, kid: str, *, algorithm: Algorithm) -> None:
    """Make a new key that signs from now on.

    Of those before only the newest is kept, to verify what it signed; the others are deleted.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            give(folder, like=folder.parent)
        draft = folder / f".{kid}"
        draft.touch(mode=0o600)
        draft.write_bytes(_new_pem(algorithm))
        give(draft, like=folder)
        draft.replace(folder / f"{kid}.pem")
        for path in _paths(folder)[:-KEPT]:
            path.unlink()
    except OSError as error:
        raise UsageError(
            f"The signing keys in {folder} cannot be written ({error.strerror}); run it as their "
            "owner, or choose another folder with BTRACKER_SIGNING_KEYS."
        ) from error


def make_first(folder: Path, *, at: float) -> None:
    """Make a signing key where there is none; a folder that cannot be written stays without."""
    if not _paths(folder):
        with suppress(UsageError):
            rotate(folder, new_kid(at), algorithm="ES256")


def _paths(folder: Path) -> list[Path]:
    # What begins with a dot is being written.
    found = sorted(folder.glob("*.pem")) if folder.is_dir() else []
    return [path for path in found if not path.name.startswith(".")]


def _new_pem(algorithm: Algorithm) -> bytes:
    made = (
        ec.generate_private_key(ec.SECP256R1())
        if algorithm == "ES256"
        else rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    )
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _read(path: Path) -> SigningKey:
    pem = path.read_bytes()
    try:
        private: Any = serialization.load_pem_private_key(pem, None) if b"PRIVATE" in pem else None
        public: Any = private.public_key() if private else serialization.load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path} is no key in PEM without a password ({error}).") from error
    algorithm = _algorithm(public, path)
    return SigningKey(
        path.stem,
        algorithm,
        jwk.construct(_pem(public), algorithm),
        jwk.construct(pem, algorithm) if private else None,
    )


def _algorithm(public: Any, path: Path) -> Algorithm:
    """Return the one algorithm that a key is good for; no token can choose another."""
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return "ES256"
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= LEAST_RSA_BITS:
        return "RS256"
    raise UsageError(f"{path} is neither a P-256 key nor one of RSA with 2,048 bits or more.")


def _pem(public: Any) -> bytes:
    found: bytes = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return found
