"""The live boards: every candidate in order, and what changed on the board since the last frame."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from msgspec import json
from sortedcontainers import SortedList

from domain.order import descending
from schemas.fields import Mint, Slot
from schemas.token import Token
from views.columns import Facets, facets, figures, fits
from views.contract import Figure, TokenQuery
from views.live.message import Draft, Place
from views.live.recent import Recent

RESERVE = 20
"""Candidates kept per place on a board, so that who leaves has a successor at hand."""


KEPT_VERSIONS = 20_000
"""Tokens of which an older record is known to be older."""


class Candidate(NamedTuple):
    """What boards look at in a token."""

    mint: Mint
    version: int
    slot: Slot
    body: bytes
    has: Facets
    keys: Mapping[Figure, str | None]


def candidate(token: Token, body: bytes) -> Candidate:
    """Return a token as boards look at it.

    Raises:
        UsageError: one of its figures is no number.
    """
    return Candidate(token.mint, token.version, token.slot, body, facets(token), figures(token))


class Board:
    """One board. Candidates beyond the reserve are given up, the last first."""

    def __init__(self, name: str, query: TokenQuery, *, size: int) -> None:
        self.place, self.size = Place("board", name), size
        self.is_cut = False
        self._query = query
        self._keys: dict[Mint, tuple[str, Mint]] = {}
        self._order: SortedList[tuple[str, Mint]] = SortedList()
        self._bodies: dict[Mint, bytes] = {}
        self._versions: Recent[Mint, int] = Recent(KEPT_VERSIONS)
        self._shown: tuple[Mint, ...] | None = None
        self._dirty: set[Mint] = set()
        self._slot: Slot = 0

    def take(self, candidate: Candidate) -> None:
        """Take a token's record, which may enter, move or leave, unless a newer one came before."""
        mint, key = candidate.mint, candidate.keys[self._query.sort_by]
        if candidate.version < (self._versions.get(mint) or 0):
            return
        self._versions.put(mint, candidate.version)
        self._remove(mint)
        self._slot = max(self._slot, candidate.slot)
        if key is not None and fits(candidate.has, candidate.keys, self._query):
            self._keys[mint] = entry = (descending(key), mint)
            self._order.add(entry)
            self._bodies[mint] = candidate.body
            self._dirty.add(mint)
            self._cut()

    def needs_more(self) -> bool:
        """Whether candidates were given up that would be on the board now."""
        return self.is_cut and len(self._order) < self.size

    def refill(self, candidates: Iterable[Candidate]) -> None:
        """Take candidates from the store, which may be behind the topics."""
        self.is_cut = False
        for candidate in candidates:
            self.take(candidate)

    def forget_shown(self) -> None:
        """Let the next frame say everything: nobody knows whether the last one arrived."""
        self._shown = None

    def draft(self) -> Draft | None:
        """Return what changed since the last call, None if nothing can be seen to have.

        The data are ``order`` (mints, best first) and, under its mint, each token on the board
        that is new there or changed; a client keeps those it knows.
        """
        order = tuple(mint for _, mint in islice(self._order, self.size))
        known = set(self._shown or ())
        changed = [mint for mint in order if mint in self._dirty or mint not in known]
        self._dirty.clear()
        if order == self._shown and not changed:
            return None
        self._shown = order
        return Draft(
            self.place,
            "delta",
            self._slot,
            board_data(order, {mint: self._bodies[mint] for mint in changed}),
            state=board_data(order, {mint: self._bodies[mint] for mint in order}),
        )

    def _remove(self, mint: Mint) -> None:
        entry = self._keys.pop(mint, None)
        if entry is not None:
            self._order.remove(entry)
            del self._bodies[mint]
            self._dirty.discard(mint)

    def _cut(self) -> None:
        while len(self._order) > self.size * RESERVE:
            self._remove(self._order[-1][1])
            self.is_cut = True


def board_data(order: Iterable[Mint], bodies: Mapping[Mint, bytes]) -> bytes:
    """Return the data of a board's frame."""
    members = [b'"order":' + json.encode(list(order))]
    members += [json.encode(mint) + b":" + body for mint, body in bodies.items()]
    return b"{" + b",".join(members) + b"}"
