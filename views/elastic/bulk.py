"""Many documents at once: what is refused is told one by one, what is too much waits."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from domain.errors import StoreError
from views import metrics
from views.elastic import answer
from views.elastic.client import FAULT, WRITE_S, Elastic, may_come_right
from views.elastic.names import Names, Place

CHUNK_BYTES = 4 << 20
CHUNK_LINES = 2_000
FIRST_S, MOST_S, PATIENCE_S = 0.1, 5.0, 60.0
_CONFLICT, _GONE, _BLOCKED = 409, 404, 403


class Line(NamedTuple):
    """A document and how it is put: by ``version``, or by what is there (``rule``)."""

    place: Place
    key: str
    body: bytes
    rule: dict[str, Any]


class Refused(NamedTuple):
    """A document that was not taken, and why; ``is_conflict``: another one is there."""

    line: Line
    why: str
    is_conflict: bool = False


class Delayed(NamedTuple):
    """A document that may be taken later, with what was said of it."""

    line: Line
    status: int
    why: str


class Places(Protocol):
    """Who makes indices that are missing."""

    async def make(self, places: Iterable[Place]) -> None:
        """Make some indices."""


async def send(
    elastic: Elastic, names: Names, places: Places, lines: Sequence[Line]
) -> list[Refused]:
    """Put documents; return those that were refused, while all others have landed.

    Raises:
        StoreError: it does not answer, or had too much to do for longer than ``PATIENCE_S``.
    """
    return [
        refused
        for chunk in _chunks(lines)
        for refused in await _persist(elastic, names, places, chunk)
    ]


async def _persist(
    elastic: Elastic, names: Names, places: Places, lines: Sequence[Line]
) -> list[Refused]:
    """Put a chunk, again and again those that were not taken for no fault of theirs."""
    refused: list[Refused] = []
    delay_s, waited_s = FIRST_S, 0.0
    left = await _once(elastic, names, lines, refused)
    while left:
        if waited_s >= PATIENCE_S:
            if not _is_about(left, of=len(lines)):
                raise StoreError(f"{elastic.host} has too much to do, or a fault of its own.")
            # Others cannot wait behind them for ever.
            refused += [Refused(one.line, one.why) for one in left]
            break
        await places.make({one.line.place for one in left if one.status == _GONE})
        metrics.STORE_BUSY.set(len(left))
        await asyncio.sleep(delay_s)
        waited_s, delay_s = waited_s + delay_s, min(2 * delay_s, MOST_S)
        left = await _once(elastic, names, [one.line for one in left], refused)
    metrics.STORE_BUSY.set(0)
    return refused


def _is_about(left: Sequence[Delayed], *, of: int) -> bool:
    """Whether the server fails over these documents each time, while it takes others."""
    return all(one.status == FAULT for one in left) and (len(left) < of or of == 1)


async def _once(
    elastic: Elastic, names: Names, lines: Sequence[Line], refused: list[Refused]
) -> list[Delayed]:
    """Put a chunk once; return those to be tried again."""
    body = b"".join(part for line in lines for part in _told(names, line))
    found = await elastic.ask(
        "POST", "/_bulk", body, within_s=WRITE_S, filter_path="errors,items.*.status,items.*.error"
    )
    if found.startswith(b'{"errors":false'):
        return []
    again = []
    for line, item in zip(lines, answer.bulk(found).items, strict=True):
        (done,) = item.values()
        if done.error is None:
            continue
        if may_come_right(done.status) or done.error.type == "index_not_found_exception":
            again.append(Delayed(line, done.status, _reason(done.error)))
        elif done.status == _BLOCKED:
            raise StoreError(f"{elastic.host} lets nothing be written: {done.error.reason}.")
        elif done.status == _CONFLICT:
            refused.append(Refused(line, "another one is there", is_conflict=True))
        else:
            refused.append(Refused(line, _reason(done.error)))
    return again


def _told(names: Names, line: Line) -> Iterator[bytes]:
    action = {
        "_index": names.write(line.place),
        "_id": line.key,
        "require_alias": names.generation is None,
        **line.rule,
    }
    yield msgspec.json.encode({"index": action})
    yield b"\n"
    yield line.body
    yield b"\n"


def _reason(error: answer.Error) -> str:
    cause = (error.caused_by or {}).get("reason")
    return f"{error.type}: {error.reason}" + (f" ({cause})" if cause else "")


def _chunks(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    start, size = 0, 0
    for end, line in enumerate(lines):
        if end > start and (size + len(line.body) > CHUNK_BYTES or end - start >= CHUNK_LINES):
            yield lines[start:end]
            start, size = end, 0
        size += len(line.body)
    if lines:
        yield lines[start:]
