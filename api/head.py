"""How far the views are: the chain's head as it is visible here, kept for the headers."""

import asyncio
from time import monotonic, time
from typing import Protocol

from api.progress import Chain, chain
from domain.errors import StoreError
from views.contract import Views

UNKNOWN = Chain(head_slot=0, chain_time=None, complete_through_slot=0, indexed_slot=0)


Headers = list[tuple[bytes, bytes]]
MOST_WAIT_S = 1.0
TICK_S = 0.01
"""How long the same headers are good: the lag is told to the hundredth of a second at least."""


class Paused(Protocol):
    """What is asked of the live feed."""

    @property
    def paused(self) -> bool:
        """Return whether the cache that carries the feed is out of reach."""


class Head:
    """The newest state of the chain that the store shows, at most *max_age_ms* old.

    While the store cannot be reached the last state stays, and its lag grows.
    """

    def __init__(self, views: Views, feed: Paused, *, partitions: int, max_age_ms: int) -> None:
        self._views, self._feed = views, feed
        self._partitions, self._max_age_s = partitions, max_age_ms / 1000
        self._chain, self._read_at = UNKNOWN, float("-inf")
        self._reading: asyncio.Future[None] | None = None
        self._slot = b"0"
        self._at_ms: int | None = None
        self._is_stale = self._was_paused = False
        self._kept: Headers = []
        self._until = float("-inf")

    async def chain(self) -> Chain:
        """Return the state; whoever comes while another reads it gets the one before.

        A store that hangs is waited for a moment only: what is in memory does not need it.
        """
        if monotonic() - self._read_at >= self._max_age_s and not self._reading:
            self._reading = asyncio.ensure_future(self._read())
            done, _ = await asyncio.wait([self._reading], timeout=MOST_WAIT_S)
            for reading in done:
                reading.result()
            if not done:
                self._is_stale, self._until = True, float("-inf")
        return self._chain

    async def headers(self) -> Headers:
        """Return X-Btracker-Slot and X-Btracker-Lag-Ms; both 0 before anything is known.

        While the store cannot be reached, X-Btracker-Stale says so; while the cache that carries
        the live feed cannot be, X-Btracker-Live does.
        """
        await self.chain()
        return self._made()

    def headers_at_once(self) -> Headers | None:
        """Return the same, None where the state has to be read first."""
        now = monotonic()
        if now - self._read_at >= self._max_age_s and not self._reading:
            return None
        if now >= self._until or self._feed.paused != self._was_paused:
            self._kept, self._until = self._made(), now + TICK_S
            self._was_paused = self._feed.paused
        return self._kept

    def _made(self) -> Headers:
        lag_ms = 0 if self._at_ms is None else max(0, now_ms() - self._at_ms)
        found = [(b"x-btracker-slot", self._slot), (b"x-btracker-lag-ms", b"%d" % lag_ms)]
        if self._is_stale:
            found.append((b"x-btracker-stale", b"true"))
        if self._feed.paused:
            found.append((b"x-btracker-live", b"paused"))
        return found

    async def _read(self) -> None:
        try:
            self._chain = chain(await self._views.progress(), partitions=self._partitions)
            seconds = self._chain.seconds
            self._slot = b"%d" % self._chain.indexed_slot
            self._at_ms = None if seconds is None else seconds * 1000
            self._is_stale = False
        except StoreError:
            self._is_stale = True
        finally:
            self._until = float("-inf")
            self._read_at = monotonic()
            self._reading = None


def now_ms() -> int:
    """Return the wall clock in milliseconds since 1970."""
    return int(time() * 1000)
