"""Connections to the cache for whoever reads it, in the order in which they ask."""

import asyncio
from typing import Any

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as NoConnectionError

QUEUE_S = 30.0
"""The longest wait for a turn: thousands may begin at once, and are read for in seconds."""


class Turns(BlockingConnectionPool):
    """A pool where who has waited longest is next.

    In the library's own, who comes while a connection is free passes all who wait, so that in a
    storm some wait until they are turned away while others come and go.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._turn = asyncio.Lock()

    async def get_connection(self, *command: Any, **options: Any) -> AbstractConnection:
        """Return a connection once it is this caller's turn and one is free.

        Raises:
            redis.exceptions.ConnectionError: none was free in time, or it could not connect.
        """
        try:
            async with asyncio.timeout(QUEUE_S), self._turn:
                connection: AbstractConnection = await super().get_connection(*command, **options)  # type: ignore[no-untyped-call]
                return connection
        except TimeoutError as error:
            raise NoConnectionError("none of its connections is free") from error
