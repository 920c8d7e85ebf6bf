"""Transactions of live nodes -> raw records: keyed, indexed, with headers."""

from domain.signatures import Kind
from schemas.fields import Signature
from schemas.topics import DLQ_SUFFIX, RAW_CHAIN
from streams.sources.frames import Entry
from streams.sources.framing import OVERHEAD_BYTES


def chain_entry(
    signature: Signature, value: bytes, *, kind: Kind, index: int, exact: bool, node: str
) -> Entry:
    """Return the record of a transaction; *exact*: the index is the one in its block."""
    headers = (
        ("bt_kind", kind.name.lower().encode()),
        ("bt_index", b"%d" % index),
        ("bt_exact", b"%d" % exact),
        ("bt_source", node.encode()),
    )
    return Entry(RAW_CHAIN.name, signature.encode(), value, headers)


def fits(value: bytes, *, bytes_max: int) -> bool:
    """Say whether a record of *value* is one that Kafka takes."""
    return len(value) + OVERHEAD_BYTES <= bytes_max


def broken_entry(value: bytes, error: str, *, bytes_max: int, node: str) -> Entry:
    """Return the dead letter of a transaction that cannot be a record."""
    headers = (
        ("error", error.encode()),
        ("bt_source", node.encode()),
        ("bt_bytes", b"%d" % len(value)),
    )
    return Entry(RAW_CHAIN.name + DLQ_SUFFIX, None, value[: bytes_max - OVERHEAD_BYTES], headers)
