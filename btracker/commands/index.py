"""``btracker index``."""

import asyncio

import click


@click.command(
    epilog="Example: BTRACKER_KAFKA=broker:9092 btracker index",
    short_help="Run the indexer and the live feed.",
)
def command() -> None:
    """Write the public topics into the store and the live feed, until stopped."""
    from views.indexer import run_index
    from views.settings import ViewSettings

    from btracker.logs import LogSettings, set_up_logs
    from btracker.service import run_service

    set_up_logs(LogSettings())
    settings = ViewSettings()

    async def index(stop: asyncio.Event) -> None:
        await run_index(settings, stop)

    run_service(index)
