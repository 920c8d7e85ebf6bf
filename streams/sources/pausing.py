"""Waiting for an event, but not for ever; and for anything else, but not beyond a stop."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")


async def pause(event: asyncio.Event, seconds: float) -> None:
    """Return when *event* is set, or after some seconds."""
    # Not wait_for: before Python 3.12 it may swallow that its task is cancelled.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """Return what *work* returns; None where *stop* comes before it, which ends it."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
