"""``btracker api``."""

import asyncio

import click


@click.command(
    epilog="Example: BTRACKER_PORT=8081 btracker api",
    short_help="Run the API and its interactive page.",
)
def command() -> None:
    """Answer REST, WebSocket and the interactive API page from store and cache, until stopped."""
    from api.serve import run_api
    from api.settings import ApiSettings
    from btracker.service import run_service, service_logs
    from btracker.settings import load

    async def serve(stop: asyncio.Event) -> None:
        settings = load(ApiSettings)
        if not settings.pictures:
            await run_api(settings, stop)
            return
        # Costs memory that only this needs.
        from btracker.pictures import picture_fetch
        from streams.sources.metadata_settings import MetadataSettings

        async with picture_fetch(load(MetadataSettings)) as fetch:
            await run_api(settings, stop, fetch=fetch)

    with service_logs():
        run_service(serve)
