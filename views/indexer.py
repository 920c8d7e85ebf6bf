"""The index process: public topics into the store, and into the live feed."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client import start_http_server
from redis.asyncio import Redis

from views.contract import Views
from views.index.indexer import Indexer
from views.index.own import UNNAMED
from views.index.reading import NOUNS
from views.live.publisher import Publisher
from views.live.writer import LiveWriter
from views.open import open_views
from views.settings import ViewSettings
from views.topics import Layout, consumer, wait_for

log = logging.getLogger(__name__)

_GRACE_S = 5.0
_LIVE_RECORDS = 500
"""Records per batch of the live feed: small, since each waits for the last of its batch."""


async def run_index(settings: ViewSettings, stop: asyncio.Event) -> None:
    """Run until *stop*: what has been read by then is written within ``_GRACE_S``.

    Raises:
        UsageError: there is no such kind of store.
        StoreError: the store cannot be opened.
    """
    if settings.index_metrics_port:
        start_http_server(settings.index_metrics_port)
    async with AsyncExitStack() as stack:
        views = open_views(settings.store, trade_days=settings.store_trade_days)
        stack.push_async_callback(views.close)
        layout = await wait_for(settings.cluster, [noun.topic for noun in NOUNS], stop)
        if layout is None:
            return
        parts: list[Indexer | LiveWriter] = [
            await stack.enter_async_context(indexer(settings, views, layout)),
            await stack.enter_async_context(live_writer(settings, views, layout)),
        ]
        log.info("Ready: group %s on %s.", settings.index_group, settings.cluster)
        await _run_all([part.run(stop) for part in parts], stop)


@asynccontextmanager
async def indexer(settings: ViewSettings, views: Views, layout: Layout) -> AsyncIterator[Indexer]:
    """Give an indexer that stands where the last one committed."""
    async with (
        _reader(
            settings,
            layout,
            max_records=settings.index_batch_records,
            max_wait_ms=max(settings.index_linger_ms, settings.fetch_max_wait_ms),
        ) as reader,
        AIOKafkaProducer(**settings.cluster.options, acks="all") as producer,
    ):
        yield Indexer(
            views,
            reader,
            producer,
            epochs=layout.epochs,
            linger_s=settings.index_linger_ms / 1000,
        )


@asynccontextmanager
async def live_writer(
    settings: ViewSettings, views: Views, layout: Layout
) -> AsyncIterator[LiveWriter]:
    """Give a live writer, which goes on where the cache says."""
    told = tuple(place for place in layout.partitions if place.topic not in UNNAMED)
    layout = layout._replace(partitions=told)
    redis = Redis.from_url(settings.redis, socket_timeout=5, socket_connect_timeout=2)
    try:
        async with _reader(
            settings, layout, max_records=_LIVE_RECORDS, max_wait_ms=settings.fetch_max_wait_ms
        ) as reader:
            publisher = Publisher(
                redis,
                history_frames=settings.live_history_frames,
                history_s=settings.live_history_s,
            )
            yield LiveWriter(
                views,
                reader,
                publisher,
                layout=layout,
                board_size=settings.board_size,
                board_interval_s=settings.board_interval_ms / 1000,
            )
    finally:
        await redis.aclose()


@asynccontextmanager
async def _reader(
    settings: ViewSettings, layout: Layout, *, max_records: int, max_wait_ms: int
) -> AsyncIterator[AIOKafkaConsumer]:
    reader = consumer(
        settings.cluster,
        group=settings.index_group,
        fetch_max_wait_ms=max_wait_ms,
        max_records=max_records,
    )
    reader.assign(layout.partitions)
    async with reader:
        yield reader


async def _run_all(parts: Sequence[Awaitable[None]], stop: asyncio.Event) -> None:
    """Run parts until *stop*, or until one fails; then give the others a moment to finish."""
    tasks = {asyncio.ensure_future(part) for part in parts}
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({*tasks, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(tasks, timeout=_GRACE_S)
    finally:
        # Whatever is late waits for, nothing is lost: its offsets are not committed.
        late = {task for task in tasks if not task.done()}
        for task in (*late, stopped):
            task.cancel()
        await asyncio.wait({*tasks, stopped})
    for task in tasks - late:
        task.result()
