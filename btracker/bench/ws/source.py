"""Whoever publishes: made-up tokens and boards, as the live writer puts them into the cache."""

import asyncio
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import msgspec
from redis.asyncio import Redis

from btracker.bench.serving.made_up import traded, write
from schemas.token import Token
from views.boards import BOARDS
from views.live.drafting import Drafting
from views.live.message import Draft, Place
from views.live.publisher import Publisher
from views.live.ranking import Board, candidate

BOARD = "graduating"
BOARD_SIZE = 100


class Ranked(msgspec.Struct, frozen=True):
    """What is needed of a board's data."""

    order: tuple[str, ...]


_ranked = msgspec.json.Decoder(Ranked).decode


class Sent(NamedTuple):
    """How many updates were published, and in how many seconds."""

    updates: int
    seconds: float


class Source:
    """Publishes what changes."""

    def __init__(self, redis: str, made: Sequence[Token]) -> None:
        self._redis = Redis.from_url(redis)
        self._publisher = Publisher(self._redis, history_frames=256, history_s=900)
        self._drafting, self._tokens = Drafting(), list(made)
        self._board = Board(BOARD, BOARDS[BOARD], size=BOARD_SIZE)
        self._number, self._order = 0, tuple[str, ...]()

    @property
    def mints(self) -> list[str]:
        """The tokens that change."""
        return [token.mint for token in self._tokens]

    async def begin(self) -> None:
        """Publish every token and the board once."""
        await self._publisher.begin_epoch({})
        drafts = [draft for token in self._tokens for draft in self._drafts(token)]
        for token in self._tokens:
            self._board.take(candidate(token, msgspec.json.encode(token)))
        await self._publisher.publish([*drafts, *self._board_drafts()], notes={})

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()

    async def trade(self, count: int, *, per_second: float) -> Sent:
        """Publish so many changes of tokens by turns, at a rate; each is a batch of its own."""
        began = perf_counter()
        for number in range(count):
            due = began + number / per_second
            if perf_counter() < due:
                await asyncio.sleep(due - perf_counter())
            await self._publisher.publish(self._drafts(self._next()), notes={})
        return Sent(count, perf_counter() - began)

    async def launch(self) -> None:
        """Publish one launch: an event for everybody who follows launches."""
        self._number += 1
        data = msgspec.json.encode({"id": str(self._number), "text": "x" * 250})
        draft = Draft(Place("launches", "all"), "event", self._number, data, self._number)
        await self._publisher.publish([draft], notes={})

    async def rank(self) -> None:
        """Publish the board after one of its tokens has changed."""
        self._number += 1
        mint = self._order[self._number % len(self._order)]
        at = next(n for n, token in enumerate(self._tokens) if token.mint == mint)
        self._tokens[at] = changed = traded(self._tokens[at], self._number)
        self._board.take(candidate(changed, msgspec.json.encode(changed)))
        await self._publisher.publish(self._board_drafts(), notes={})

    def _board_drafts(self) -> list[Draft]:
        draft = self._board.draft()
        if draft is None:
            return []
        self._order = _ranked(draft.data).order
        return [draft]

    def _next(self) -> Token:
        self._number += 1
        at = self._number % len(self._tokens)
        self._tokens[at] = traded(self._tokens[at], self._number % 1000)
        return self._tokens[at]

    def _drafts(self, token: Token) -> list[Draft]:
        return list(self._drafting.drafts({"tokens": [write(token)]}))
