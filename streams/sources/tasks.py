"""Tasks that run beside one another until somebody stops them."""

import asyncio
from collections.abc import Sequence
from typing import Any


async def end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until_one_fails(tasks: Sequence[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Wait until *stop*; raise what a task raises before that, one that returns is no matter."""
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            waiting = {stopping, *(task for task in tasks if not task.done())}
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        stopping.cancel()
