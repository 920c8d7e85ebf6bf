"""Waiting: a stop ends it, whatever is waited for."""

import asyncio

from streams.sources.pausing import unless


async def test_a_stop_ends_what_hangs() -> None:
    """A node that never answers keeps nobody from stopping, and its answer is given up."""
    stop, ended = asyncio.Event(), asyncio.Event()

    async def hang() -> int:
        try:
            stop.set()
            return await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    assert await unless(stop, hang()) is None
    assert ended.is_set()


async def test_what_comes_before_a_stop_is_returned() -> None:
    """Without a stop it is as if there were none."""

    async def answer() -> int:
        return 7

    assert 7 == await unless(asyncio.Event(), answer())
