"""Connections to the cache for whoever reads it, in the order in which they ask."""

import asyncio
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as NoConnectionError

QUEUE_S = 30.0
"""The longest wait for a turn: thousands may begin at once, and are read for in seconds."""


class Turns(ConnectionPool):
    """A pool that has whoever finds no connection free wait, who has waited longest first.

    In the library's own that waits, who comes while one is free passes all who wait, so that in a
    storm some wait until they are turned away while others come and go.
    """

    def __init__(self, *, max_connections: int, **settings: Any) -> None:
        super().__init__(max_connections=max_connections, **settings)
        self._free = asyncio.Semaphore(max_connections)

    async def get_connection(self, *_: Any, **__: Any) -> AbstractConnection:
        """Return a connection once it is this caller's turn and one is free.

        Raises:
            redis.exceptions.ConnectionError: none was free in time, or it could not connect.
        """
        try:
            async with asyncio.timeout(QUEUE_S):
                await self._free.acquire()
        except TimeoutError as error:
            raise NoConnectionError("none of its connections is free") from error
        connection: AbstractConnection = self.get_available_connection()  # type: ignore[no-untyped-call]
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        """Give a connection to whoever has waited longest."""
        try:
            await super().release(connection)
        finally:
            self._free.release()
