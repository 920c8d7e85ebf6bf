"""The live writer behind a real broker and cache: boards, head, restarts, and how long it takes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from domain.amounts import timestamp
from schemas.topics import LIFECYCLE, POSTS, PROGRESS, TOKENS, TRADES, Topic
from streams import topics
from tests import samples
from tests.brokers import Broker
from tests.caches import Cache, running_cache
from tests.e2e.test_live import WAIT_S, Ears, until
from tests.samples import LAUNCH
from views.indexer import run_index
from views.live.message import META
from views.live.reader import LiveReader
from views.open import open_views
from views.settings import ViewSettings

pytestmark = pytest.mark.slow


@pytest.fixture
def cache() -> Iterator[Cache]:
    """Give an empty cache."""
    with running_cache() as running:
        yield running


@pytest.fixture
async def settings(broker: Broker, cache: Cache, tmp_path: Path) -> ViewSettings:
    """Settings of an index process whose topics are there, empty."""
    await topics.create(broker.kafka, partitions=2)
    store = f"sqlite:///{tmp_path}/store.sqlite"
    return ViewSettings(
        kafka=broker.address, redis=cache.url, store=store, board_size=3, board_interval_ms=20
    )


@asynccontextmanager
async def indexing(settings: ViewSettings) -> AsyncIterator[None]:
    """Run an index process."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_index(settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(running, WAIT_S)


@asynccontextmanager
async def reading(settings: ViewSettings) -> AsyncIterator[LiveReader]:
    """Give a reader as the API has it, once there is an epoch."""
    views = open_views(settings.store)
    reader = LiveReader(settings.redis, views, partitions=2, board_size=settings.board_size)
    redis = Redis.from_url(settings.redis)
    await reader.start()
    try:
        async with asyncio.timeout(WAIT_S):
            while reader.head.paused or not await redis.exists(META):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield reader
    finally:
        await reader.close()
        await redis.aclose()
        await views.close()


class Sender:
    """A producer of public records."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, topic: Topic, *records: Any) -> None:
        """Put records on the first partition of a topic."""
        for record in records:
            value = msgspec.json.encode(record)
            await self._producer.send_and_wait(topic.name, value, key=b"k", partition=0)


@asynccontextmanager
async def sending(settings: ViewSettings) -> AsyncIterator[Sender]:
    """Give a producer."""
    async with AIOKafkaProducer(**settings.cluster.options) as producer:
        yield Sender(producer)


def shown(ears: Ears) -> list[str]:
    """Return the board that a client shows: the newest order, of tokens that it knows."""
    known: dict[str, Any] = {}
    order: list[str] = []
    for frame, data in zip(ears.frames, ears.data, strict=True):
        if frame.kind == "reset":
            known = {}
            continue
        order = data.pop("order")
        known.update(data)
    assert set(order) <= set(known)
    return [known[mint]["symbol"] for mint in order]


async def test_boards_are_ranked_on_the_server(settings: ViewSettings) -> None:
    """A board shows the first few in order, follows every change, and fills up from behind."""
    async with indexing(settings), reading(settings) as reader, sending(settings) as sender:
        ears = Ears()
        await reader.subscribe("board", "graduating", ears)

        def moved(mint: str, progress: float | None, version: int, **more: Any) -> Any:
            return samples.token(mint, symbol=mint, progress=progress, version=version, **more)

        steps = [
            (moved("a", 0.1, 1), ["a"]),
            (moved("b", 0.3, 2), ["b", "a"]),
            (moved("c", 0.2, 3), ["b", "c", "a"]),
            (moved("d", 0.25, 4), ["b", "d", "c"]),
            (moved("b", 1.0, 5, stage="completed"), ["d", "c", "a"]),
            (moved("a", 0.9, 6), ["a", "d", "c"]),
        ]
        for token, expected in steps:
            await sender.send(TOKENS, token)
            await until(lambda expected=expected: shown(ears) == expected)
        late = Ears()
        await reader.subscribe("board", "graduating", late)

        assert shown(late) == ["a", "d", "c"]
        assert late.kinds == ["snapshot"]


async def test_a_board_survives_a_restart(settings: ViewSettings) -> None:
    """A new process ranks what the store knows together with what comes."""
    async with sending(settings) as sender:
        async with indexing(settings), reading(settings) as reader:
            tokens = [samples.token(m, symbol=m, progress=p) for m, p in (("a", 0.1), ("b", 0.2))]
            await sender.send(TOKENS, *tokens)
            ears = Ears()
            await reader.subscribe("board", "graduating", ears)
            await until(lambda: shown(ears) == ["b", "a"])
        async with indexing(settings), reading(settings) as reader:
            ears = Ears()
            await reader.subscribe("board", "graduating", ears)
            await sender.send(TOKENS, samples.token("c", symbol="c", progress=0.15))
            await until(lambda: shown(ears) == ["b", "c", "a"])


async def test_launches_posts_and_the_head(settings: ViewSettings) -> None:
    """Launches and posts come as events, a deleted post as such; the head follows progress."""
    async with indexing(settings), reading(settings) as reader, sending(settings) as sender:
        launches, posts = Ears(), Ears()
        await reader.subscribe("launches", "all", launches)
        await reader.subscribe("posts", "all", posts)
        await sender.send(LIFECYCLE, samples.lifecycle("m", "complete", 2))
        await sender.send(LIFECYCLE, samples.lifecycle("m", "launch", 1))
        await sender.send(POSTS, samples.post("1", "hello"))
        for partition in (0, 1):
            record = samples.progress(
                "fold", partition, head_slot=9, chain_time=timestamp(LAUNCH + partition),
                complete_through_slot=7 + partition,
            )  # fmt: skip
            await sender.send(PROGRESS, record)
        await launches.until(2)
        await posts.until(2)
        await until(lambda: reader.head.complete_through_slot == 7)

        assert [d["kind"] for d in launches.data[1:]] == ["launch"]
        assert [d["text"] for d in posts.data[1:]] == ["hello"]
        assert (reader.head.slot, reader.head.chain_time) == (9, LAUNCH + 1)


async def test_a_restart_continues_the_story(settings: ViewSettings) -> None:
    """Over restarts of the process every trade is told once, in an unbroken chain of numbers."""
    async with sending(settings) as sender:
        async with indexing(settings), reading(settings):
            pass
        async with reading(settings) as reader:
            ears = Ears()
            await reader.subscribe("trades", "m", ears)
            for round_ in range(3):
                trades = [samples.trade("m", 10 * round_ + n) for n in range(10)]
                await sender.send(TRADES, *trades[:5])
                async with indexing(settings):
                    await sender.send(TRADES, *trades[5:])
                    await ears.until(1 + 10 * (round_ + 1))

        assert [d["slot"] for d in ears.data[1:]] == list(range(30))
        assert ears.kinds == ["snapshot"] + ["event"] * 30


async def test_a_lost_cache_pauses_live_and_nothing_else(
    settings: ViewSettings, cache: Cache
) -> None:
    """Without the cache the store goes on; when it is back, empty, subscribers begin anew."""
    views = open_views(settings.store)
    async with indexing(settings), reading(settings) as reader, sending(settings) as sender:
        await sender.send(TRADES, samples.trade("m", 1))
        ears = Ears()
        await reader.subscribe("trades", "m", ears)
        cache.kill()
        await sender.send(TRADES, samples.trade("m", 2))
        async with asyncio.timeout(WAIT_S):
            while (await views.counts()).trades < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await until(lambda: reader.head.paused)
        cache.start()
        await until(lambda: ears.kinds[-1] != "event" and "reset" in ears.kinds)
        await sender.send(TRADES, samples.trade("m", 3))
        await until(lambda: told(ears)[-1:] == [3])
    await views.close()

    assert told(ears) == [1, 2, 3]


def told(ears: Ears) -> list[int]:
    """Return the slots of the trades that a client shows: the last snapshot and what follows."""
    begin = max(n for n, kind in enumerate(ears.kinds) if kind == "snapshot")
    items = [trade["slot"] for trade in reversed(ears.data[begin]["items"])]
    return items + [data["slot"] for data in ears.data[begin + 1 :] if data]


async def test_a_record_is_a_frame_within_milliseconds(settings: ViewSettings) -> None:
    """At a hundred trades a second a record is in the subscriber's hands in well under 50 ms."""
    async with indexing(settings), reading(settings) as reader, sending(settings) as sender:
        ears, sent, took = Ears(), {}, []
        receive = ears.receive

        def timed(frame: Any) -> None:
            receive(frame)
            if frame.kind == "event":
                took.append(perf_counter() - sent[frame.slot])

        ears.receive = timed  # type: ignore[method-assign]
        await reader.subscribe("trades", "m", ears)
        began = perf_counter()
        for n in range(300):
            await asyncio.sleep(max(0.0, began + n / 100 - perf_counter()))
            sent[n] = perf_counter()
            await sender.send(TRADES, samples.trade("m", n))
            await sender.send(TOKENS, samples.token("m", trades=n, version=n + 1, holders=n % 7))
        await until(lambda: len(took) == 300)
        took.sort()

        assert took[150] < 0.05
