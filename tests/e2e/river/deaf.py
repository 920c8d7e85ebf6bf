"""The summing agents on a consumer that fails: the worker can neither start nor stop cleanly."""

from typing import NoReturn

from streams.transport import ChunkConsumer
from tests.e2e.river.summing import sum_numbers

__all__ = ["sum_numbers"]


def fail(_: ChunkConsumer) -> NoReturn:
    """Fail when asked which partitions are assigned."""
    raise RuntimeError("a fault of ours")


ChunkConsumer.assignment = fail
