"""Which partition a key belongs to: Kafka's default, so that any producer agrees with us."""

from functools import lru_cache

from aiokafka.partitioner import murmur2

# 65,536 mints of 44 bytes: some 10 MB, and a decoder sees far fewer at a time.
CACHED_KEYS = 65_536


@lru_cache(maxsize=CACHED_KEYS)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of *key* among *partitions*, as Kafka's default partitioner does.

    Source: ``BuiltInPartitioner.partitionForKey`` of Apache Kafka: the non-negative murmur2.
    """
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
