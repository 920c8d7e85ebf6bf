"""The file of keys: written by ``btracker keys``, read by every replica of the API."""

import fcntl
import os
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from api.access.keys import ApiKey, KeyId, Seconds
from api.access.owned import give
from api.access.watched import Watched
from domain.errors import UsageError

VERSION = 1


class KeyDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: int = VERSION
    keys: tuple[ApiKey, ...] = ()


class Keyring:
    """The keys of a file as one process sees them, a second old at most."""

    def __init__(self, path: Path) -> None:
        self._keys = Watched(lambda: fingerprint(path), lambda: by_id(read_keys(path)))

    def get(self, key_id: str, *, now: float) -> ApiKey | None:
        """Return the key of an id at monotonic time *now*, None if there is none."""
        return self._keys.value(now=now).get(key_id)


class KeyFile:
    """The file of keys for whoever changes it, one at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keys(self) -> tuple[ApiKey, ...]:
        """Return all keys, oldest first.

        Raises:
            UsageError: the file cannot be read.
        """
        return read_keys(self.path)

    def add(self, key: ApiKey) -> None:
        """Add a key.

        Raises:
            UsageError: the file cannot be read or written.
        """
        with self._alone():
            self._write((*self.keys(), key))

    def get(self, key_id: KeyId) -> ApiKey:
        """Return a key.

        Raises:
            UsageError: there is no such key, or the file cannot be read.
        """
        found = by_id(self.keys()).get(key_id)
        if found is None:
            raise UsageError(f"There is no key {key_id!r}; see: btracker keys list")
        return found

    def revoke(self, key_id: KeyId, *, at: Seconds) -> None:
        """Revoke a key for good at a wall time. Harmless when repeated.

        Raises:
            UsageError: there is no such key, or the file cannot be read or written.
        """
        with self._alone():
            key, keys = self.get(key_id), by_id(self.keys())
            if key.revoked is None:
                changed = {**keys, key_id: msgspec.structs.replace(key, revoked=at)}
                self._write(tuple(changed.values()))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Beside the file, since that is replaced.
            with self.path.with_name(self.path.name + ".lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise UsageError(
                f"The keys in {self.path} cannot be written ({error.strerror}); run it as their "
                "owner, or choose another file with BTRACKER_KEYS."
            ) from error

    def _write(self, keys: tuple[ApiKey, ...]) -> None:
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        body = msgspec.json.format(msgspec.json.encode(KeyDocument(keys=keys)), indent=1)
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            file.write(body + b"\n")
            file.flush()
            os.fsync(file.fileno())
        give(draft, like=self.path if self.path.exists() else self.path.parent)
        # Who reads it sees the one or the other, never half of it.
        draft.replace(self.path)


def read_keys(path: Path) -> tuple[ApiKey, ...]:
    """Return the keys in a file, oldest first; none where there is no file.

    Raises:
        UsageError: it cannot be read, or is no file of keys.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=KeyDocument)
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"The keys in {path} cannot be read ({error}); put back a copy of the file, or name "
            "another with BTRACKER_KEYS."
        ) from error
    if found.version != VERSION:
        raise UsageError(f"The keys in {path} are of version {found.version}; upgrade Btracker.")
    return found.keys


def by_id(keys: tuple[ApiKey, ...]) -> Mapping[KeyId, ApiKey]:
    """Return keys by their id."""
    return {key.id: key for key in keys}


def fingerprint(path: Path) -> Hashable:
    """Return what changes whenever a file is replaced or written; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
