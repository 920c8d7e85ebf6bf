"""Dead letters: what cannot be processed, with its bytes as they came and the reason."""

from schemas.topics import DLQ_SUFFIX
from streams.chunks import Chunk, DeadLetter
from streams.outputs import Output

MOST_REASON_BYTES = 1_000


def dead_letter(chunk: Chunk, letter: DeadLetter) -> Output:
    """Return *letter* as a record of the dead letter topic of the chunk's own topic."""
    record = letter.record
    headers = (
        *record.headers,
        ("error", letter.error.encode()[:MOST_REASON_BYTES]),
        ("source_partition", str(chunk.partition).encode()),
        ("source_offset", str(record.offset).encode()),
    )
    return Output(chunk.topic + DLQ_SUFFIX, chunk.partition, record.key, record.value, headers)
