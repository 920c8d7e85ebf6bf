"""Everything that ``btracker collect`` runs: the sources, and the fetcher of documents."""

import asyncio
from typing import Any

from prometheus_client import start_http_server

from streams.sources.collect import require_topics, run_collect
from streams.sources.metadata import run_metadata_fetcher
from streams.sources.metadata_settings import MetadataSettings
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings


async def run_collectors(
    settings: CollectSettings,
    solana: SolanaSettings,
    x: XSettings,
    fetching: MetadataSettings,
    stop: asyncio.Event,
) -> bool:
    """Run sources and fetcher until *stop*; return whether every source could be read to its end.

    When one of them fails the other is ended with it.

    Raises:
        UsageError: a topic is missing.
        BtrackerError: a source or the fetcher cannot go on.
    """
    await require_topics(settings.cluster)
    if settings.collect_metrics_port:
        start_http_server(settings.collect_metrics_port)
    sources = asyncio.create_task(run_collect(settings, solana, x, stop))
    tasks: list[asyncio.Task[Any]] = [sources]
    if settings.fetch_documents:
        tasks.append(asyncio.create_task(run_metadata_fetcher(fetching, stop)))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        return sources.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
