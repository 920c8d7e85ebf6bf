"""Connections to a real cache: who asks first is served first, and nobody is turned away."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import BlockingConnectionPool

from tests.caches import running_cache
from views.live.connections import Turns

READERS, READS, CONNECTIONS = 40, 20, 3


async def overtakings(pool: BlockingConnectionPool) -> int:
    """Return how often a reader was served before one that had asked before it."""
    asked: list[int] = []
    passed = 0

    async def read(reader: int) -> None:
        nonlocal passed
        for _ in range(READS):
            asked.append(reader)
            connection: Any = await pool.get_connection()
            passed += asked.index(reader)
            asked.remove(reader)
            await connection.send_command("PING")
            await connection.read_response()
            await pool.release(connection)

    await asyncio.gather(*(read(reader) for reader in range(READERS)))
    await pool.aclose()
    return passed


@pytest.mark.parametrize(("kind", "is_fair"), [(Turns, True), (BlockingConnectionPool, False)])
def test_who_asks_first_is_served_first(kind: type[BlockingConnectionPool], is_fair: bool) -> None:
    """Nobody passes those who wait; where the library's own pool does the same, ours can go."""

    async def count(url: str) -> int:
        return await overtakings(kind.from_url(url, max_connections=CONNECTIONS))

    with running_cache() as cache:
        assert (asyncio.run(count(cache.url)) == 0) == is_fair
