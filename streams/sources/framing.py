"""Lines of a recording -> raw records: keyed, indexed, with headers; broken ones dead-lettered."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from domain.decode import decode
from domain.errors import UnreadableError
from domain.posts.document import read_document
from schemas.chain_events import Launch
from schemas.fields import Slot
from schemas.topics import DLQ_SUFFIX, METADATA, RAW_CHAIN, RAW_X
from streams.sources.frames import Cursor, Entry, Tally
from streams.sources.lines import post_head, shift_chain, shift_post
from streams.sources.recording import POSTS, Line, Recording

TOPICS = {POSTS: RAW_X.name}
OVERHEAD_BYTES = 1_000
"""Room for key, headers and framing in a record of the largest size."""


class Reading(NamedTuple):
    """A recording being read, and how large a record may get."""

    recording: Recording
    record_bytes_max: int


def read_lines(
    reading: Reading, lines: Sequence[Line], cursor: Cursor
) -> tuple[tuple[Entry, ...], Cursor]:
    """Return the records that *lines* become, in order, and the cursor after them."""
    entries: list[Entry] = []
    for line in lines:
        made, cursor = read_line(reading, line, cursor)
        entries += made
    return tuple(entries), cursor


def read_line(reading: Reading, line: Line, cursor: Cursor) -> tuple[list[Entry], Cursor]:
    """Return the records that one line becomes, and the cursor after it."""
    if line.error:
        return _broken(reading, line, cursor, line.error)
    if not line.data.strip():
        return [], _read(line, cursor)
    try:
        if line.file == POSTS:
            return _post(reading, line, cursor)
        return _transaction(reading, line, cursor)
    except UnreadableError as error:
        return _broken(reading, line, cursor, str(error))


def _transaction(reading: Reading, line: Line, cursor: Cursor) -> tuple[list[Entry], Cursor]:
    data = shift_chain(line.data, cursor.shift)
    decoded = decode(data)
    _guard(reading, data)
    slot = (line.slot or 0) + cursor.shift.slots
    time = int(line.time) + cursor.shift.seconds
    index = _index(cursor, slot)
    headers = (
        ("bt_kind", b"confirmed"),
        ("bt_index", b"%d" % index),
        ("bt_exact", b"1"),
        ("bt_source", reading.recording.name.encode()),
    )
    launches = [event for _, _, event in decoded.events if isinstance(event, Launch)]
    documents = [made for launch in launches for made in _document(reading, launch, time)]
    after = replace(
        _read(line, cursor),
        documents=cursor.documents + len(documents),
        slot=max(cursor.slot, slot),
        time=max(cursor.time, time),
        index=index + 1,
        line_slot=slot,
        head_index=index + 1 if slot >= cursor.slot else cursor.head_index,
    )
    return [Entry(RAW_CHAIN.name, decoded.signature.encode(), data, headers), *documents], after


def _index(cursor: Cursor, slot: Slot) -> int:
    """Return the index of the next line, if that is of *slot*."""
    if slot == cursor.slot:
        return cursor.head_index
    return cursor.index if slot == cursor.line_slot else 0


def _document(reading: Reading, launch: Launch, time: int) -> list[Entry]:
    document = reading.recording.documents.get(launch.uri)
    if document is None:
        return []
    metadata = read_document(launch.mint, launch.uri, bytes(document), fetched_at=time)
    return [Entry(METADATA.name, launch.mint.encode(), msgspec.json.encode(metadata))]


def _post(reading: Reading, line: Line, cursor: Cursor) -> tuple[list[Entry], Cursor]:
    data = shift_post(line.data, cursor.shift)
    _guard(reading, data)
    key = post_head(data).id
    headers = (("bt_source", reading.recording.name.encode()),)
    entry = Entry(RAW_X.name, key.encode() if key else None, data, headers)
    return [entry], _read(line, cursor)


def _guard(reading: Reading, data: bytes) -> None:
    if len(data) + OVERHEAD_BYTES > reading.record_bytes_max:
        raise UnreadableError(
            f"{len(data):,} bytes are more than a record may have ({reading.record_bytes_max:,})"
        )


def _read(line: Line, cursor: Cursor, *, broken: int = 0) -> Cursor:
    """Return the cursor with one more line counted."""
    field = "posts" if line.file == POSTS else "chain"
    tally: Tally = getattr(cursor, field)
    return replace(cursor, **{field: Tally(tally.seen + 1, tally.broken + broken)})


def _broken(reading: Reading, line: Line, cursor: Cursor, error: str) -> tuple[list[Entry], Cursor]:
    after = _read(line, cursor, broken=1)
    number = (after.posts if line.file == POSTS else after.chain).seen
    data = line.data[: reading.record_bytes_max - OVERHEAD_BYTES]
    headers = (
        ("error", error[:500].encode()),
        ("bt_source", reading.recording.name.encode()),
        ("bt_line", b"%d" % number),
        ("bt_bytes", b"%d" % len(line.data)),
    )
    topic = TOPICS.get(line.file, RAW_CHAIN.name) + DLQ_SUFFIX
    return [Entry(topic, None, data, headers)], after
