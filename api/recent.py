"""An answer that takes long to make: made once for everybody who asks about the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Recent(Generic[Answer]):
    """Keeps an answer for some seconds, counted from when it began to be made.

    A failure is told to those who waited for it, and is not kept.
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[Answer]],
        *,
        for_s: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._make, self._for_s, self._clock = make, for_s, clock
        self._making: asyncio.Future[Answer] | None = None
        self._until = 0.0

    async def get(self) -> Answer:
        """Return the answer, at most so many seconds old when it is there."""
        if self._making is None or (self._making.done() and self._is_over(self._making)):
            self._making = asyncio.ensure_future(self._make())
            self._until = self._clock() + self._for_s
        # Who gives up waiting takes nothing from the others.
        return await asyncio.shield(self._making)

    def _is_over(self, made: asyncio.Future[Answer]) -> bool:
        failed = made.cancelled() or made.exception() is not None
        return failed or self._clock() >= self._until
