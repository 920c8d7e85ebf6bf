"""Collection of garbage by the clock: left to itself it comes in the middle of a storm of clients.

Objects that connections make live as long as those, so every new generation is walked through for
nothing: at 1,000 connections a second the default collector holds handshakes up by 300 ms and more.
"""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_S = 0.1
"""A storm makes some 100,000 objects a second: looked at all together they take 50 ms."""
ALL_EVERY = 600
"""Rounds of the young from one collection of everything to the next, which takes longest."""


@contextmanager
def collecting() -> Iterator[None]:
    """Collect by the clock meanwhile; what is there at the start is looked at once, before it."""
    gc.disable()
    gc.collect()
    gc.freeze()
    task = asyncio.create_task(_collect_for_ever())
    try:
        yield
    finally:
        task.cancel()
        gc.enable()
        gc.unfreeze()


async def _collect_for_ever() -> None:
    while True:
        for generation in (*[1] * (ALL_EVERY - 1), 2):
            await asyncio.sleep(YOUNG_S)
            gc.collect(generation)
