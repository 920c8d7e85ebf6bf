"""Sources of dollar prices -> dollars: polled, each price put on its topic with its time."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from yarl import URL

from domain.dollars import price_text
from domain.errors import BtrackerError
from schemas.dollars import DollarPrice
from schemas.fields import Mint
from schemas.progress import Counts, Progress
from schemas.topics import DOLLARS, PROGRESS
from streams.cloud_events import cloud_event
from streams.sources.dollars import metrics
from streams.sources.dollars.named import Feed, label
from streams.sources.dollars.priced import FeedPrices, FixedPrices, Prices, Said
from streams.sources.dollars.settings import DollarSettings
from streams.sources.fetch import Failed, Limits, open_fetcher
from streams.sources.guard import LOOPBACK, is_loopback

BYTES_MAX = 100_000
KIND = "dollars"

log = logging.getLogger(__name__)


async def run_dollars(settings: DollarSettings, stop: asyncio.Event) -> None:
    """Poll every source of prices until *stop*, and publish what each quote token is worth.

    Raises:
        UsageError: a source is written wrong.
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    try:
        await _run(settings, stop)
    except KafkaError as error:
        raise BtrackerError(
            f"The Kafka at {settings.cluster} failed the poller of dollar prices: {error!r}."
        ) from error


async def _run(settings: DollarSettings, stop: asyncio.Event) -> None:
    producer = AIOKafkaProducer(**settings.cluster.options, acks="all")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(producer.stop)
        await producer.start()
        sources = await stack.enter_async_context(open_prices(settings))
        desks = [Desk(settings, producer, mint, own) for mint, own in sources.items()]
        try:
            async with asyncio.TaskGroup() as tasks:
                for desk in desks:
                    tasks.create_task(desk.run(stop))
        except ExceptionGroup as errors:
            # One reason is enough to stop; the others follow from it.
            raise errors.exceptions[0] from errors


@asynccontextmanager
async def open_prices(settings: DollarSettings) -> AsyncIterator[dict[Mint, list[Prices]]]:
    """Give all sources by quote token, in the order in which they are asked; fixed ones last.

    Raises:
        UsageError: one is written wrong.
    """
    found: dict[Mint, list[Prices]] = {}
    async with AsyncExitStack() as stack:
        for feed in settings.feeds:
            fetcher = await stack.enter_async_context(open_fetcher(limits_of(feed, settings)))
            prices = FeedPrices(feed, fetcher, good_s=settings.dollar_good_s)
            found.setdefault(feed.mint, []).append(prices)
        for fixed in settings.fixed:
            found.setdefault(fixed.mint, []).append(FixedPrices(fixed))
        yield found


def limits_of(feed: Feed, settings: DollarSettings) -> Limits:
    """Return what asking a feed keeps to: one on this machine may be asked, no other may lead here.

    Redirects are judged like the address itself, so a feed far away cannot send us here.
    """
    allow = LOOPBACK if is_loopback(URL(feed.url)) else ()
    return Limits(allow, settings.dollar_timeout_s, BYTES_MAX, concurrency=1, secure=True)


class Desk:
    """Polls the sources of one quote token; the first that answers counts."""

    def __init__(
        self,
        settings: DollarSettings,
        producer: AIOKafkaProducer,
        mint: Mint,
        sources: Sequence[Prices],
    ) -> None:
        self._settings, self._producer = settings, producer
        self._mint, self._sources = mint, sources
        self._name = f"dollars:{label(mint)}"
        self._counts = Counts()
        self._said: Progress | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until *stop*."""
        while not stop.is_set():
            wait_s = max(self._settings.dollar_every_s, await self._poll())
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
        await self._report("done", "no longer asked")

    async def _poll(self) -> float:
        """Ask the sources in turn; return how many seconds the last one wants to be left alone."""
        reasons, wait_s = [], 0.0
        for source in self._sources:
            found = await source.price(int(time.time()))
            if isinstance(found, Said):
                await self._publish(found)
                return 0.0
            reasons.append(f"{found.cause}: {found.reason}")
            wait_s = found.wait_s
        metrics.POLLS.labels(self._name, "failed").inc()
        self._count(applied=0)
        await self._report("stalled", "; ".join(reasons))
        return wait_s

    async def _publish(self, said: Said) -> None:
        worth, good_s = said.worth, self._settings.dollar_good_s
        price = DollarPrice(self._mint, *worth, said.time, good_s, said.source)
        await self._producer.send_and_wait(
            DOLLARS.name, msgspec.json.encode(price), key=self._mint.encode()
        )
        metrics.POLLS.labels(self._name, "priced").inc()
        metrics.TIME.labels(self._name).set(said.time)
        self._count(applied=1)
        await self._report("running", f"{price_text(price)} USD, from {said.source}")

    def _count(self, *, applied: int) -> None:
        counts = self._counts
        self._counts = Counts(seen=counts.seen + 1, applied=counts.applied + applied)

    async def _report(self, state: str, detail: str) -> None:
        """Say how the source is, unless the same was said before."""
        progress = Progress(
            stage="collect", partition=0, source=self._name, kind=KIND, state=state, detail=detail
        )
        if progress == self._said:
            return
        if state == "stalled":
            log.warning("No price of %s: %s.", self._name, detail)
        self._said = progress
        key = f"collect:{self._name}:{KIND}"
        headers = cloud_event(
            PROGRESS, event_id=f"{key}:{state}:{self._counts.seen}", subject=self._name,
            slot=0, time=None, op="u",
        )  # fmt: skip
        value = msgspec.json.encode(msgspec.structs.replace(progress, counts=self._counts))
        await self._producer.send_and_wait(
            PROGRESS.name, value, key=key.encode(), headers=list(headers)
        )


async def try_prices(settings: DollarSettings) -> dict[str, Said | Failed]:
    """Return what each source of prices says now, by its name, for people."""
    found: dict[str, Said | Failed] = {}
    async with open_prices(settings) as sources:
        for mint, own in sources.items():
            for place, source in enumerate(own, 1):
                name = label(mint) if len(own) == 1 else f"{label(mint)} ({place})"
                found[name] = await source.price(int(time.time()))
    return found
