"""Connections to a real cache: who asks first is served first, and nobody is turned away."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import BlockingConnectionPool, ConnectionPool

from tests.caches import running_cache
from views.live.connections import Turns

READERS, READS, CONNECTIONS = 40, 20, 3


async def most_passed(pool: ConnectionPool) -> int:
    """Return how many that had asked before, at most, waited when a reader was served."""
    asked: list[int] = []
    most = 0

    async def read(reader: int) -> None:
        nonlocal most
        for _ in range(READS):
            asked.append(reader)
            connection: Any = await pool.get_connection()
            most = max(most, asked.index(reader))
            asked.remove(reader)
            await connection.send_command("PING")
            await connection.read_response()
            await pool.release(connection)

    await asyncio.gather(*(read(reader) for reader in range(READERS)))
    await pool.aclose()
    return most


@pytest.mark.parametrize(("kind", "is_fair"), [(Turns, True), (BlockingConnectionPool, False)])
def test_who_asks_first_is_served_first(kind: type[ConnectionPool], is_fair: bool) -> None:
    """Nobody passes those who wait, but that one of several connections may be ready sooner.

    Where the library's own pool does the same, ours can go.
    """

    async def count(url: str) -> int:
        return await most_passed(kind.from_url(url, max_connections=CONNECTIONS))

    with running_cache() as cache:
        assert (asyncio.run(count(cache.url)) < CONNECTIONS) == is_fair
