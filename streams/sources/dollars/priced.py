"""The one interface of all sources of dollar prices, and what is behind it."""

from typing import NamedTuple, Protocol

from domain.amounts import timestamp
from domain.dollar_feed import quoted
from domain.dollars import Worth
from domain.errors import UnreadableError
from schemas.fields import ChainTime, Mint
from streams.sources.dollars.named import Feed, Fixed
from streams.sources.fetch import Failed, Fetcher

CONFIGURED = "configuration"


class Said(NamedTuple):
    """A price, the time at which it holds, and who says so."""

    worth: Worth
    time: ChainTime
    source: str


class Prices(Protocol):
    """Says what one whole token of a quote *mint* is worth."""

    @property
    def mint(self) -> Mint:
        """The quote token."""

    async def price(self, now: ChainTime) -> Said | Failed:
        """Return the price at the wall clock's *now*, or why there is none."""


class FixedPrices:
    """A price that the configuration vouches for; it always holds now."""

    def __init__(self, fixed: Fixed) -> None:
        self.mint, self._worth = fixed.mint, fixed.worth

    async def price(self, now: ChainTime) -> Said | Failed:
        """Return it."""
        return Said(self._worth, now, CONFIGURED)


class FeedPrices:
    """A feed over HTTP. A price whose time is more than *good_s* away is none: the feed is stuck.

    Where it does not say a time, the price is taken to hold when it was asked for.
    """

    def __init__(self, feed: Feed, fetcher: Fetcher, *, good_s: int) -> None:
        self.mint, self._feed, self._fetcher, self._good_s = feed.mint, feed, fetcher, good_s

    async def price(self, now: ChainTime) -> Said | Failed:
        """Ask the feed once."""
        feed = self._feed
        body = await self._fetcher.fetch(feed.url, attempt=0)
        if isinstance(body, Failed):
            return body
        try:
            found = quoted(body, price=feed.price, time=feed.time)
        except UnreadableError as error:
            return Failed("content", str(error))
        time = now if found.time is None else found.time
        if abs(now - time) > self._good_s:
            return Failed("content", f"its newest price is of {timestamp(time)}")
        return Said(found.worth, time, feed.name)
