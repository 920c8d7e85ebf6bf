"""The live feed over a real cache: numbers without a hole, exact resumption, an honest reset."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from domain.amounts import timestamp
from domain.candles import RESOLUTIONS, finer
from domain.errors import StoreError, UsageError
from schemas.candle import VersionedTrade
from tests import samples
from tests.caches import Cache, running_cache
from tests.samples import LAUNCH, batch, put
from views.boards import BOARDS
from views.candles import CandleQuery, candles
from views.live import reader as reader_module
from views.live import snapshots as snapshots_module
from views.live.contract import Frame, Resume
from views.live.drafting import Drafting
from views.live.message import Place
from views.live.publisher import Publisher
from views.live.ranking import Board, candidate
from views.live.reader import LiveReader
from views.memory import MemoryViews
from views.writes import Write

pytestmark = pytest.mark.slow
HISTORY = 8
WAIT_S = 30


@pytest.fixture
def cache() -> Iterator[Cache]:
    """Give an empty cache."""
    with running_cache() as running:
        yield running


class Writer:
    """The writing side without a broker: writes become frames as they are given."""

    def __init__(self, url: str) -> None:
        self.redis = Redis.from_url(url)
        self.publisher = Publisher(self.redis, history_frames=HISTORY, history_s=60)
        self.drafting = Drafting()

    async def send(self, *records: Any) -> None:
        """Publish records and writes, each as a batch of its own."""
        for record in records:
            write = record if isinstance(record, Write) else put(record)
            noun = samples.NOUNS[type(write.record)]
            drafts = list(self.drafting.drafts({noun: [write]}))
            await self.publisher.publish(drafts, notes={"t:0": "1:2"})


@asynccontextmanager
async def writing(cache: Cache) -> AsyncIterator[Writer]:
    """Give a writer that goes on from what the cache knows."""
    writer = Writer(cache.url)
    if await writer.publisher.resume() is None:
        await writer.publisher.begin_epoch({"t:0": "1:0"})
    try:
        yield writer
    finally:
        await writer.redis.aclose()


@asynccontextmanager
async def reading(cache: Cache, views: MemoryViews | None = None) -> AsyncIterator[LiveReader]:
    """Give a reader that is connected."""
    reader = LiveReader(cache.url, views or MemoryViews(), partitions=1)
    await reader.start()
    try:
        await until(lambda: not reader.head.paused)
        yield reader
    finally:
        await reader.close()


class Ears:
    """A sink that remembers everything, and checks the chain of numbers."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.last: tuple[str, int] | None = None
        self._came = asyncio.Event()

    def receive(self, frame: Frame) -> None:
        if frame.prev is not None and self.last is not None:
            assert (frame.epoch, frame.prev) == self.last
        assert msgspec.json.decode(frame.body)["seq"] == frame.seq
        self.last = (frame.epoch, frame.seq)
        self.frames.append(frame)
        self._came.set()

    async def until(self, count: int) -> list[Frame]:
        """Wait until so many frames have come."""
        async with asyncio.timeout(WAIT_S):
            while len(self.frames) < count:
                self._came.clear()
                await self._came.wait()
        return self.frames

    @property
    def kinds(self) -> list[str]:
        return [frame.kind for frame in self.frames]

    @property
    def data(self) -> list[Any]:
        return [msgspec.json.decode(frame.data) for frame in self.frames]


async def until(question: Any) -> None:
    """Wait until a question is answered with yes."""
    async with asyncio.timeout(WAIT_S):
        while not question():  # noqa: ASYNC110 - It is another process that we wait for.
            await asyncio.sleep(0.01)


async def test_a_token_begins_with_its_state_and_goes_on_with_changes(cache: Cache) -> None:
    """First the whole token, then only what changed, with the version."""
    async with writing(cache) as writer, reading(cache) as reader:
        await writer.send(put(samples.token("m", name="Kiwi", version=1), 1))
        ears = Ears()
        await reader.subscribe("token", "m", ears)
        await writer.send(put(samples.token("m", name="Kiwi", holders=3, version=2), 2))
        await ears.until(2)

        assert ears.kinds == ["snapshot", "delta"]
        assert ears.data[0]["name"] == "Kiwi"
        assert ears.data[1] == {"holders": 3, "version": 2}


async def test_an_older_version_is_never_sent(cache: Cache) -> None:
    """The version that a client sees does not go down, over a restart of the writer too."""
    async with reading(cache) as reader:
        ears = Ears()
        async with writing(cache) as writer:
            await writer.send(put(samples.token("m", holders=5, version=5), 5))
            await reader.subscribe("token", "m", ears)
            await writer.send(put(samples.token("m", holders=4, version=4), 4))
        async with writing(cache) as writer:
            await writer.publisher.recall(["m"], writer.drafting)
            await writer.send(put(samples.token("m", holders=3, version=3), 3))
            await writer.send(put(samples.token("m", holders=6, version=6), 6))
        await ears.until(2)

        assert [data["version"] for data in ears.data] == [5, 6]


async def test_the_store_answers_for_a_quiet_token(cache: Cache) -> None:
    """What the cache does not know comes from the store; what nobody knows is empty."""
    views = MemoryViews()
    await views.write(batch(samples.token("m", name="Kiwi")))
    async with writing(cache) as writer, reading(cache, views) as reader:
        known, unknown = Ears(), Ears()
        await reader.subscribe("token", "m", known)
        await reader.subscribe("token", "x", unknown)
        await writer.send(put(samples.token("x", version=2), 2))
        await unknown.until(2)

        assert known.data[0]["name"] == "Kiwi"
        assert unknown.data[0] == {}
        assert unknown.data[-1]["mint"] == "x"


async def test_a_store_ahead_of_the_feed_does_not_make_the_version_go_down(cache: Cache) -> None:
    """What the store's state holds already is left out; what is newer follows."""
    views = MemoryViews()
    await views.write(batch(put(samples.token("m", holders=5, version=5), 5)))
    async with writing(cache) as writer, reading(cache, views) as reader:
        ears = Ears()
        await reader.subscribe("token", "m", ears)
        ears.last = None
        await writer.send(put(samples.token("m", holders=4, version=4), 4))
        await writer.send(put(samples.token("m", holders=6, version=6), 6))
        await ears.until(2)

        assert [data["version"] for data in ears.data] == [5, 6]


async def test_resuming_gives_exactly_what_was_missed(cache: Cache) -> None:
    """With the last number seen, from any place in the history, nothing is lost or repeated."""
    async with writing(cache) as writer, reading(cache) as reader:
        trades = [samples.trade("m", n) for n in range(HISTORY)]
        await writer.send(*trades)
        first = Ears()
        await reader.subscribe("trades", "m", first)
        epoch, last = first.frames[0].epoch, first.frames[0].seq
        for missed in range(HISTORY):
            ears = Ears()
            await reader.subscribe("trades", "m", ears, resume=Resume(epoch, last - missed))

            assert [d["id"] for d in ears.data] == [t.id for t in trades[HISTORY - missed :]]
            assert ears.kinds == ["event"] * missed


async def test_a_reset_where_history_is_gone(cache: Cache) -> None:
    """What is older than the history, of another epoch or of the future begins anew, openly."""
    async with writing(cache) as writer, reading(cache) as reader:
        await writer.send(*(samples.trade("m", n) for n in range(HISTORY + 3)))
        first = Ears()
        await reader.subscribe("trades", "m", first)
        epoch, last = first.frames[0].epoch, first.frames[0].seq
        for resume in (
            Resume(epoch, last - HISTORY - 1), Resume("other", last), Resume(epoch, last + 1),
        ):  # fmt: skip
            ears = Ears()
            await reader.subscribe("trades", "m", ears, resume=resume)

            assert ears.kinds == ["reset", "snapshot"]
            assert [frame.seq for frame in ears.frames] == [last, last]


async def test_subscribing_while_it_rains_misses_nothing(cache: Cache) -> None:
    """Whenever a subscriber comes, its snapshot and what follows are one unbroken story."""
    async with writing(cache) as writer, reading(cache) as reader:

        async def rain() -> None:
            for n in range(300):
                await writer.send(samples.trade("m", n))

        raining = asyncio.create_task(rain())
        listeners = []
        while not raining.done():
            ears = Ears()
            await reader.subscribe("trades", "m", ears)
            listeners.append(ears)
        await raining
        for ears in listeners:
            await until(lambda ears=ears: ears.last == (writer.publisher.epoch, 300))
            shown = [t["id"] for t in reversed(ears.data[0]["items"])]
            told = shown + [d["id"] for d in ears.data[1:]]

            assert told[-HISTORY:] == [f"{n}:m:2" for n in range(300 - HISTORY, 300)]
            assert len(told) == len(set(told))
        assert len(listeners) > 10


async def test_a_message_lost_on_the_way_is_fetched(cache: Cache) -> None:
    """A hole in the numbers is closed from the history; sinks see no hole."""
    async with writing(cache) as writer, reading(cache) as reader:
        await writer.send(samples.trade("m", 0))
        ears = Ears()
        await reader.subscribe("trades", "m", ears)
        feed = next(f for f in reader._feeds.values() if f.place.channel == "trades")
        take, feed.receive = feed.receive, lambda message: None  # type: ignore[method-assign]
        await writer.send(samples.trade("m", 1), samples.trade("m", 2))
        await asyncio.sleep(0)
        ping = Ears()
        await reader.subscribe("trades", "m", ping)  # Its answer comes behind the lost messages.
        feed.receive = take  # type: ignore[method-assign]
        await writer.send(samples.trade("m", 3))
        await ears.until(4)

        assert [d["slot"] for d in ears.data[1:]] == [1, 2, 3]


async def test_a_cache_that_forgot_means_a_reset(cache: Cache) -> None:
    """When the cache comes back empty, live pauses, says so, and everybody begins anew."""
    async with reading(cache) as reader:
        async with writing(cache) as writer:
            await writer.send(samples.trade("m", 0))
            ears = Ears()
            await reader.subscribe("trades", "m", ears)
        cache.kill()
        await until(lambda: reader.head.paused)
        with pytest.raises(StoreError):
            await reader.subscribe("trades", "m", Ears())
        cache.start()
        async with writing(cache) as writer:
            await writer.send(samples.trade("m", 1))
            await ears.until(3)

        assert ears.kinds[:3] == ["snapshot", "reset", "snapshot"]
        assert ears.frames[0].epoch != ears.frames[-1].epoch
        assert ears.frames[-1].epoch == writer.publisher.epoch


@pytest.mark.parametrize(("channel", "key"), [("token", "m"), ("board", "new")])
async def test_a_cache_that_forgot_does_not_make_a_version_go_down(
    cache: Cache, caplog: pytest.LogCaptureFixture, channel: Any, key: str
) -> None:
    """Where the store is behind what was sent, the new beginning waits for it."""
    views, old, new = MemoryViews(), *(put(samples.token("m", version=v), v) for v in (1, 2))
    await views.write(batch(old))
    board = Board("new", BOARDS["new"], size=9)
    async with reading(cache, views) as reader:
        async with writing(cache) as writer:
            ears = Ears()
            await reader.subscribe(channel, key, ears)
            board.take(candidate(new.record, new.body))
            await writer.send(new)
            await writer.publisher.publish([board.draft()], notes={})
            await ears.until(2)
        cache.kill()
        await until(lambda: reader.head.paused)
        cache.start()
        await until(lambda: "The store is behind" in caplog.text or ears.frames[2:])
        await views.write(batch(new))
        frames = await ears.until(4)

    assert ["snapshot", "delta", "reset", "snapshot"] == [frame.kind for frame in frames]
    assert b'"version":2' in frames[-1].body


async def test_who_comes_when_all_is_forgotten_does_not_go_back(cache: Cache) -> None:
    """A client that connects anew is not given less than it had, be the store behind or not."""
    views, old, new = MemoryViews(), *(put(samples.token("m", version=v), v) for v in (1, 2))
    await views.write(batch(old))
    async with writing(cache) as writer, reading(cache, views) as reader:
        before, after = Ears(), Ears()
        await reader.subscribe("token", "m", before)
        await writer.send(new)
        await before.until(2)
        await writer.redis.flushall()
        coming = asyncio.create_task(reader.subscribe("token", "m", after))
        await asyncio.wait([coming], timeout=0.2)
        await views.write(batch(new))
        await coming

    assert {2} == {data["version"] for data in after.data if data}


async def test_a_message_that_makes_no_sense_ends_nothing(cache: Cache) -> None:
    """What somebody else says in our place is not passed on; what follows is."""
    async with writing(cache) as writer, reading(cache) as reader:
        ears = Ears()
        await reader.subscribe("trades", "m", ears)
        await writer.redis.publish(Place("trades", "m").wire, b"nonsense")
        await writer.send(samples.trade("m", 0), samples.trade("m", 1))
        await ears.until(3)

        assert ["snapshot", "event", "event"] == ears.kinds


async def test_who_begins_while_nothing_is_known_is_told_the_same(cache: Cache) -> None:
    """A cache that was emptied under a writer that goes on: old and new subscribers hear it all."""
    async with writing(cache) as writer, reading(cache) as reader:
        await writer.send(samples.trade("m", 0))
        old, new = Ears(), Ears()
        await reader.subscribe("trades", "m", old)
        await writer.redis.flushall()
        await reader.subscribe("trades", "m", new)
        await writer.send(samples.trade("m", 1))
        await until(lambda: all(one.last == (writer.publisher.epoch, 2) for one in (old, new)))

        assert all(["reset", "snapshot"] == one.kinds[-2:] for one in (old, new))


async def test_a_new_writer_goes_on_counting(cache: Cache) -> None:
    """A restarted writer keeps epoch, numbers and notes; clients notice nothing."""
    async with reading(cache) as reader:
        ears = Ears()
        async with writing(cache) as writer:
            await writer.send(samples.trade("m", 0))
            await reader.subscribe("trades", "m", ears)
        async with writing(cache) as writer:
            notes = await writer.publisher.resume()
            await writer.send(samples.trade("m", 1))
        await ears.until(2)

        assert notes == {"t:0": "1:2"}
        assert ears.kinds == ["snapshot", "event"]


async def test_candles_of_every_resolution_equal_the_stored_ones(cache: Cache) -> None:
    """Live candles are those that REST answers once the same records are in the store."""
    views = MemoryViews()
    start = LAUNCH - LAUNCH % 86_400 + 86_400 - 130
    async with writing(cache) as writer, reading(cache, views) as reader:
        listeners = {}
        for resolution in RESOLUTIONS:
            listeners[resolution] = Ears()
            await reader.subscribe("candles", f"m:{resolution}", listeners[resolution])
        at = [start, start + 3, start + 61, start + 62, start + 131, start + 140]
        for n, t in enumerate(at):
            price = str(5 + (n * 7) % 4)
            trade = put(samples.trade("m", n, time=timestamp(t), price=price), n + 1)
            before = [w for w in at[: n + 1] if w // 60 == t // 60]
            prices = [str(5 + (at.index(w) * 7) % 4) for w in before]
            minute = samples.minute(
                "m", t // 60 * 60, open=prices[0], close=prices[-1], high=max(prices),
                low=min(prices), trades=len(prices), volume=str(len(prices)), rev=n + 1,
            )  # fmt: skip
            await writer.send(trade, put(minute, n + 1))
            await views.write(batch(trade, put(minute, n + 1)))
        for resolution, ears in listeners.items():
            await until(lambda ears=ears: ears.data[-1].get("rev") == len(at))
            query = CandleQuery(mint="m", resolution=resolution, now=at[-1], empty=False)
            expected = msgspec.to_builtins(await candles(views, query))
            newest: dict[str, Any] = {}
            for data in ears.data[1:]:
                assert data["rev"] > newest.get(data["time"], {"rev": 0})["rev"]
                newest[data["time"]] = data

            assert list(expected) == [newest[t] for t in sorted(newest)]


async def test_fine_candles_wait_for_a_store_that_is_behind_the_feed(cache: Cache) -> None:
    """What the cache keeps no more and the store has not yet is missing in no candle."""
    views, end = MemoryViews(), LAUNCH + HISTORY
    trades = [
        put(samples.trade("m", n, time=timestamp(LAUNCH + n // 4), price=str(5 + n % 7)), n + 1)
        for n in range(4 * HISTORY)
    ]
    *known, last = trades
    await views.write(batch(*known[:4], samples.progress("fold", chain_time=timestamp(end))))
    async with writing(cache) as writer, reading(cache, views) as reader:
        await until(lambda: reader.head.chain_time == end)
        await writer.send(*known)
        ears, other = Ears(), Ears()
        await reader.subscribe("trades", "m", other)
        subscribing = asyncio.create_task(reader.subscribe("candles", "m:1s", ears))
        await writer.send(last)
        # Who follows the trades themselves does not wait.
        await other.until(2)

        assert [] == ears.frames
        await views.write(batch(*trades))
        await subscribing
        told = [VersionedTrade(write.version, samples.tick(write.record)) for write in trades]
        expected = {c.time: msgspec.to_builtins(c) for c in finer(told, step=1, now=end)}
        await until(lambda: shown(ears)[max(expected)]["rev"] == len(trades))

        assert expected == shown(ears)


async def test_fine_candles_of_who_comes_while_the_feed_is_slow(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot has all that it says it has, also what the process has not heard yet."""
    views, end = MemoryViews(), LAUNCH + HISTORY
    trades = [put(samples.trade("m", n, price=str(5 + n % 7)), n + 1) for n in range(3 * HISTORY)]
    await views.write(batch(samples.progress("fold", chain_time=timestamp(end))))
    async with writing(cache) as writer, reading(cache, views) as reader:
        await until(lambda: reader.head.chain_time == end)
        await reader.subscribe("candles", "m:1s", Ears())
        # The cache keeps all of the first, and not all of the second.
        for heard, late in ((0, 4), (4, 3 * HISTORY)):
            ears, unheard = Ears(), []
            with monkeypatch.context() as slow:
                slow.setattr(reader, "_take", unheard.append)
                await writer.send(*trades[heard:late])
                await views.write(batch(*trades[heard:late]))
                await reader.subscribe("candles", "m:1s", ears)
            for answer in unheard:
                reader._take(answer)
            told = [
                VersionedTrade(write.version, samples.tick(write.record)) for write in trades[:late]
            ]
            expected = {c.time: msgspec.to_builtins(c) for c in finer(told, step=1, now=end)}

            assert expected == shown(ears)


def shown(ears: Ears) -> dict[str, Any]:
    """Return the candles that somebody has who began with a snapshot, by their times."""
    return {c["time"]: c for c in [*ears.data[0]["items"], *ears.data[1:]]}


async def test_a_store_that_stays_behind_is_said_to_be(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Candles that would be wrong are not shown: the client is told to come back."""
    monkeypatch.setattr(snapshots_module, "BEHIND_S", 0.0)
    async with writing(cache) as writer, reading(cache) as reader:
        await writer.send(*[put(samples.trade("m", n), n + 1) for n in range(2 * HISTORY)])
        with pytest.raises(StoreError, match="behind"):
            await reader.subscribe("candles", "m:1s", Ears())


async def test_a_change_of_long_ago_begins_fine_candles_anew(cache: Cache) -> None:
    """A trade filled in far in the past cannot be told as one candle: a reset tells it."""
    views = MemoryViews()
    new = put(samples.trade("m", 9, time=timestamp(LAUNCH)), 9)
    old = put(samples.trade("m", 1, time=timestamp(LAUNCH - 9000)), 10)
    await views.write(batch(new, samples.progress("fold", chain_time=timestamp(LAUNCH))))
    async with writing(cache) as writer, reading(cache, views) as reader:
        await until(lambda: reader.head.chain_time == LAUNCH)
        await writer.send(new)
        ears = Ears()
        await reader.subscribe("candles", "m:5s", ears)
        await views.write(batch(old))
        await writer.send(old)
        await ears.until(3)

        assert ears.kinds == ["snapshot", "reset", "snapshot"]
        assert [c["time"] for c in ears.data[-1]["items"]] == [
            timestamp(LAUNCH - 9000), timestamp(LAUNCH),
        ]  # fmt: skip


async def test_accounts_come_by_their_addresses(cache: Cache) -> None:
    """The holders channel begins with the largest accounts and goes on with those that change."""
    views = MemoryViews()
    await views.write(batch(samples.account("m", "a", "ann", 5), samples.account("m", "b", "b", 0)))
    async with writing(cache) as writer, reading(cache, views) as reader:
        ears = Ears()
        await reader.subscribe("holders", "m", ears)
        await writer.send(put(samples.account("m", "b", "bob", 7, version=2), 2))
        await ears.until(2)

        assert list(ears.data[0]) == ["a"]
        assert ears.data[-1]["b"]["owner"] == "bob"


@pytest.mark.parametrize(
    ("channel", "key"),
    [("board", "best"), ("candles", "m:7m"), ("candles", "m"), ("status", "x"), ("gossip", "all")],
)
async def test_what_there_is_not_is_refused(cache: Cache, channel: Any, key: str) -> None:
    """A channel, board or resolution that does not exist is the caller's error."""
    async with reading(cache) as reader:
        with pytest.raises(UsageError):
            await reader.subscribe(channel, key, Ears())


async def test_a_closed_subscription_hears_nothing(cache: Cache) -> None:
    """Whoever leaves gets nothing more; whoever stays does; an empty place is let go."""
    async with writing(cache) as writer, reading(cache) as reader:
        gone, stays = Ears(), Ears()
        seat = await reader.subscribe("trades", "m", gone)
        other = await reader.subscribe("trades", "m", stays)
        seat.close()
        await writer.send(samples.trade("m", 1))
        await stays.until(2)
        other.close()

        assert gone.kinds == ["snapshot"]
        assert [f.place.channel for f in reader._feeds.values()] == ["status"]


async def test_a_pause_is_said_once_and_its_end(caplog, monkeypatch) -> None:
    """However often a cache that is gone is tried, the log has one line, and one for its end."""
    caplog.set_level("INFO", reader_module.__name__)
    monkeypatch.setattr(reader_module, "_RETRY_S", 0.01)
    tries = 0
    cache = Cache()
    reader = LiveReader(cache.url, MemoryViews(), partitions=1)
    listen = reader._listen

    async def counted(pubsub: Any) -> None:
        nonlocal tries
        tries += 1
        await listen(pubsub)

    monkeypatch.setattr(reader, "_listen", counted)
    await reader.start()
    try:
        async with asyncio.timeout(WAIT_S):
            while tries < 5:  # noqa: ASYNC110 - It is the reader that we wait for.
                await asyncio.sleep(0.01)
            await asyncio.to_thread(cache.start)
            while reader.head.paused:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        await reader.close()
        cache.kill()

    assert ["pauses", "goes on"] == [
        "pauses" if "pauses" in line else "goes on" for line in caplog.messages
    ]


async def test_thousands_may_begin_at_once(cache: Cache) -> None:
    """Who subscribes while others do waits for the next look at the cache, and shares it."""
    async with writing(cache) as writer, reading(cache) as reader:
        await writer.send(put(samples.token("m", version=1), 1), samples.trade("m", 1))
        places = ("token", "trades", "holders")
        everybody = [(place, Ears()) for place in places for _ in range(500)]
        subscribing = [
            asyncio.create_task(reader.subscribe(place, "m", ears))  # type: ignore[arg-type]
            for place, ears in everybody
        ]
        await writer.send(put(samples.token("m", holders=7, version=2), 2))
        await asyncio.gather(*subscribing)
        await writer.send(put(samples.token("m", holders=8, version=3), 3))
        for place, ears in everybody:
            if place == "token":
                await until(lambda ears=ears: ears.data[-1]["version"] == 3)

        assert {"snapshot"} == {ears.kinds[0] for _, ears in everybody}
