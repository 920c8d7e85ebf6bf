"""Posts that are gone on X -> their deletions, with the tokens that were linked to them."""

import asyncio

from aiokafka.errors import KafkaError

from domain.errors import BtrackerError
from schemas.kafka import Kafka
from streams.sources.x.desk import Desk
from streams.sources.x.watch import linked

GATHER_S = 1.0
"""Links are read whole for it, so what goes at about the same time goes at once."""


class Burial:
    """Takes posts that are gone, by the ids of their first versions."""

    def __init__(self, kafka: Kafka, desk: Desk) -> None:
        self._kafka, self._desk = kafka, desk
        self._gone = dict[str, None]()
        self._news = asyncio.Event()

    def take(self, first: str) -> None:
        """Let a post be deleted soon."""
        self._gone[first] = None
        self._news.set()

    async def run(self) -> None:
        """Delete for ever.

        Raises:
            BtrackerError: Kafka does not answer.
        """
        while True:
            await self._news.wait()
            self._news.clear()
            firsts, self._gone = tuple(self._gone), {}
            try:
                mints = await linked(self._kafka, firsts)
            except KafkaError as error:
                raise BtrackerError(f"The Kafka at {self._kafka} has failed: {error!r}.") from error
            for first in firsts:
                self._desk.take_deletion(first, sorted(mints[first]))
            await asyncio.sleep(GATHER_S)
