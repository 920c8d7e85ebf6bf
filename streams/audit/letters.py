"""Dead letters by the record that they are of."""

from collections import defaultdict
from collections.abc import Iterable

from aiokafka import ConsumerRecord

from domain.audit.findings import Finding
from schemas.topics import CATALOGUE, DLQ_SUFFIX
from streams.audit.case import Case
from streams.audit.cut import Part
from streams.lines import Place
from streams.log import Log
from streams.standing import stage_of


async def letters_by_place(log: Log) -> dict[Place, set[int]]:
    """Return the offsets of all records that were set aside, by their partition."""
    found = defaultdict[Place, set[int]](set)
    places = log.places(topic.name + DLQ_SUFFIX for topic in CATALOGUE if topic.dead_letters)
    for place, span in (await log.spans(places)).items():
        async for records in log.read(place, span):
            for record in records:
                if source := _source(record):
                    partition, offset = source
                    found[place[0].removesuffix(DLQ_SUFFIX), partition].add(offset)
    return dict(found)


def check_letters(case: Case, part: Part, refused: Iterable[int]) -> None:
    """Find the *refused* records of which there is no dead letter."""
    topic, partition = part.place
    for offset in refused:
        if offset not in case.letters_of(part):
            case.found.add(
                Finding(
                    stage=stage_of(part.place).name,
                    partition=partition,
                    kind="missing",
                    topic=topic + DLQ_SUFFIX,
                    what=f"a record that cannot be read is not on {topic}{DLQ_SUFFIX}",
                    input=topic,
                    offsets=(offset, offset),
                )
            )


def _source(record: ConsumerRecord) -> tuple[int, int] | None:
    """Return the partition and offset of the record that a letter is of, None for a note."""
    headers = dict(record.headers)
    stated = [headers.get(name, b"") for name in ("source_partition", "source_offset")]
    if "error" not in headers or not all(part.isdigit() for part in stated):
        return None
    partition, offset = map(int, stated)
    return partition, offset
