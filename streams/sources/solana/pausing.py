"""Waiting for an event, but not for ever."""

import asyncio
from contextlib import suppress


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Return when *event* is set, or after some seconds."""
    # Not wait_for: before Python 3.12 it may swallow that its task is cancelled.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
