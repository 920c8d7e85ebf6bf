"""The summing agents behind fences that take longer to raise than a session lasts."""

import asyncio

from streams.lines import Place
from streams.producers import FencedProducers, Places
from tests.e2e.river.summing import sum_numbers

__all__ = ["sum_numbers"]

LONGER_THAN_A_SESSION_S = 8.0
raise_fences = FencedProducers.take


async def raise_slowly(fences: FencedProducers, places: Places) -> set[Place]:
    """Raise fences as on a machine, or beside a Kafka, that has other things to do."""
    await asyncio.sleep(LONGER_THAN_A_SESSION_S)
    return await raise_fences(fences, places)


FencedProducers.take = raise_slowly
