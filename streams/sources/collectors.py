"""Everything that ``btracker collect`` runs: sources, documents, accounts, dollar prices."""

import asyncio
from typing import Any, NamedTuple

from prometheus_client import start_http_server

from streams.sources.accounts.reader import run_account_reader
from streams.sources.accounts.settings import AccountSettings, shared
from streams.sources.collect import require_topics, run_collect
from streams.sources.dollars.poller import run_dollars
from streams.sources.dollars.settings import DollarSettings
from streams.sources.metadata import run_metadata_fetcher
from streams.sources.metadata_settings import MetadataSettings
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings


class Collecting(NamedTuple):
    """What the collectors are told: all of them, and each of its own."""

    settings: CollectSettings
    solana: SolanaSettings
    x: XSettings
    fetching: MetadataSettings
    accounts: AccountSettings
    dollars: DollarSettings


async def run_collectors(what: Collecting, stop: asyncio.Event) -> bool:
    """Run all until *stop*; return whether every source could be read to its end.

    When one of them fails the others are ended with it.

    Raises:
        UsageError: a topic is missing, or a source is written wrong.
        BtrackerError: one of them cannot go on.
    """
    settings, solana, accounts, dollars = what.settings, what.solana, what.accounts, what.dollars
    await require_topics(settings.cluster)
    if settings.collect_metrics_port:
        start_http_server(settings.collect_metrics_port)
    reads = bool(solana.nodes) and accounts.account_requests_per_s > 0
    own, for_accounts = shared(accounts, solana) if reads else (solana, solana)
    sources = asyncio.create_task(run_collect(settings, own, what.x, stop))
    tasks: list[asyncio.Task[Any]] = [sources]
    if reads:
        tasks.append(asyncio.create_task(run_account_reader(accounts, for_accounts, stop)))
    if settings.fetch_documents:
        tasks.append(asyncio.create_task(run_metadata_fetcher(what.fetching, stop)))
    if dollars.feeds or dollars.fixed:
        tasks.append(asyncio.create_task(run_dollars(dollars, stop)))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        return sources.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
