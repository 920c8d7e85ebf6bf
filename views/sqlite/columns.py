"""What all tokens are filtered and sorted by, in memory, as the embedded store has it.

Columns bring candidates: those that come first by numbers, which tie where a key is longer than 64
bits. Which of them are on a page, and in which order, SQLite says, which compares all of a key.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from domain.order import order_key
from schemas.fields import Address
from views.columns import FIGURES, column_of, equal_filters
from views.contract import Figure, Key, TokenQuery
from views.sqlite.codes import UNKNOWN, Codes, codes_of_addresses, codes_of_keys, is_exact
from views.sqlite.matrix import State
from views.sqlite.schema import FACETS
from views.sqlite.select import exact_match

Rows = npt.NDArray[np.int64]
"""Ids of tokens, which are their places in the columns, too."""

_CODED = tuple(name for name in FACETS if name != "creator")
"""A creator's tokens are few, and have an index."""
_SPARE = 1_024
_CHUNK = 4_096
_LAST = 2**63 - 2
_WIDER = 8
_STATE = "SELECT name, (SELECT coalesce(max(change), 0) FROM tokens) FROM identity"
_CHANGED = f"SELECT id, mint, {', '.join((*_CODED, *FIGURES))} FROM tokens WHERE change > ?"  # noqa: S608
_CREATED = "SELECT json_group_array(id) FROM tokens WHERE creator = ?"
_TITLED = "SELECT json_group_array(rowid) FROM token_text WHERE token_text MATCH ?"
_ids = msgspec.json.Decoder(list[int]).decode


class Passing(NamedTuple):
    """Tokens that pass the filters as far as numbers tell, and where each comes in the order.

    ``mints`` are those of all tokens, by id: no token ever gets another.
    """

    rows: Rows
    ranks: Codes
    mints: npt.NDArray[np.uint64]

    def firsts(self, count: int) -> Iterator[Rows]:
        """Yield those that come first, in any order: at least *count*, then ever more, then all."""
        while count < len(self.rows):
            yield self._first(count)
            count *= _WIDER
        yield self.rows

    def behind(self, after: Key, rank: int) -> "Passing":
        """Return what may come behind a key that has a rank."""
        ties = np.flatnonzero(self.ranks == rank)
        if is_exact(rank):
            ties = ties[self.mints[self.rows[ties]] >= codes_of_addresses([after.id])]
        rest = np.concatenate([np.flatnonzero(self.ranks > rank), ties])
        return Passing(self.rows[rest], self.ranks[rest], self.mints)

    def _first(self, count: int) -> Rows:
        last = int(np.partition(self.ranks, count - 1)[count - 1])
        first, ties = self.rows[self.ranks < last], self.rows[self.ranks == last]
        if is_exact(last):
            # There may be thousands, as of tokens that nobody trades.
            wanted, mints = count - len(first), self.mints[ties]
            ties = ties[mints <= np.partition(mints, wanted - 1)[wanted - 1]]
        return np.concatenate([first, ties])


class Columns:
    """All tokens; any thread may ask, if the columns are what its transaction reads first."""

    _size: int
    _numbers: Mapping[str, dict[Any, int]]
    _facets: Mapping[str, npt.NDArray[np.int32]]
    _figures: Mapping[str, Codes]
    _mints: npt.NDArray[np.uint64]

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: State | None = None
        self._clear()

    def passing(
        self, db: sqlite3.Connection, query: TokenQuery, *, match: str | None = None
    ) -> Passing:
        """Return the tokens behind ``query.after`` that pass, and that a full-text query finds."""
        match = match or exact_match(query.text or "", "titles", whole=False)
        with self._lock:
            self._follow(db)
            rows = self._fitting(query, _named(db, query.creator, match))
            codes = self._figures[column_of(query.sort_by)][rows]
            found = Passing(rows, _ranks(codes, descending=query.descending), self._mints)
        if query.after is None:
            return found
        last = codes_of_keys([query.after.sort])
        return found.behind(query.after, int(_ranks(last, descending=query.descending)[0]))

    def reaching(self, db: sqlite3.Connection, bounds: Mapping[Figure, Decimal]) -> Rows:
        """Return the tokens of which at least one figure reaches its bound."""
        with self._lock:
            self._follow(db)
            reached = [
                self._figures[name][: self._size] >= _code(bound) for name, bound in bounds.items()
            ]
            return np.flatnonzero(np.logical_or.reduce(reached))

    def _fitting(self, query: TokenQuery, named: Rows | None) -> Rows:
        """Return which of the *named* tokens, or of all, pass a query's other filters."""
        rows = slice(self._size) if named is None else named
        fits = self._facets["stage"][rows] > 0
        for name, value in equal_filters(query).items():
            if value is not None and name in _CODED:
                fits &= self._facets[name][rows] == self._number(name, value)
        if query.stages:
            stages = [self._number("stage", stage) for stage in query.stages]
            fits &= np.isin(self._facets["stage"][rows], stages)
        for figure, bound in query.at_least.items():
            fits &= self._figures[column_of(figure)][rows] >= _code(bound)
        for figure, bound in query.at_most.items():
            codes = self._figures[column_of(figure)][rows]
            fits &= (codes >= 0) & (codes <= _code(bound))
        return np.flatnonzero(fits) if named is None else named[fits]

    def _number(self, facet: str, value: Any) -> int:
        """Return the number of a facet's value; one that no token has, has one of no token."""
        return self._numbers[facet].get(value, -1)

    def _follow(self, db: sqlite3.Connection) -> None:
        """Take in what has changed; all of it where another store has taken the place.

        The first reading of a transaction says what the rest of it sees: as the lock is held, all
        that is in the columns is older.
        """
        now = State(*db.execute(_STATE).fetchone())
        if self._state is None or self._state.store != now.store:
            self._clear()
            self._state = State(now.store, 0)
        if now.change > self._state.change:
            changed = db.execute(_CHANGED, (self._state.change,))
            while some := changed.fetchmany(_CHUNK):
                self._take(some)
        self._state = now

    def _take(self, changed: Sequence[Sequence[Any]]) -> None:
        ids, mints, *values = zip(*changed, strict=True)
        self._make_room(max(ids))
        rows = np.array(ids)
        self._mints[rows] = codes_of_addresses(mints)
        for name, column in zip(_CODED, values, strict=False):
            numbers = self._numbers[name]
            self._facets[name][rows] = [numbers.setdefault(one, len(numbers)) for one in column]
        for name, column in zip(FIGURES, values[len(_CODED) :], strict=True):
            self._figures[name][rows] = codes_of_keys(column)

    def _make_room(self, last: int) -> None:
        self._size = max(self._size, last + 1)
        if self._size > len(self._mints):
            more = self._size * 5 // 4 + _SPARE - len(self._mints)
            # New ones: whoever has asked goes on with the mints of the old.
            self._mints = _longer(self._mints, more)
            self._facets = {name: _longer(column, more) for name, column in self._facets.items()}
            self._figures = {name: _longer(column, more) for name, column in self._figures.items()}

    def _clear(self) -> None:
        self._size = 0
        self._numbers = {name: {None: 0} for name in _CODED}
        self._facets = {name: np.zeros(0, np.int32) for name in _CODED}
        self._figures = {name: np.zeros(0, np.int64) for name in FIGURES}
        self._mints = np.zeros(0, np.uint64)


def rows_of(db: sqlite3.Connection, statement: str, value: str) -> Rows:
    """Return the rows that a statement gives as one text of JSON.

    It takes longer to fetch thousands of rows one by one than to find them.
    """
    return np.array(_ids(db.execute(statement, (value,)).fetchone()[0]), np.int64)


def _named(db: sqlite3.Connection, creator: Address | None, match: str | None) -> Rows | None:
    """Return the tokens that indexes of SQLite name, None where there is nothing to look up."""
    asked = [(_CREATED, creator), (_TITLED, match)]
    found = [rows_of(db, statement, value) for statement, value in asked if value is not None]
    return reduce(np.intersect1d, found) if found else None


def _longer(column: Any, more: int) -> Any:
    return np.concatenate([column, np.zeros(more, column.dtype)])


def _ranks(codes: Codes, *, descending: bool) -> Codes:
    """Return numbers that are smaller the earlier one comes; what is unknown comes last."""
    return np.where(codes == UNKNOWN, _LAST, -codes if descending else codes)


def _code(bound: Decimal) -> int:
    return int(codes_of_keys([order_key(bound)])[0])
