"""``btracker index``."""

import asyncio

import click


@click.command(
    epilog="Example: BTRACKER_KAFKA=broker:9092 btracker index",
    short_help="Run the indexer and the live feed.",
)
def command() -> None:
    """Write the public topics into the store and the live feed, until stopped."""
    from btracker.kafka_access import enter
    from btracker.service import run_service, service_logs
    from btracker.settings import load
    from streams.topics import require
    from views.index.reading import NOUNS
    from views.indexer import run_index
    from views.settings import ViewSettings

    async def index(stop: asyncio.Event) -> None:
        settings = load(ViewSettings)
        await enter(settings.cluster)
        await require(settings.cluster, [noun.topic for noun in NOUNS])
        await run_index(settings, stop)

    with service_logs():
        run_service(index)
