"""A record that makes us fail is set aside once, and counted like any other."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import pytest

from agents import decode_transactions, read_posts
from domain.decode import decoding
from domain.posts import partition as reading
from schemas.topics import RAW_CHAIN, RAW_X, Topic
from streams.chunks import Chunk, Effects
from tests.shared import market_lines


class Record(NamedTuple):
    """A raw record as Kafka gave it."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int = 0


def effects_of(agent: Any, topic: Topic, values: list[bytes]) -> Effects:
    """Return what an agent makes of one chunk."""
    found: list[Effects] = []

    async def finish(_: Chunk, effects: Effects) -> None:
        found.append(effects)

    records = [Record(offset, None, value) for offset, value in enumerate(values)]
    chunk = Chunk(
        topic=topic.name, partition=0, epoch=1, generation=1, number=1, records=records,
        on_finish=finish,
    )  # fmt: skip

    async def chunks() -> AsyncIterator[Chunk]:
        yield chunk

    asyncio.run(agent.fun.__wrapped__(chunks()))
    return found[0]


def failing(real: Callable[..., Any], poison: bytes) -> Callable[..., Any]:
    """Return a function that fails at one value, as a fault of ours would."""

    def work(value: bytes, *args: Any, **named: Any) -> Any:
        if value == poison:
            raise ZeroDivisionError("a fault of ours")
        return real(value, *args, **named)

    return work


POST = json.dumps({"data": {"id": "1960", "text": "gm", "author_id": "7"}}).encode()


@pytest.mark.parametrize(
    ("agent", "topic", "module", "name", "values"),
    [
        (decode_transactions.decode_transactions, RAW_CHAIN, decoding, "parse_transaction",
         [market_lines()[0], b"poison", b"{", market_lines()[1]]),
        (read_posts.read_posts, RAW_X, reading, "read_wording", [POST, b"poison", b"{", b"poison"]),
    ],
    ids=["decode_transactions", "read_posts"],
)  # fmt: skip
def test_what_makes_us_fail_is_counted_and_set_aside_once(
    agent: Any, topic: Topic, module: Any, name: str, values: list[bytes], monkeypatch: Any
) -> None:
    """Seen is all there was, dead-lettered what was set aside; each has one letter, its own."""
    monkeypatch.setattr(module, name, failing(getattr(module, name), b"poison"))
    effects = effects_of(agent, topic, values)
    counts = effects.progress.counts
    letters = {letter.record.offset: letter.error for letter in effects.dead_letters}
    poisoned = [offset for offset, value in enumerate(values) if value == b"poison"]

    assert len(values) == counts.seen
    assert len(letters) == len(effects.dead_letters) == counts.dead_lettered
    assert {2, *poisoned} <= letters.keys()
    assert all("a fault of ours" in letters[offset] for offset in poisoned)
