"""Posts deleted by hand: what ``btracker x delete`` does."""

from collections.abc import Sequence
from pathlib import Path

from aiokafka.errors import KafkaError

from domain.errors import BtrackerError
from schemas.kafka import Kafka
from schemas.topics import ENGAGEMENTS
from streams.sources.frames import Cursor, Frame
from streams.sources.journal import note_deletions
from streams.sources.publisher import open_publisher
from streams.sources.x.desk import SOURCE, deletion
from streams.sources.x.engagement import taken_back
from streams.sources.x.watch import Watch, linked, recall

RECORD_BYTES = 1_000_000


async def delete_posts(kafka: Kafka, journal: Path, ids: Sequence[str]) -> int:
    """Let posts be forgotten, named by any of their versions; return how many.

    A journal in the folder *journal* is told as well: after a restart it would say them again.

    Raises:
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    watch = Watch()
    try:
        await recall(kafka, watch)
        firsts = tuple(dict.fromkeys(watch.first_of(one) or one for one in ids))
        mints = await linked(kafka, firsts)
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} has failed: {error!r}.") from error
    note_deletions(journal, firsts)
    entries = tuple(deletion(first, sorted(mints[first])) for first in firsts)
    async with await open_publisher(kafka, record_bytes_max=RECORD_BYTES) as publisher:
        await publisher.publish(Frame(SOURCE, SOURCE, entries, None, Cursor()))
        await publisher.drain()
        for first in firsts:
            # A collector does it too; there may be none.
            await publisher.report(ENGAGEMENTS, first, None, taken_back(first))
    return len(firsts)
