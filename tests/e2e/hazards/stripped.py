"""The summing agents, on a worker where ``STOCK`` names the part of Faust that is put back."""

import asyncio
import os
import time
from typing import Any

from streams.app import River
from streams.transport import ChunkConsumer
from tests.e2e.hazards.stock import put_back
from tests.e2e.river.summing import pass_on, sum_numbers

__all__ = ["pass_on", "sum_numbers"]

CHUNK_S = float(os.environ.get("CHUNK_S", "0"))
"""How long the agent waits for something at each chunk."""
LOOP_S = float(os.environ.get("LOOP_S", "0"))
"""How long each chunk keeps the loop; decoding or folding a real one does for up to 0.1 s."""
SEEK_S = float(os.environ.get("SEEK_S", "0"))
"""How long after a seek the loop comes back to who asked for it."""

if part := os.environ.get("STOCK"):
    put_back(part)
finish, perform_seek = River.finish, ChunkConsumer.perform_seek


async def finish_late(river: River, *chunk: Any) -> None:
    """Finish a chunk as one that takes its time."""
    await asyncio.sleep(CHUNK_S)
    time.sleep(LOOP_S)  # noqa: ASYNC251  # The loop is to be kept.
    await finish(river, *chunk)


async def seek_and_linger(consumer: ChunkConsumer) -> None:
    """Return late, as on a loop that has other things to do first."""
    await perform_seek(consumer)
    await asyncio.sleep(SEEK_S)


River.finish = finish_late
ChunkConsumer.perform_seek = seek_and_linger
