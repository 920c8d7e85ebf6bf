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
        await run_api(load(ApiSettings), stop)

    with service_logs():
        run_service(serve)
