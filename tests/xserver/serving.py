"""The server in this process."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.xserver.faults import XFaults
from tests.xserver.http import app_of
from tests.xserver.server import XServer


@asynccontextmanager
async def serve_x(
    to_come: Iterable[dict[str, Any]],
    faults: XFaults | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[XServer]:
    """Serve posts; they are posted by command only. ``port`` 0 takes any free one."""
    x = XServer(to_come, faults or XFaults())
    # Cancelled, a stream is over as soon as its client has gone, not when it is written to next.
    runner = web.AppRunner(
        app_of(x), access_log=None, shutdown_timeout=1, handler_cancellation=True
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        x.port = runner.addresses[0][1]
        yield x
    finally:
        x.cut()
        await runner.cleanup()
