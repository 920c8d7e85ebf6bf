"""The newest vectors of a kind in memory, as the embedded store has them.

Single precision: 1.5 KB each, so that a product of all of them is 8 times as fast as from halves.
"""

import sqlite3
import threading
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from schemas.project import DIMENSIONS
from views.likeness import HALF, Nearest, singles

_SPARE = 1_024
_NEWEST = (
    "SELECT key, model, version, vector FROM embeddings "
    "WHERE kind = ? AND vector IS NOT NULL ORDER BY version DESC LIMIT ?"
)
_CHANGED = "SELECT key, model, version, vector FROM embeddings WHERE kind = ? AND change > ?"
_STATE = "SELECT name, (SELECT coalesce(max(change), 0) FROM embeddings) FROM identity"


class State(NamedTuple):
    """Which store it is, and the last change that was taken in."""

    store: str
    change: int


class Matrix:
    """At most the *most* newest vectors of tokens or of posts; any thread may ask."""

    def __init__(self, kind: str, *, most: int) -> None:
        self._kind, self._most = kind, most
        self._lock = threading.Lock()
        self._state: State | None = None
        self._clear(0)

    def nearest(self, db: sqlite3.Connection, key: str, of: bytes, *, count: int) -> Nearest:
        """Return the *count* nearest of the same model, that of *key* left out."""
        with self._lock:
            self._follow(db)
            row = self._rows.get(key)
            if row is None:
                # It is not among the newest; what it would be compared with may be.
                model = db.execute("SELECT model FROM embeddings WHERE key = ?", (key,))
                number = self._models.get(model.fetchone()[0], -1)
            else:
                number = int(self._model[row])
            same = np.flatnonzero(self._model[: len(self._keys)] == number)
            return self._best(same[same != row] if row is not None else same, of, count)

    def _best(self, rows: Any, of: bytes, count: int) -> Nearest:
        scores = (self._vectors[: len(self._keys)] @ singles(of))[rows]
        floor = None
        if len(rows) > count:
            best = np.argpartition(scores, len(rows) - count)[len(rows) - count :]
            rows, scores = rows[best], scores[best]
            floor = float(scores.min())
        keys = (self._keys[row] for row in rows)
        return Nearest(dict(zip(keys, scores.tolist(), strict=True)), floor)

    def _follow(self, db: sqlite3.Connection) -> None:
        """Take in what has changed; all of it where another store has taken the place."""
        now = State(*db.execute(_STATE).fetchone())
        if self._state is None or self._state.store != now.store:
            found = db.execute(_NEWEST, (self._kind, self._most)).fetchall()
            self._clear(len(found))
            self._take(found)
        elif now.change > self._state.change:
            self._take(db.execute(_CHANGED, (self._kind, self._state.change)))
            self._drop_oldest()
        self._state = now

    def _take(self, changed: Iterable[tuple[str, str, int, bytes | None]]) -> None:
        for key, model, version, vector in changed:
            if vector is None:
                self._remove(key)
                continue
            row = self._rows.setdefault(key, len(self._keys))
            if row == len(self._keys):
                self._keys.append(key)
                self._make_room()
            self._model[row] = self._models.setdefault(model, len(self._models))
            self._version[row], self._vectors[row] = version, np.frombuffer(vector, HALF)

    def _remove(self, key: str) -> None:
        """Let the last row take the place of one."""
        row = self._rows.pop(key, None)
        if row is None:
            return
        last = self._keys.pop()
        if last != key:
            end = len(self._keys)
            self._keys[row], self._rows[last] = last, row
            for column in (self._vectors, self._model, self._version):
                column[row] = column[end]

    def _drop_oldest(self) -> None:
        spare = len(self._keys) - self._most
        if spare > 0:
            versions = self._version[: len(self._keys)]
            for row in sorted(np.argpartition(versions, spare)[:spare].tolist(), reverse=True):
                self._remove(self._keys[row])

    def _make_room(self) -> None:
        if len(self._keys) > len(self._vectors):
            size = len(self._vectors) * 5 // 4 + _SPARE
            self._vectors.resize((size, DIMENSIONS), refcheck=False)
            self._model.resize(size, refcheck=False)
            self._version.resize(size, refcheck=False)

    def _clear(self, size: int) -> None:
        self._keys: list[str] = []
        self._rows: dict[str, int] = {}
        self._models: dict[str, int] = {}
        self._vectors = np.empty((size + _SPARE, DIMENSIONS), np.float32)
        self._model = np.empty(size + _SPARE, np.int32)
        self._version = np.empty(size + _SPARE, np.int64)
