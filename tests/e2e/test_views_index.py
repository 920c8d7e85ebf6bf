"""The index process on a real broker: what is written when, and what a restart changes."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.progress import Counts, Progress
from schemas.project import Embedding
from schemas.topics import EMBEDDINGS, POSTS, PROGRESS, TOKENS, TRADES, Topic
from streams import topics
from tests import samples
from tests.brokers import Broker
from tests.caches import Cache, running_cache
from views.contract import TokenQuery, Views
from views.indexer import run_index
from views.open import open_views
from views.settings import ViewSettings

pytestmark = pytest.mark.slow
PARTITIONS = 2


@pytest.fixture
def cache() -> Iterator[Cache]:
    """Give an empty cache."""
    with running_cache() as running:
        yield running


@pytest.fixture
async def settings(
    request: pytest.FixtureRequest, broker: Broker, cache: Cache, tmp_path: Path
) -> ViewSettings:
    """Settings of an index process whose topics are there, empty."""
    await topics.create(broker.kafka, partitions=PARTITIONS)
    store = f"sqlite:///{tmp_path}/store.sqlite"
    if getattr(request, "param", "sqlite") == "elasticsearch":
        store = f"{request.getfixturevalue('elastic').url}/index"
    return ViewSettings(kafka=broker.address, redis=cache.url, store=store)


@asynccontextmanager
async def indexing(settings: ViewSettings) -> AsyncIterator[Views]:
    """Run an index process; give the store as another process sees it."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_index(settings, stop))
    views = open_views(settings.store)
    try:
        yield views
    finally:
        stop.set()
        await views.close()
        await asyncio.wait_for(running, 10)


async def send(settings: ViewSettings, topic: Topic, *values: Any, partition: int = 0) -> int:
    """Put records (or bytes, or None) on a topic; return the next offset."""
    async with AIOKafkaProducer(**settings.cluster.options) as producer:
        for value in values:
            key = samples.key_of(value) if isinstance(value, msgspec.Struct) else "key"
            data = msgspec.json.encode(value) if isinstance(value, msgspec.Struct) else value
            sent = await producer.send_and_wait(
                topic.name, data, key=key.encode(), partition=partition
            )
    return int(sent.offset) + 1


async def until(question: Callable[[], Awaitable[bool]], within_s: float = 30) -> None:
    """Wait until a question is answered with yes."""
    async with asyncio.timeout(within_s):
        while not await question():  # noqa: ASYNC110 - It is another process that we wait for.
            await asyncio.sleep(0.02)


async def test_records_become_visible(settings: ViewSettings) -> None:
    """What stands on a public topic is soon in the store, at the version it has."""
    await send(settings, TOKENS, samples.token("m", name="Kiwi", version=5), partition=1)
    await send(settings, TRADES, samples.trade("m", 1), samples.trade("m", 2))
    async with indexing(settings) as views:

        async def visible() -> bool:
            return (await views.counts()).trades == 2 and await views.token("m") is not None

        await until(visible)
        document = await views.token("m")

        assert document is not None
        assert document.version == 5


async def test_progress_waits_for_what_it_names(settings: ViewSettings) -> None:
    """A progress record is seen only when all outputs that it names are in the store."""
    first = samples.progress("fold", head_slot=1, outputs={TRADES.name: 0})
    second = samples.progress("fold", head_slot=2, outputs={TRADES.name: 2, "btracker.events": 9})
    async with indexing(settings) as views:
        await send(settings, PROGRESS, first, second)

        async def seen() -> list[int]:
            return [p.head_slot for p in await views.progress()]

        async def has(slot: int) -> bool:
            return await seen() == [slot]

        await until(lambda: has(1))
        await send(settings, TRADES, samples.trade("m", 1))

        async def traded() -> bool:
            return (await views.counts()).trades == 1

        await until(traded)
        assert await seen() == [1]

        await send(settings, TRADES, samples.trade("m", 2))
        await until(lambda: has(2))

        assert (await views.counts()).trades == 2


@pytest.mark.parametrize("is_older", [False, True])
async def test_another_store_is_brought_up_to_date(settings: ViewSettings, is_older: bool) -> None:
    """A new store, and one put back from a copy, get what the group had read already."""
    past, now = (samples.progress("fold", outputs={TRADES.name: count}) for count in (1, 3))
    path = Path(settings.store.removeprefix("sqlite:///"))
    copy = path.parent / "copy"
    copy.mkdir()
    await send(settings, TRADES, samples.trade("m", 1))
    await send(settings, PROGRESS, past)
    async with indexing(settings) as views:
        await until(partial(says, views, past))
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, copy)
    await send(settings, TRADES, samples.trade("m", 2), samples.trade("m", 3))
    await send(settings, PROGRESS, now)
    async with indexing(settings) as views:
        await until(partial(says, views, now))
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    for file in copy.iterdir() if is_older else ():
        shutil.copy(file, path.parent)
    async with indexing(settings) as views:
        await until(partial(says, views, now))

        assert (await views.counts()).trades == 3


async def says(views: Views, progress: Progress) -> bool:
    """Return whether a store says what a progress record says."""
    return [p.outputs for p in await views.progress()] == [progress.outputs]


async def test_vectors_are_read_and_told_of(settings: ViewSettings) -> None:
    """No stage speaks of vectors: the index process says how far it is, so a new store has all."""
    tokens, path = [samples.token(mint) for mint in "ab"], settings.store.removeprefix("sqlite:///")
    damaged = Embedding(id="token:c", vector="AAAA", engine="onnx", version="1")
    vectors = [samples.embedding("token:a", 1), damaged, samples.embedding("token:b", 1)]
    end = await send(settings, EMBEDDINGS, *vectors)
    await send(settings, TOKENS, *tokens)
    for _ in range(2):
        async with indexing(settings) as views:

            async def alike() -> bool:
                found = await views.similar_tokens("a", TokenQuery())
                return [(one.item.mint, one.similarity) for one in found.items] == [("b", 1.0)]

            async def told() -> bool:
                said = await views.progress()
                return {EMBEDDINGS.name: end} in [one.outputs for one in said]

            await until(alike)
            await until(told)
            letters = [one.counts.dead_lettered for one in await views.progress()]
            assert 1 == sum(letters)
        for file in Path(path).parent.glob("store.sqlite*"):
            file.unlink()


async def test_progress_of_topics_that_are_gone_is_taken_back(settings: ViewSettings) -> None:
    """Before a new broker has been told everything, the store calls nothing complete."""
    views = open_views(settings.store)
    past = samples.progress("fold", head_slot=9, complete_through_slot=8, counts=Counts(trades=3))
    await views.write(samples.batch(samples.put(past, 5)))
    await views.close()
    async with indexing(settings) as views:

        async def said() -> list[tuple[int, int, int]]:
            found = await views.progress()
            return [(p.head_slot, p.complete_through_slot, p.counts.trades) for p in found]

        async def is_unsaid() -> bool:
            return await said() == [(9, 0, 0)]

        async def is_said() -> bool:
            return await said() == [(9, 8, 3)]

        await until(is_unsaid)
        await send(settings, PROGRESS, past)
        await until(is_said)
    async with indexing(settings) as views:
        await send(settings, TRADES, samples.trade("m", 1))

        async def traded() -> bool:
            return (await views.counts()).trades == 1

        await until(traded)
        assert await said() == [(9, 8, 3)]


async def test_held_progress_survives_a_restart(settings: ViewSettings) -> None:
    """Progress that waited when the process ended is not forgotten by the next one."""
    waiting = samples.progress("fold", head_slot=2, outputs={TRADES.name: 1})
    await send(settings, PROGRESS, waiting)
    await send(settings, TOKENS, samples.token("m"))
    async with indexing(settings) as views:

        async def there() -> bool:
            return await views.token("m") is not None

        await until(there)
    await send(settings, TRADES, samples.trade("m", 1))
    async with indexing(settings) as views:

        async def seen() -> bool:
            return [p.head_slot for p in await views.progress()] == [2]

        await until(seen)


async def test_the_unreadable_is_set_aside(settings: ViewSettings) -> None:
    """Bytes that are no record, and a record no store can take, are dead letters."""
    poison = samples.token("bad", price="cheap")
    bad = (b"\xff{", b'{"mint": 3}', None)
    await send(settings, TOKENS, *bad, poison, samples.token("good"))
    async with indexing(settings) as views:

        async def visible() -> bool:
            return await views.token("good") is not None

        await until(visible)
        assert await views.token("bad") is None
    letters = await dead_letters(settings, TOKENS, 4)

    assert [letter.value for letter in letters] == [*bad, msgspec.json.encode(poison)]
    assert [dict(letter.headers)["source_offset"] for letter in letters] == [b"0", b"1", b"2", b"3"]
    assert all(dict(letter.headers)["error"] for letter in letters)


async def test_what_was_set_aside_counts_once(settings: ViewSettings) -> None:
    """A record that is read again at each start is no second dead letter, nor counted again."""
    await send(settings, TOKENS, b"{", b"}")
    for name in ("first", "second", "third"):
        async with indexing(settings) as views:
            await send(settings, TOKENS, samples.token(name))

            async def visible(mint: str = name, views: Views = views) -> bool:
                return await views.token(mint) is not None and bool(await views.progress())

            await until(visible)
            (said,) = [one for one in await views.progress() if one.stage == "index"]
    await send(settings, TOKENS, b"[")
    async with indexing(settings) as views:

        async def counted(views: Views = views) -> bool:
            return [one.counts.dead_lettered for one in await views.progress()] == [3]

        await until(counted)
    letters = await dead_letters(settings, TOKENS, 3)

    assert (TOKENS.name, 2, 2) == (said.source, said.counts.seen, said.counts.dead_lettered)
    assert [b"{", b"}", b"["] == [letter.value for letter in letters]


@pytest.mark.parametrize("settings", ["elasticsearch"], indirect=True)
async def test_what_the_store_refuses_is_set_aside_alone(settings: ViewSettings) -> None:
    """A number beyond the server's becomes a dead letter with its reason; the rest lands."""
    poison = samples.trade("m", 2, slot=2**63)
    trades = [samples.trade("m", number) for number in (1, 3, 4)]
    await send(settings, TRADES, trades[0], poison, *trades[1:])
    async with indexing(settings) as views:

        async def visible() -> bool:
            return [t.slot for t in (await views.trades("m", limit=9)).items] == [4, 3, 1]

        await until(visible)
    (letter,) = await dead_letters(settings, TRADES, 1)
    headers = dict(letter.headers)

    assert msgspec.json.encode(poison) == letter.value
    assert b"1" == headers["source_offset"]
    assert b"out of range" in headers["error"]


async def dead_letters(settings: ViewSettings, topic: Topic, count: int) -> list[Any]:
    """Return the first dead letters of a topic's first partition."""
    async with AIOKafkaConsumer(**settings.cluster.options) as consumer:
        here = TopicPartition(f"{topic.name}.dlq", 0)
        consumer.assign([here])
        await consumer.seek_to_beginning(here)
        found: list[Any] = []
        async with asyncio.timeout(10):
            while len(found) < count:
                found += (await consumer.getmany(here, timeout_ms=200)).get(here, [])
    return sorted(found, key=lambda letter: int(dict(letter.headers)["source_offset"]))


async def test_a_tombstone_deletes_a_post(settings: ViewSettings) -> None:
    """A post deleted on X is gone here too."""
    async with indexing(settings) as views:
        await send(settings, POSTS, samples.post("key", "launch $KIWI"))

        async def seen() -> bool:
            return await views.post("key") is not None

        async def gone() -> bool:
            return await views.post("key") is None

        await until(seen)
        await send(settings, POSTS, None)
        await until(gone)


async def test_a_killed_process_loses_nothing(settings: ViewSettings) -> None:
    """Cancelled at any moment, the next process ends with every record, once each."""
    for round_ in range(4):
        trades = [samples.trade("m", 100 * round_ + n) for n in range(100)]
        sending = asyncio.create_task(send(settings, TRADES, *trades))
        running = asyncio.create_task(run_index(settings, asyncio.Event()))
        await sending
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    done = samples.progress("fold", counts=Counts(trades=400), outputs={TRADES.name: 400})
    await send(settings, PROGRESS, done)
    async with indexing(settings) as views:

        async def complete() -> bool:
            return [p.counts.trades for p in await views.progress()] == [400]

        await until(complete)

        assert (await views.counts()).trades == 400


async def test_it_waits_for_topics_and_stops_without_them(broker: Broker, tmp_path: Path) -> None:
    """Without topics it waits, creates none, and stops when asked to."""
    settings = ViewSettings(kafka=broker.address, store=f"sqlite:///{tmp_path}/s.sqlite")
    stop = asyncio.Event()
    running = asyncio.create_task(run_index(settings, stop))
    done, _ = await asyncio.wait({running}, timeout=1)
    stop.set()
    await asyncio.wait_for(running, 5)

    assert done == set()
    assert TOKENS.name in await topics.check(broker.kafka, partitions=PARTITIONS)
